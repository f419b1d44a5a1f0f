"""One export: what goes into it, the record of it, and the file."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet
from django.utils import timezone

from applications.filters import in_words
from applications.listing import Filters, filtered, visible_to
from applications.models import Application, ExportRecord, FileFormat
from applications.sheets import csv_file, excel_file
from cms.access import MAY_EXPORT_CASES, AnyUser
from exports.columns import layout_of, versions_of
from exports.rows import rows_of
from staff.models import User

CONTENT_TYPES = {FileFormat.EXCEL: excel_file.CONTENT_TYPE, FileFormat.CSV: csv_file.CONTENT_TYPE}
ONE_FORM = "CSVには申請フォームを一つだけ出力できます。表から一つ選ぶか、Excelで出力してください。"
NOTHING = "この条件に合う申請がないため、出力するものがありません。条件を変えてください。"
TOO_MANY = f"Excelの一つのシートに入るのは{excel_file.MOST_ROWS:,}件までです。期間を分けるか、CSVで出力してください。"


class Refused(Exception):
    """The export cannot be made; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Portion:
    """Applications to one form of one department; latest: when the last of them arrived."""

    department_id: int
    form_id: int
    form_code: str
    form_title: str
    rows: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class FormCount:
    form_id: int
    title: str
    rows: int


@dataclass(frozen=True)
class Plan:
    """What would be exported; applications that arrive after it was made do not belong to it."""

    applications: QuerySet[Application]
    filters: Filters
    portions: tuple[Portion, ...]

    @property
    def rows(self) -> int:
        return sum(portion.rows for portion in self.portions)

    @property
    def forms(self) -> list[FormCount]:
        """Each form once, by title: a form may have moved from one department to another."""
        counts: dict[int, FormCount] = {}
        for portion in self.portions:
            before = counts[portion.form_id].rows if portion.form_id in counts else 0
            counts[portion.form_id] = FormCount(portion.form_id, portion.form_title, before + portion.rows)
        return list(counts.values())


def plan_export(user: AnyUser, filters: Filters) -> Plan:
    """Applications of the departments for which the user may export, up to the one that has arrived last."""
    applications = filtered(visible_to(user, MAY_EXPORT_CASES), filters)
    counted = (
        applications.order_by("form__title", "form_id", "department_id")
        .values("department_id", "form_id", form_code=F("form__code"), form_title=F("form__title"))
        .annotate(rows=Count("pk"), latest=Max("received_at"))
    )
    portions = tuple(Portion(**row) for row in counted)
    if portions:
        # The last arrival and not the clock: it comes from the same query, and other machines' clocks may go ahead.
        # Below the next microsecond: SQLite keeps times as text, and there 12.000 comes after 12.
        end = max(portion.latest for portion in portions) + timedelta(microseconds=1)
        applications = applications.filter(received_at__lt=end)
    return Plan(applications, filters, portions)


def check(plan: Plan, format_: FileFormat) -> None:
    """Raises Refused."""
    if not plan.portions:
        raise Refused(NOTHING)
    if format_ == FileFormat.CSV and len(plan.forms) > 1:
        raise Refused(ONE_FORM)
    if format_ == FileFormat.EXCEL and any(form.rows > excel_file.MOST_ROWS for form in plan.forms):
        raise Refused(TOO_MANY)


def export(plan: Plan, format_: FileFormat, *, user: User) -> Iterator[bytes]:
    """Record the export, then hand out the file. Raises Refused."""
    check(plan, format_)
    record(plan, format_, user=user)
    return _csv(plan) if format_ == FileFormat.CSV else _excel(plan)


@transaction.atomic
def record(plan: Plan, format_: FileFormat, *, user: User) -> list[ExportRecord]:
    """Written before the first byte goes out: what was broken off half-way was exported too."""
    one, words = uuid.uuid4(), [list(pair) for pair in in_words(plan.filters)]
    return ExportRecord.objects.bulk_create(
        ExportRecord(
            export=one,
            user=user,
            department_id=portion.department_id,
            form_code=portion.form_code,
            form_title=portion.form_title,
            format=format_,
            rows=portion.rows,
            filters=words,
        )
        for portion in plan.portions
    )


def _csv(plan: Plan) -> Iterator[bytes]:
    sheet = _sheet(plan, plan.forms[0])
    return csv_file.csv_pieces(sheet.headings, sheet.rows)


def _excel(plan: Plan) -> Iterator[bytes]:
    return excel_file.excel_pieces([_sheet(plan, form) for form in plan.forms])


def _sheet(plan: Plan, form: FormCount) -> excel_file.Sheet:
    versions = list(versions_of(form.form_id))
    layout = layout_of(versions)
    # no row without a column: a version may be used for the first time while the file is being sent
    applications = plan.applications.filter(form_id=form.form_id, version__in=[version.pk for version in versions])
    return excel_file.Sheet(form.title, layout.headings, rows_of(applications, layout, versions), form.rows)


def file_name(plan: Plan, format_: FileFormat) -> str:
    """`申請_<form>_<date>.<format>`, without what Windows forbids in a name."""
    form = plan.forms[0].title if len(plan.forms) == 1 else f"{len(plan.forms)}件のフォーム"
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "＿", form)[:60]
    return f"申請_{plain}_{timezone.localdate():%Y%m%d}.{format_}"
