"""The formats of an export."""

from django.db.models import TextChoices

from applications.models import FileFormat
from applications.sheets import excel_file
from applications.sheets.csv_file import Encoding


class Format(TextChoices):
    EXCEL = "xlsx", "Excel"
    CSV = "csv", "CSV（UTF-8）"
    CSV_PLAIN = "csv_utf8", "CSV（UTF-8、BOMなし）"
    CSV_CP932 = "csv_cp932", "CSV（シフトJIS・CP932）"
    PDF = "pdf", "PDF"
    ZIP = "zip", "添付ファイルのZIP"
    JSON = "json", "JSON（A票・B票）"

    @property
    def recorded(self) -> FileFormat:
        return FileFormat.CSV if self.is_csv else FileFormat(self.value)

    @property
    def extension(self) -> str:
        return str(self.recorded.value)

    @property
    def is_csv(self) -> bool:
        return self in ENCODINGS

    @property
    def content_type(self) -> str:
        return ENCODINGS[self].content_type if self.is_csv else CONTENT_TYPES[self]

    @property
    def help(self) -> str:
        return HELP[self]


ENCODINGS = {
    Format.CSV: Encoding.UTF8_BOM,
    Format.CSV_PLAIN: Encoding.UTF8,
    Format.CSV_CP932: Encoding.CP932,
}
CONTENT_TYPES = {
    Format.EXCEL: excel_file.CONTENT_TYPE,
    Format.PDF: "application/pdf",
    Format.ZIP: "application/zip",
    Format.JSON: "application/json",
}
HELP = {
    Format.EXCEL: "数値と日付はそのまま計算に使えます。繰り返しの項目と、項目の一覧は別のシートに入ります。",
    Format.CSV: "Excelでそのまま開けます。通常はこちらを選びます。",
    Format.CSV_PLAIN: "UTF-8だけを読むシステムに渡すときに選びます。",
    Format.CSV_CP932: "シフトJISだけを読むシステムに渡すときに選びます。ない文字は〓にして、その一覧を付けます。",
    Format.PDF: "1件ごとに改ページします。印刷や保管に使います。",
    Format.ZIP: "住民が添付したファイルを、受付番号ごとのフォルダに分けて入れます。",
    Format.JSON: "ほかのシステムに渡すための、A票（申請者など）とB票（申請の内容）です。",
}
# Made while they are sent, when there are not many applications; all others are made in the background
AT_ONCE = frozenset({Format.EXCEL, Format.CSV})
AT_ONCE_MOST = 5_000  # applications
PDF_MOST = 1_000
