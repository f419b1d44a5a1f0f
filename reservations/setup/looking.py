"""What the slots of a reception are now, read with a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Count, Q, Sum

from formbuilder.japanese.closed_days import NEW_YEAR, holiday_name, is_new_year
from reservations.models import Bucket, Calendar, Closure, Scope, Slot, Venue
from reservations.setup.months import Month, month_of, next_month


@dataclass(frozen=True, slots=True)
class DayState:
    """All slots of a day, of all venues. note: what closes the day, if anything does."""

    slots: int = 0
    closed: int = 0
    taken: int = 0
    places: int = 0
    note: str = ""

    @property
    def is_full(self) -> bool:
        return self.slots > self.closed and self.taken >= self.places


@dataclass(slots=True)
class Row:
    """A slot with its own buckets: the one of all, and those of items."""

    slot: Slot
    whole: Bucket
    items: list[Bucket] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return self.whole.taken >= self.whole.limit_public


def month_state(calendar: Calendar, first: date) -> Month[DayState]:
    """Of the month that begins on that day."""
    own = Bucket.objects.filter(
        scope=Scope.SLOT, slot__calendar=calendar, slot__day__gte=first, slot__day__lt=next_month(first)
    )
    open_ = Q(closed=False)
    sums = own.values_list("slot__day").annotate(
        count=Count("pk"), shut=Count("pk", filter=~open_), booked=Sum("taken"), most=Sum("limit_total", filter=open_)
    )
    states = {day: DayState(count, shut, taken, places or 0) for day, count, shut, taken, places in sums}
    known = list(calendar.closures.filter(last_day__gte=first, first_day__lt=next_month(first)).select_related("venue"))

    def cell(day: date) -> DayState:
        return replace(states.get(day, DayState()), note=_note(known, day))

    return month_of(first, cell)


def _note(closures: Iterable[Closure], day: date) -> str:
    for closure in closures:
        if closure.first_day <= day <= closure.last_day:
            return f"{closure.venue}: {closure.reason}" if closure.venue else closure.reason
    return holiday_name(day) or (NEW_YEAR if is_new_year(day) else "")


def rows_of_day(calendar: Calendar, day: date) -> list[tuple[Venue, list[Row]]]:
    """By venue, in the order of their times."""
    slots = calendar.slots.filter(day=day).select_related("venue").order_by("venue__order", "venue", "starts_at")
    found: dict[Venue, list[Row]] = defaultdict(list)
    for row in _rows(slots):
        found[row.slot.venue].append(row)
    return list(found.items())


def row_of(slot: Slot) -> Row:
    (row,) = _rows([slot])
    return row


def _rows(slots: Iterable[Slot]) -> list[Row]:
    known = list(slots)
    buckets = Bucket.objects.filter(slot__in=[slot.pk for slot in known]).select_related("item")
    by_slot: dict[int, list[Bucket]] = defaultdict(list)
    for bucket in buckets.order_by("item__order", "item", "pk"):
        assert bucket.slot_id is not None
        by_slot[bucket.slot_id].append(bucket)
    rows = []
    for slot in known:
        (whole,) = (bucket for bucket in by_slot[slot.pk] if bucket.scope == Scope.SLOT)
        rows.append(Row(slot, whole, [bucket for bucket in by_slot[slot.pk] if bucket.scope != Scope.SLOT]))
    return rows


def quotas_of_day(calendar: Calendar, day: date) -> list[Bucket]:
    found = Bucket.objects.filter(quota__calendar=calendar, day=day).select_related("item", "quota__venue")
    return list(found.order_by("item__order", "item", "quota"))
