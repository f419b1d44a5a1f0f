"""What residents thought of the forms, for the departments that a member of staff may read the cases of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, F, Q, QuerySet
from django.utils import timezone

from applications.models import ExportRecord, FileFormat
from applications.sheets.csv_file import csv_pieces
from cms.access import MAY_EXPORT_CASES, MAY_READ_CASES, AnyUser, departments_for
from cms.models import Department
from followup.models import Rating
from followup.ratings import SCORES
from formbuilder.models import FormPage
from staff.models import User

HEADINGS = ("日時", "満足度", "ご意見")


@dataclass(frozen=True, slots=True)
class Result:
    """Of one form. counts: (score, its word, how many, percent), the best first."""

    form_id: int
    title: str
    count: int
    average: float
    counts: list[tuple[int, str, int, int]]


def readable(user: AnyUser) -> QuerySet[Rating]:
    """Of applications of the user's departments. An application keeps the department it arrived at."""
    return Rating.objects.filter(application__department__in=departments_for(user, MAY_READ_CASES))


def results_for(user: AnyUser, form_id: int | None = None) -> list[Result]:
    """Every form with an answer, or that one, in the order of their titles: one query."""
    ratings = readable(user) if form_id is None else readable(user).filter(application__form=form_id)
    each = {f"score_{score}": Count("pk", filter=Q(score=score)) for score in SCORES}
    rows = ratings.values(form=F("application__form_id"), title=F("application__form__title"))
    found: Any = rows.annotate(count=Count("pk"), average=Avg("score"), **each).order_by("title", "form")
    return [
        Result(
            form_id=row["form"],
            title=row["title"],
            count=row["count"],
            average=row["average"],
            counts=[
                (score, word, row[f"score_{score}"], round(100 * row[f"score_{score}"] / row["count"]))
                for score, word in SCORES.items()
            ],
        )
        for row in found
    ]


def answers_to(user: AnyUser, form_id: int) -> QuerySet[Rating]:
    """Newest first. Which application it was stays out of it: people should be able to speak freely."""
    return readable(user).filter(application__form=form_id).order_by("-at", "-pk")


@transaction.atomic
def take_out(user: User, form: FormPage) -> Iterator[bytes]:
    """A CSV file, of the departments the user may export for; recorded before the first byte goes out."""
    departments = departments_for(user, MAY_EXPORT_CASES)
    ratings = Rating.objects.filter(application__form=form, application__department__in=departments)
    counts = ratings.order_by().values("application__department").annotate(count=Count("pk"))
    by_department = {row["application__department"]: row["count"] for row in counts}
    ExportRecord.objects.bulk_create(
        ExportRecord(
            user=user,
            department=department,
            form_code=form.code,
            form_title=f"{form.title}（満足度）",
            format=FileFormat.CSV,
            rows=by_department[department.pk],
        )
        for department in Department.objects.filter(pk__in=by_department)
    )
    rows = list(ratings.order_by("at", "pk"))
    return csv_pieces(HEADINGS, ([f"{timezone.localtime(r.at):%Y-%m-%d}", str(r.score), r.comment] for r in rows))
