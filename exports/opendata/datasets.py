"""The data themselves: headings and rows of text, as the 自治体標準オープンデータセット lays tables out.

Its common columns come first, dates are as in ISO 8601, one row is one thing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F
from django.db.models.functions import TruncMonth
from django.utils import timezone
from wagtail.models import Site

from applications.models import Application, Event
from applications.status import Action
from cms.base_pages import ProcedurePage, procedure_models
from cms.models import DepartmentPage
from exports.opendata.models import OpenData
from formbuilder.models import FormPage

COMMON = ("全国地方公共団体コード", "ID", "地方公共団体名", "名称")
PROCEDURES = (
    *COMMON,
    *(
        "概要",
        "分類",
        "ライフイベント",
        "所管課",
        "受付開始日時",
        "受付終了日時",
        "標準処理期間（開庁日）",
        "URL",
        "備考",
    ),
)
STATISTICS = (*COMMON, "所管課", "年月", "受付件数", "決定件数", "不承認件数", "備考")
SMALLEST = 10  # below that a number might be somebody
HIDDEN = "X"
MONTHS = 24
NOTE = f"{SMALLEST}件未満は{HIDDEN}"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    title: str
    headings: Row
    rows: Callable[[Site, OpenData], Iterator[Row]]


def _published(site: Site) -> Iterator[tuple[ProcedurePage, str]]:
    """Every procedure that the site shows, with its department."""
    sections = DepartmentPage.objects.live().descendant_of(site.root_page).select_related("department")
    names = {section.path: section.department.name for section in sections}
    for model in procedure_models():
        pages = model.objects.live().descendant_of(site.root_page).prefetch_related("categories", "life_events")
        for page in pages.order_by("path"):
            above = page.path[: -page.steplen]
            if above in names:
                yield page, names[above]


def _common(page: ProcedurePage, options: OpenData) -> Row:
    return options.municipality_code, _code(page), settings.WAGTAIL_SITE_NAME, page.title


def _code(page: ProcedurePage) -> str:
    return page.code if isinstance(page, FormPage) else page.slug


def _procedures(site: Site, options: OpenData) -> Iterator[Row]:
    for page, department in _published(site):
        days = page.standard_days if isinstance(page, FormPage) else None
        yield (
            *_common(page, options),
            page.summary,
            ";".join(topic.name for topic in page.categories.all()),
            ";".join(topic.name for topic in page.life_events.all()),
            department,
            _moment(page.accepts_from),
            _moment(page.accepts_until),
            "" if days is None else str(days),
            f"{settings.BASE_URL}{page.get_url() or ''}",
            "",
        )


def _moment(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="minutes") if moment else ""


def _statistics(site: Site, options: OpenData) -> Iterator[Row]:
    """Whole months only: who looks each day at a month that goes on sees single persons arrive."""
    end = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begin = _first_month(end.date())
    since = timezone.make_aware(datetime(begin.year, begin.month, 1))  # noqa: DTZ001 - made aware at once
    counts = _counts(since, end)
    for page, department in _published(site):
        if not isinstance(page, FormPage):
            continue
        month = begin
        while month < end.date():
            found = counts.get((page.pk, month), {})
            numbers = [found.get(kind, 0) for kind in (Action.ARRIVE, Action.APPROVE, Action.REJECT)]
            if any(numbers):
                shown = [hidden(number) for number in numbers]
                note = NOTE if HIDDEN in shown else ""
                yield *_common(page, options), department, f"{month:%Y-%m}", *shown, note
            month = (month + timedelta(days=32)).replace(day=1)


def _first_month(month: date) -> date:
    years, months = divmod(month.year * 12 + month.month - 1 - MONTHS, 12)
    return date(years, months + 1, 1)


def _counts(since: datetime, until: datetime) -> dict[tuple[int, date], dict[str, int]]:
    """(form, month) -> kind -> applications: each once in a month, however often it was decided."""
    arrived = (
        Application.objects.filter(received_at__gte=since, received_at__lt=until)
        .annotate(month=TruncMonth("received_at"))
        .values_list("form", "month")
        .annotate(count=Count("pk"))
        .order_by()
    )
    decided = (
        Event.objects.filter(kind__in=(Action.APPROVE, Action.REJECT), at__gte=since, at__lt=until)
        .annotate(month=TruncMonth("at"), form=F("application__form"))
        .values_list("form", "month", "kind")
        .annotate(count=Count("application", distinct=True))
        .order_by()
    )
    found: dict[tuple[int, date], dict[str, int]] = {}
    for form, month, count in arrived:
        found.setdefault((form, timezone.localdate(month)), {})[Action.ARRIVE] = count
    rows: Any = decided
    for form, month, kind, count in rows:
        found.setdefault((form, timezone.localdate(month)), {})[Action(kind)] = count
    return found


def hidden(number: int) -> str:
    """Nothing is nothing; a few are nobody's business."""
    return HIDDEN if 0 < number < SMALLEST else str(number)


DATASETS = {
    each.name: each
    for each in (
        Dataset("procedures", "手続一覧", PROCEDURES, _procedures),
        Dataset("statistics", "手続の件数（月ごと）", STATISTICS, _statistics),
    )
}
