"""収納の日計: per day, 収入科目 and method what came in and what went back, as a file. Whoever takes it is recorded."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from applications.desk import ForRoles
from applications.models import ExportRecord, FileFormat
from applications.sheets import csv_file
from cms.access import departments_for
from cms.models import Department
from payments.desk.access import MAY_EXPORT
from payments.desk.views import ICON, TITLE, actor_of
from payments.models import Payment, Refund
from payments.requirement import METHODS

HEADINGS = ("日付", "所管課", "収入科目", "方法", "納付件数", "納付額", "還付件数", "還付額", "差引額")
LEDGER = "収納の日計"
FORM_CODE = "fees"
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1970, 2999
BAD_MONTH = "月を「2027-06」のように入力してください。"


class Key(NamedTuple):
    day: date
    department: str
    account: str
    method: str


class Row(NamedTuple):
    key: Key
    came: int
    received: int
    went: int
    returned: int


def rows_of(departments: Iterable[int], first: date, last: date) -> list[Row]:
    """Of these days, both included. A payment counts on the day it was made, a refund on the day it was done; what a
    bank took back, or a refund that came back, on the day that happened.
    """
    sums: Counter[tuple[Key, str]] = Counter()
    begin, end = _moment(first), _moment(last + timedelta(days=1))
    payments = Payment.objects.filter(fee__application__department__in=departments)
    refunds = Refund.objects.filter(payment__fee__application__department__in=departments, done_at__isnull=False)
    for rows, field, at, sign in (
        (payments, "", "paid_at", 1),
        (payments, "", "lost_at", -1),
        (refunds, "payment__", "done_at", -1),
        (refunds, "payment__", "failed_at", 1),
    ):
        names = (at, f"{field}fee__application__department__name", f"{field}fee__account", f"{field}method", "amount")
        chosen: Any = rows.filter(**{f"{at}__gte": begin, f"{at}__lt": end})
        for moment, department, account, method, amount in chosen.values_list(*names).iterator(chunk_size=2000):
            key = Key(timezone.localdate(moment), department, account, METHODS.get(method, "オンライン"))
            kind = "received" if at in ("paid_at", "lost_at") else "returned"
            sums[key, kind] += amount if (sign > 0) == (kind == "received") else -amount
            sums[key, "came" if kind == "received" else "went"] += 1 if at in ("paid_at", "done_at") else -1
    keys = sorted({key for key, _ in sums})
    return [Row(key, *(sums[key, name] for name in ("came", "received", "went", "returned"))) for key in keys]


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def cells(row: Row) -> list[str]:
    numbers = (row.came, row.received, row.went, row.returned, row.received - row.returned)
    return [row.key.day.isoformat(), *row.key[1:], *map(str, numbers)]


def month_of(text: str) -> tuple[date, date] | None:
    """First and last day; None for what is no month."""
    try:
        first = parse_date(f"{text}-01") if MONTH.fullmatch(text) else None
    except ValueError:
        return None
    if first is None or not FIRST_YEAR <= first.year < LAST_YEAR:
        return None
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class LedgerView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    """GET shows a month; POST hands it out as CSV."""

    roles = MAY_EXPORT
    page_title = LEDGER
    header_icon = ICON
    template_name = "payments/desk/ledger.html"
    http_method_names = ["get", "head", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.typed = request.GET.get("month", "") or f"{timezone.localdate():%Y-%m}"
        self.days = month_of(self.typed)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("fees:list"), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": LEDGER}]

    @property
    def departments(self) -> list[Department]:
        return list(departments_for(self.request.user, MAY_EXPORT))

    @property
    def rows(self) -> list[Row]:
        return rows_of([each.pk for each in self.departments], *self.days) if self.days else []

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.days is None:
            return self.render_to_response(self.get_context_data(), status=400)
        rows = self.rows
        for department in self.departments:
            ExportRecord.objects.create(
                user=actor_of(request),
                department=department,
                form_code=FORM_CODE,
                form_title=f"{LEDGER}　{self.typed}",
                format=FileFormat.CSV,
                rows=sum(row.key.department == department.name for row in rows),
            )
        content = b"".join(csv_file.csv_pieces(HEADINGS, map(cells, rows)))
        response = HttpResponse(content, content_type=csv_file.CONTENT_TYPE)
        response["Content-Disposition"] = content_disposition_header(True, f"{LEDGER}_{self.typed}.csv")
        response["Cache-Control"] = "private, no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rows = self.rows
        return context | {
            "month": self.typed,
            "problem": "" if self.days else BAD_MONTH,
            "headings": HEADINGS,
            "rows": [(cells(row)[:4], [f"{int(cell):,}" for cell in cells(row)[4:]]) for row in rows],
            "received": sum(row.received for row in rows),
            "returned": sum(row.returned for row in rows),
        }
