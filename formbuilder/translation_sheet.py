"""翻訳ファイル: an Excel sheet for translators, one row for each text, one column for each language."""

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from formbuilder.translating import Text, Translations
from formbuilder.translations import OTHERS

SOURCE, WHERE = "日本語（変えないでください）", "場所"
LARGEST = 5 * 1024 * 1024
LARGEST_UNPACKED = 50 * 1024 * 1024
MOST_ROWS = 5_000


class SheetRefused(Exception):
    """The file cannot be read; the message says what to do."""


def sheet_of(texts: Iterable[Text], said: Translations) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "翻訳"
    rows = [[SOURCE, WHERE, *(language.label for language in OTHERS)]]
    rows += [
        [text.source, text.where, *(said.get(language.code, {}).get(text.source, "") for language in OTHERS)]
        for text in texts
    ]
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column, text)
            cell.data_type = "s"  # =1+1 is a text, too
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column in range(1, len(rows[0]) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 40
    sheet.freeze_panes = "C2"
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def read_sheet(content: bytes) -> dict[str, dict[str, str]]:
    """Language -> Japanese text -> translation, as far as cells are filled in. Raises SheetRefused."""
    if len(content) > LARGEST:
        raise SheetRefused("ファイルが大きすぎます。5MBまでのファイルを選んでください。")
    try:
        with ZipFile(BytesIO(content)) as parts:  # of what it says, not one byte more is unpacked
            is_bomb = sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED
        if is_bomb:
            raise SheetRefused("ファイルの中身が大きすぎます。書き出したファイルに訳を入れて選んでください。")
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = [
            [str(cell) if cell is not None else "" for cell in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=len(OTHERS) + 12, values_only=True)
        ]
    except SheetRefused:
        raise
    except Exception as error:  # openpyxl and zipfile raise whatever they stumble over
        raise SheetRefused("Excelファイル（.xlsx）として読めませんでした。") from error
    heads = rows[0] if rows else []
    if SOURCE not in heads:
        raise SheetRefused(f"1行目に「{SOURCE}」の列がありません。書き出したファイルに訳を入れて選んでください。")
    source = heads.index(SOURCE)
    columns = {language.code: heads.index(language.label) for language in OTHERS if language.label in heads}
    return {
        code: {row[source]: row[column] for row in rows[1:] if row[source] and row[column].strip()}
        for code, column in columns.items()
    }
