"""What one export takes: the applications, counted for each department and form, and up to which arrival."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, QuerySet

from applications.listing import Filters, filtered, visible_to
from applications.models import Application
from cms.access import MAY_EXPORT_CASES, AnyUser


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
    """What would be exported; applications that arrive after it was made do not belong to it.

    department: primary key of the only one whose applications are taken; None: all that the user may export.
    """

    applications: QuerySet[Application]
    filters: Filters
    portions: tuple[Portion, ...]
    department: int | None = None

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


def plan_export(
    user: AnyUser, filters: Filters, *, until: datetime | None = None, department: int | None = None
) -> Plan:
    """Applications of the departments for which the user may export, up to the one that has arrived last.

    until: leave out what arrived later. department: primary key; leave out those of all others.
    """
    applications = filtered(visible_to(user, MAY_EXPORT_CASES), filters)
    if department is not None:
        applications = applications.filter(department=department)
    if until is not None:
        applications = applications.filter(received_at__lte=until)
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
    return Plan(applications, filters, portions, department)
