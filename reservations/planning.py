"""Which slots the hours of a reception come to. Pure: the rules are read before, and nothing is written.

A closure is stronger than an opening of its own day, that than a holiday, and that than the week.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from formbuilder.japanese.closed_days import NEW_YEAR, holiday_name, is_new_year
from reservations.models import Calendar, Closure, Hours, Opening, Venue, WeeklyPattern

PAST = "過ぎた日時"
OUTSIDE = "有効期間の外"
SAME_TIME = "同じ時刻の枠が二つ"

ItemLimit = tuple[int, int, int]  # item, public, total


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot that could be made, with the limits it would have."""

    venue: int
    starts_at: datetime
    ends_at: datetime
    public: int
    total: int
    items: tuple[ItemLimit, ...] = ()

    @property
    def day(self) -> date:
        return timezone.localtime(self.starts_at).date()

    @property
    def place(self) -> tuple[int, datetime]:
        """Two slots of a reception are the same when this is."""
        return self.venue, self.starts_at


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day on which the week has slots and the plan has none, or a slot left out. venue: None = all of them."""

    day: date
    venue: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """make: to be made; there: exist already, and stay as they are; surplus: exist, though no rule asks for them."""

    make: tuple[PlannedSlot, ...] = ()
    there: tuple[PlannedSlot, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    surplus: tuple[PlannedSlot, ...] = ()


def joined(plans: Sequence[Plan]) -> Plan:
    """Of days that follow one another."""
    return Plan(
        make=tuple(slot for each in plans for slot in each.make),
        there=tuple(slot for each in plans for slot in each.there),
        skipped=tuple(skip for each in plans for skip in each.skipped),
        surplus=tuple(slot for each in plans for slot in each.surplus),
    )


@dataclass(frozen=True)
class Rules:
    """Everything that decides about a reception's slots, read at once (generation.read_rules)."""

    calendar: Calendar
    venues: Sequence[Venue]
    patterns: Sequence[WeeklyPattern]
    openings: Sequence[Opening] = ()
    closures: Sequence[Closure] = ()
    item_limits: dict[int, tuple[ItemLimit, ...]] = field(default_factory=dict)  # by pattern

    def closure_of(self, day: date, venue: int) -> str | None:
        """Why the venue is closed on that day by decision, None when it is not."""
        for closure in self.closures:
            if closure.first_day <= day <= closure.last_day and closure.venue_id in (None, venue):
                return closure.reason
        return None

    def holiday_of(self, day: date) -> str | None:
        """Why everything is closed on that day by the calendar, None when it is not."""
        if self.calendar.closed_at_new_year and is_new_year(day):
            return NEW_YEAR
        return holiday_name(day) if self.calendar.closed_on_holidays else None

    def is_valid(self, day: date) -> bool:
        return self.calendar.valid_from <= day and (self.calendar.valid_to is None or day <= self.calendar.valid_to)


def plan(rules: Rules, first: date, last: date, *, now: datetime, existing: Iterable[PlannedSlot] = ()) -> Plan:
    """What the rules make of the days from first to last, both included, beside what exists already."""
    wanted, skipped = [], []
    for day in days(first, last):
        for venue in rules.venues:
            slots, reason = _of_day(rules, day, venue.pk)
            wanted += [] if reason else slots
            skipped += [Skipped(day, venue.pk, reason)] if reason and slots else []
    return arrange(wanted, skipped, now=now, existing=existing)


def arrange(
    wanted: Iterable[PlannedSlot], skipped: Iterable[Skipped], *, now: datetime, existing: Iterable[PlannedSlot]
) -> Plan:
    """A plan of the slots that are wanted: none twice, none in the past, none that exists."""
    left_out = list(skipped)
    kept: dict[tuple[int, datetime], PlannedSlot] = {}
    for slot in wanted:
        if slot.place in kept:
            left_out.append(Skipped(slot.day, slot.venue, SAME_TIME))
        else:
            kept[slot.place] = slot
    had = {slot.place: slot for slot in existing}
    new = [slot for place, slot in kept.items() if place not in had]
    gone = {(slot.day, slot.venue) for slot in new if slot.starts_at <= now}
    left_out += [Skipped(day, venue, PAST) for day, venue in sorted(gone)]
    return Plan(
        make=_in_order(slot for slot in new if slot.starts_at > now),
        there=_in_order(slot for place, slot in had.items() if place in kept),
        skipped=tuple(sorted(set(left_out), key=lambda skip: (skip.day, skip.venue or 0, skip.reason))),
        surplus=_in_order(slot for place, slot in had.items() if place not in kept),
    )


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _in_order(slots: Iterable[PlannedSlot]) -> tuple[PlannedSlot, ...]:
    return tuple(sorted(slots, key=lambda slot: (slot.starts_at, slot.venue)))


def _of_day(rules: Rules, day: date, venue: int) -> tuple[list[PlannedSlot], str | None]:
    """The slots that the hours give for a venue's day, and why there are none after all."""
    special = [opening for opening in rules.openings if opening.day == day and opening.venue_id == venue]
    weekly = [pattern for pattern in rules.patterns if pattern.venue_id == venue and falls_on(pattern, day)]
    slots = [slot for hours in special or weekly for slot in _of_hours(rules, hours, day, venue)]
    if not rules.is_valid(day):
        return slots, OUTSIDE
    if closed := rules.closure_of(day, venue):
        return slots, closed
    return slots, None if special else rules.holiday_of(day)


def falls_on(pattern: WeeklyPattern, day: date) -> bool:
    """Whether the pattern holds on that day. 第2火曜 is the second Tuesday of the month, whatever week that is."""
    if day.weekday() not in pattern.weekdays or (pattern.weeks and (day.day - 1) // 7 + 1 not in pattern.weeks):
        return False
    return (pattern.valid_from or day) <= day <= (pattern.valid_to or day)


def _of_hours(rules: Rules, hours: Hours, day: date, venue: int) -> Iterator[PlannedSlot]:
    """Slots one after the other; what remains at the end and is shorter than a slot is none."""
    begin = timezone.make_aware(datetime.combine(day, hours.starts))
    step = timedelta(minutes=hours.minutes)
    items = rules.item_limits.get(hours.pk, ()) if isinstance(hours, WeeklyPattern) else ()
    for number in range(hours.length // hours.minutes):
        starts = begin + number * step
        yield PlannedSlot(venue, starts, starts + step, hours.limit_public, hours.limit_total, items)
