"""Last year's slots once more, on the same weekdays of this year. Pure, like planning."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reservations.planning import OUTSIDE, Plan, PlannedSlot, Rules, Skipped, arrange

YEAR_IN_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Diff:
    """How a copy differs from what the weekly hours would make. limits: (the copy's, the week's) at the same time."""

    only_copy: tuple[PlannedSlot, ...]
    only_week: tuple[PlannedSlot, ...]
    limits: tuple[tuple[PlannedSlot, PlannedSlot], ...]

    @property
    def is_empty(self) -> bool:
        return not (self.only_copy or self.only_week or self.limits)


def shifted(slot: PlannedSlot, weeks: int = YEAR_IN_WEEKS) -> PlannedSlot:
    """The slot so many weeks later: same weekday, same time of day (Japan sets no clock forward)."""
    move = timedelta(weeks=weeks)
    return replace(slot, starts_at=slot.starts_at + move, ends_at=slot.ends_at + move)


def copy_plan(
    rules: Rules,
    source: Iterable[PlannedSlot],
    first: date,
    last: date,
    *,
    now: datetime,
    existing: Iterable[PlannedSlot] = (),
    weeks: int = YEAR_IN_WEEKS,
) -> Plan:
    """A plan for the days from first to last out of the slots of an earlier year.

    This year's closures and holidays are left out, and days that were holidays then stay empty: the diff shows both.
    A holiday on which this year's hours are set by an opening is no holiday.
    """
    wanted, skipped = [], []
    for slot in (shifted(old, weeks) for old in source):
        if not first <= slot.day <= last:
            continue
        reason = _reason(rules, slot)
        if reason:
            skipped.append(Skipped(slot.day, slot.venue, reason))
        else:
            wanted.append(slot)
    return arrange(wanted, skipped, now=now, existing=existing)


def diff(copy: Plan, week: Plan) -> Diff:
    """What the copy makes and the weekly hours do not, the reverse, and where both do with other limits."""
    ours = {slot.place: slot for slot in copy.make}
    theirs = {slot.place: slot for slot in week.make}
    return Diff(
        only_copy=tuple(slot for place, slot in ours.items() if place not in theirs),
        only_week=tuple(slot for place, slot in theirs.items() if place not in ours),
        limits=tuple(_different(ours, theirs)),
    )


def _different(
    ours: dict[tuple[int, datetime], PlannedSlot], theirs: dict[tuple[int, datetime], PlannedSlot]
) -> Iterator[tuple[PlannedSlot, PlannedSlot]]:
    for place, slot in ours.items():
        other = theirs.get(place)
        if other is not None and other != slot:
            yield slot, other


def _reason(rules: Rules, slot: PlannedSlot) -> str | None:
    """Why the slot cannot be on its new day, None when it can."""
    if not rules.is_valid(slot.day):
        return OUTSIDE
    if closed := rules.closure_of(slot.day, slot.venue):
        return closed
    opened = any(opening.day == slot.day and opening.venue_id == slot.venue for opening in rules.openings)
    return None if opened else rules.holiday_of(slot.day)
