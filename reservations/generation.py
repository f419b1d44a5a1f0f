"""A year of slots out of the weekly hours, or out of last year's slots: looked at first, then made."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from reservations.again import again
from reservations.copying import YEAR_IN_WEEKS, Diff, copy_plan, diff
from reservations.layout import lock_calendar, make_slots
from reservations.models import Bucket, Calendar, Scope
from reservations.planning import ItemLimit, Plan, PlannedSlot, Rules, plan
from reservations.relayout import bring_in_line
from staff.models import User


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


@again
@transaction.atomic(durable=True)
def generate(*, calendar_id: int, first: date, last: date, actor: User) -> Plan:
    """Make the slots of the days from first to last, both included; what exists stays as it is. May be repeated.

    Afterwards all limits count for all slots from today on. Raises BelowBooked when more is booked than a limit that
    came after the booking allows.
    """
    calendar = lock_calendar(calendar_id)
    made = preview(calendar=calendar, first=first, last=last)
    make_slots(calendar, made.make)
    bring_in_line(calendar, max(first, timezone.localdate()))
    _note(calendar, "reservations.generate", first, last, made, actor)
    return made


def preview_copy(*, calendar: Calendar, first: date, last: date, weeks: int = YEAR_IN_WEEKS) -> Copy:
    """What `copy_year` would do now. Slots that were closed then are not copied."""
    back = timedelta(weeks=weeks)
    source = existing_slots(calendar, first - back, last - back, with_closed=False)
    there = existing_slots(calendar, first, last)
    rules, now = read_rules(calendar), timezone.now()
    copied = copy_plan(rules, source, first, last, now=now, existing=there, weeks=weeks)
    return Copy(copied, diff(copied, plan(rules, first, last, now=now, existing=there)))


@again
@transaction.atomic(durable=True)
def copy_year(*, calendar_id: int, first: date, last: date, actor: User, weeks: int = YEAR_IN_WEEKS) -> Copy:
    """Make for these days the slots of as many weeks earlier, with the limits that they had. May be repeated.

    Raises BelowBooked as `generate` does.
    """
    calendar = lock_calendar(calendar_id)
    copied = preview_copy(calendar=calendar, first=first, last=last, weeks=weeks)
    make_slots(calendar, copied.plan.make)
    bring_in_line(calendar, max(first, timezone.localdate()))
    _note(calendar, "reservations.copy", first, last, copied.plan, actor)
    return copied


def _note(calendar: Calendar, action: str, first: date, last: date, made: Plan, actor: User) -> None:
    data = {"first": first.isoformat(), "last": last.isoformat(), "made": len(made.make)}
    log(instance=calendar, action=action, user=actor, data=data)
