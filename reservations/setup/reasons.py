"""Why a part of a reception cannot be removed, and what to do about it. "" when nothing stands in the way."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from formbuilder.models import FormVersion
from reservations.generation import existing_slots, read_rules
from reservations.models import (
    AttendeeItem,
    Booking,
    Bucket,
    Calendar,
    Closure,
    Item,
    Opening,
    PatternItem,
    Quota,
    Season,
    Slot,
    Venue,
    WeeklyPattern,
)
from reservations.planning import PlannedSlot, Rules, plan
from reservations.requirement import NAME
from reservations.setup.fields import LAST_DATE

HOW_TO_EMPTY = "予約のない枠は「枠を見る・直す」から消せます。予約のある枠は、受付を止めてください。"


def reason_to_keep(row: object) -> str:
    for model, reason in REASONS.items():
        if isinstance(row, model):
            return reason(row)
    return ""


def _of_slots(what: str, slots: QuerySet[Slot]) -> str:
    count = slots.count()
    if not count:
        return ""
    booked = Booking.objects.filter(slot__in=slots).values("slot").distinct().count()
    return f"{what}には枠が{count:,}あり（うち予約のあった枠{booked:,}）、削除できません。{HOW_TO_EMPTY}"


def _of_rules(what: str, uses: dict[str, QuerySet[Any]]) -> str:
    found = [f"{name}{count}件" for name, rows in uses.items() if (count := rows.count())]
    return f"{what}は{'・'.join(found)}で使われています。先にそちらを直すか、削除してください。" if found else ""


def _of_venue(venue: Venue) -> str:
    uses = {
        "曜日と時間": WeeklyPattern.objects.filter(venue=venue),
        "臨時の開設": Opening.objects.filter(venue=venue),
        "休み": Closure.objects.filter(venue=venue),
        "1日の定員": Quota.objects.filter(venue=venue),
    }
    return _of_slots("この会場", Slot.objects.filter(venue=venue)) or _of_rules("この会場", uses)


def _of_item(item: Item) -> str:
    wishes = AttendeeItem.objects.filter(item=item).count()
    if wishes:
        return f"この項目を選んだ予約が{wishes:,}件あり、削除できません。名称は変えられます。"
    uses = {
        "曜日と時間": PatternItem.objects.filter(item=item),
        "1日の定員": Quota.objects.filter(item=item),
        "枠": Bucket.objects.filter(item=item, slot__isnull=False),
    }
    return _of_rules("この項目", uses)


def _of_pattern(pattern: WeeklyPattern) -> str:
    """Slots that are there because of it, from today on. The pattern could also be given an end."""
    calendar = pattern.calendar
    today = timezone.localdate()
    there = existing_slots(calendar, today, LAST_DATE)
    if not there:
        return ""
    last = max(slot.day for slot in there)
    rules = read_rules(calendar)
    others = [other for other in rules.patterns if other.pk != pattern.pk]
    without = Rules(calendar, rules.venues, others, rules.openings, rules.closures, rules.item_limits)
    had = _places(rules, there, last) - _places(without, there, last)
    if not had:
        return ""
    return (
        f"ここから作った枠が今日から先に{len(had):,}あり、削除できません。"
        f"これから開かないときは「いつまで」に最終日を入れてください。{HOW_TO_EMPTY}"
    )


def _places(rules: Rules, there: list[PlannedSlot], last: Any) -> set[Any]:
    """Of the slots that are there, those that the rules ask for."""
    now = timezone.now()
    return {slot.place for slot in plan(rules, timezone.localdate(), last, now=now, existing=there).there}


def _of_opening(opening: Opening) -> str:
    if opening.day < timezone.localdate():
        return ""
    return _of_slots("この日のこの会場", Slot.objects.filter(venue=opening.venue_id, day=opening.day))


def _of_season(season: Season) -> str:
    return _of_slots("この期", Slot.objects.filter(season=season))


def _of_calendar(calendar: Calendar) -> str:
    if reason := _of_slots("この受付", Slot.objects.filter(calendar=calendar)):
        return reason
    if calendar.lotteries.exists():
        return "この受付には抽選があり、削除できません。"
    current = FormVersion.objects.filter(is_current=True).select_related("form")
    using = current.filter(**{f"document__requires__{NAME}__calendar": calendar.code})
    names = "、".join(f"「{version.form.title}」" for version in using)
    return f"申請フォーム{names}がこの受付を使っています。先に、フォームから予約を外してください。" if names else ""


REASONS: dict[type, Callable[[Any], str]] = {
    Venue: _of_venue,
    Item: _of_item,
    WeeklyPattern: _of_pattern,
    Opening: _of_opening,
    Season: _of_season,
    Calendar: _of_calendar,
}
