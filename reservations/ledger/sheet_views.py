"""Files of the ledger: the day sheet, and how the bookings came."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import View

from applications.models import FileFormat
from applications.sheets import csv_file
from reservations.ledger import sheet_excel, sheet_pdf
from reservations.ledger.access import MAY_WRITE, reception_or_404
from reservations.ledger.day import day_of
from reservations.ledger.sheet import file_name, record, sheet_of
from reservations.ledger.statistics import MADE, VISIT, fiscal_year, rows_of, table_of
from reservations.ledger.views import TITLE as LEDGER
from reservations.ledger.views import LedgerView, actor_of, day_in, number_in

WRITERS = {
    FileFormat.PDF: (sheet_pdf.pdf_of, sheet_pdf.CONTENT_TYPE),
    FileFormat.EXCEL: (sheet_excel.excel_of, sheet_excel.CONTENT_TYPE),
}
YEARS = 5  # offered, the newest first


class SheetView(View):
    """POST `day` and `format`: the day sheet, recorded before it goes out."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        calendar = reception_or_404(request, code, MAY_WRITE)
        day, wanted = day_in(request.POST.get("day", "")), request.POST.get("format", "")
        format_ = next((each for each in WRITERS if each == wanted), None)
        if day is None or format_ is None:
            raise Http404
        the_day = day_of(calendar, day)
        sheet = sheet_of(the_day)
        write, content_type = WRITERS[format_]
        record(the_day, sheet, format_, user=actor_of(request))
        response = HttpResponse(write(sheet), content_type=content_type)
        response["Content-Disposition"] = content_disposition_header(True, file_name(the_day, format_))
        response["Cache-Control"] = "private, no-store"
        return response


class StatisticsView(LedgerView):
    """Bookings of a fiscal year by month and channel; with `format=csv` as a file: numbers, nobody's name."""

    template_name = "reservations/ledger/statistics.html"
    page_title = "予約の入口の割合"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.calendar = reception_or_404(request, kwargs["code"])
        self.this_year = fiscal_year(timezone.localdate())
        asked = number_in(request.GET.get("year", ""))
        self.year = asked if asked and 1970 <= asked <= 2998 else self.this_year
        self.by = MADE if request.GET.get("by") == MADE else VISIT
        self.table = table_of(self.calendar, year=self.year, by=self.by)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("format") != "csv":
            return super().get(request, *args, **kwargs)
        headings, rows = rows_of(self.table)
        content = b"".join(csv_file.csv_pieces(headings, rows))
        response = HttpResponse(content, content_type=csv_file.CONTENT_TYPE)
        name = f"予約の入口_{self.calendar.code}_{self.year}年度.csv"
        response["Content-Disposition"] = content_disposition_header(True, name)
        return response

    def above(self) -> list[tuple[str, str]]:
        return [(f"{LEDGER} {self.calendar}", reverse("ledger:day", args=(self.calendar.code,)))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        years = sorted({self.year, *range(self.this_year + 1, self.this_year - YEARS, -1)}, reverse=True)
        return context | {
            "calendar": self.calendar,
            "table": self.table,
            "year": self.year,
            "years": years,
            "by": self.by,
            "ways": [(VISIT, "予約の日"), (MADE, "予約した日")],
        }
