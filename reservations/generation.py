"""A year of slots out of the weekly hours, or out of last year's slots: looked at first, then made."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from reservations.again import again
from reservations.copying import YEAR_IN_WEEKS, Diff, copy_plan, diff
from reservations.layout import lock_calendar, make_slots
from reservations.models import Bucket, Calendar, Scope
from reservations.planning import ItemLimit, Plan, PlannedSlot, Rules, joined, plan
from reservations.relayout import lay_out
from staff.models import User

PART = 28  # days whose slots are made in one transaction: a few hundred, well below a second
PAUSE = 0.15  # seconds; who waits for SQLite looks again every 100 ms at the latest


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy of last year makes, and how that differs from what the weekly hours would make."""

    plan: Plan
    diff: Diff


def read_rules(calendar: Calendar) -> Rules:
    """Everything that decides about the reception's slots."""
    patterns = list(calendar.patterns.prefetch_related("item_limits"))
    return Rules(
        calendar=calendar,
        venues=list(calendar.venues.all()),
        patterns=patterns,
        openings=list(calendar.openings.all()),
        closures=list(calendar.closures.all()),
        item_limits={
            pattern.pk: tuple(
                sorted((row.item_id, row.limit_public, row.limit_total) for row in pattern.item_limits.all())
            )
            for pattern in patterns
        },
    )


def existing_slots(calendar: Calendar, first: date, last: date, *, with_closed: bool = True) -> list[PlannedSlot]:
    """The slots of these days as plans know them, with the limits that they have now."""
    # values, not models: a year may have ten thousand
    own = Bucket.objects.filter(slot__calendar=calendar, slot__day__range=(first, last))
    items: dict[int, list[ItemLimit]] = defaultdict(list)
    limits = (
        own.filter(scope=Scope.SLOT_ITEM).order_by("item").values_list("slot", "item", "limit_public", "limit_total")
    )
    for slot, item, public, total in limits:
        items[slot].append((item, public, total))
    whole = own.filter(scope=Scope.SLOT) if with_closed else own.filter(scope=Scope.SLOT, closed=False)
    slots = whole.order_by("slot__starts_at", "slot__venue").values_list(
        "slot", "slot__venue", "slot__starts_at", "slot__ends_at", "limit_public", "limit_total"
    )
    return [
        PlannedSlot(venue, starts_at, ends_at, public, total, tuple(items.get(slot, ())))
        for slot, venue, starts_at, ends_at, public, total in slots
    ]


def preview(*, calendar: Calendar, first: date, last: date) -> Plan:
    """What `generate` would do now."""
    there = existing_slots(calendar, first, last)
    return plan(read_rules(calendar), first, last, now=timezone.now(), existing=there)


def generate(*, calendar_id: int, first: date, last: date, actor: User) -> Plan:
    """Make the slots of the days from first to last, both included; what exists stays as it is. May be repeated.

    Made PART days at a time (docs/adr/0005): others write in between, and what was interrupted is finished by the
    next call. Before that, all limits are made to count for all slots from today on. Raises BelowBooked when more is
    booked than a limit that came after the booking allows; then nothing is made.
    """
    lay_out(calendar_id=calendar_id, first=max(first, timezone.localdate()))
    note = Note("reservations.generate", first, last, actor)
    return joined([_generate(calendar_id, *part, note) for part in _parts(note)])


@again
@transaction.atomic(durable=True)
def _generate(calendar_id: int, first: date, last: date, note: "Note") -> Plan:
    calendar = lock_calendar(calendar_id)
    made = preview(calendar=calendar, first=first, last=last)
    make_slots(calendar, made.make)
    note.write(calendar, len(made.make))
    return made


def preview_copy(*, calendar: Calendar, first: date, last: date, weeks: int = YEAR_IN_WEEKS) -> Copy:
    """What `copy_year` would do now. Slots that were closed then are not copied."""
    back = timedelta(weeks=weeks)
    source = existing_slots(calendar, first - back, last - back, with_closed=False)
    there = existing_slots(calendar, first, last)
    rules, now = read_rules(calendar), timezone.now()
    copied = copy_plan(rules, source, first, last, now=now, existing=there, weeks=weeks)
    return Copy(copied, diff(copied, plan(rules, first, last, now=now, existing=there)))


def copy_year(*, calendar_id: int, first: date, last: date, actor: User, weeks: int = YEAR_IN_WEEKS) -> Copy:
    """Make for these days the slots of as many weeks earlier, with the limits that they had. May be repeated.

    In parts, and raises BelowBooked, as `generate` does.
    """
    lay_out(calendar_id=calendar_id, first=max(first, timezone.localdate()))
    note = Note("reservations.copy", first, last, actor)
    parts = [_copy(calendar_id, *part, weeks, note) for part in _parts(note)]
    return Copy(
        joined([part.plan for part in parts]),
        Diff(
            only_copy=tuple(slot for part in parts for slot in part.diff.only_copy),
            only_week=tuple(slot for part in parts for slot in part.diff.only_week),
            limits=tuple(pair for part in parts for pair in part.diff.limits),
        ),
    )


@again
@transaction.atomic(durable=True)
def _copy(calendar_id: int, first: date, last: date, weeks: int, note: "Note") -> Copy:
    calendar = lock_calendar(calendar_id)
    copied = preview_copy(calendar=calendar, first=first, last=last, weeks=weeks)
    make_slots(calendar, copied.plan.make)
    note.write(calendar, len(copied.plan.make))
    return copied


@dataclass
class Note:
    """One line in the history of the reception, that says at every moment how many slots there are by it.

    number, made: of the line, as it was committed last.
    """

    action: str
    first: date
    last: date
    actor: User
    number: int | None = None
    made: int = 0
    _next: tuple[int | None, int] = (None, 0)

    def write(self, calendar: Calendar, more: int) -> None:
        """In the transaction that makes so many more, which may fail and come again."""
        data = {"first": self.first.isoformat(), "last": self.last.isoformat(), "made": self.made + more}
        if self.number is None:
            number = log(instance=calendar, action=self.action, user=self.actor, data=data).pk
        else:
            number = self.number
            ModelLogEntry.objects.filter(pk=number).update(data=data)
        self._next = number, self.made + more

    def keep(self) -> None:
        """What was written is committed."""
        self.number, self.made = self._next


def _parts(note: Note) -> Iterator[tuple[date, date]]:
    """The days in parts, each asked for when the one before is made. Between two of them whoever else wants to write
    has a moment: SQLite knows no queue.
    """
    begin = note.first
    while begin <= note.last:
        end = min(begin + timedelta(days=PART - 1), note.last)
        yield begin, end
        note.keep()
        begin = end + timedelta(days=1)
        if connection.vendor == "sqlite" and begin <= note.last:
            time.sleep(PAUSE)
