"""Gives the places that came free to who waits for them, in order. May be repeated, in any number of workers at once.

Everything about one reception's list happens under the lock of the reception's row, one offer to a transaction: who is
killed in between leaves an offer less, and never half of one. Until it is somebody's turn, `Bucket.queued` keeps the
place (docs/adr/0009).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.services import keep_awake
from applications.status import Status
from reservations.again import again
from reservations.deadlines import after_working_hours
from reservations.expiry import expire_holds
from reservations.layout import lock_calendar
from reservations.models import (
    ACTIVE,
    ON_LIST,
    Attendee,
    Booking,
    Bucket,
    Calendar,
    Lottery,
    LotteryState,
    Scope,
    Slot,
    State,
    Wait,
    WaitingEntry,
)
from reservations.moving import is_duplicate
from reservations.party import digest
from reservations.placing import once_of, write
from reservations.refusals import Busy, Refused
from reservations.taking import ROOM, Delta, NotTaken, Room, season_in, shift, wants
from reservations.waiting.events import DECLINED, ENDED, LAPSED, LEFT, OFFERED, tell_wait

TRIES = 8  # in a row, while others keep moving the same places
GONE = (Status.WITHDRAWN, Status.EXPIRED, Status.REJECTED)

# What became of an offer, by what became of its booking
OUTCOMES = {
    State.CONFIRMED: Wait.TAKEN,
    State.CANCELLED: Wait.TAKEN,
    State.EXPIRED: Wait.LAPSED,
    State.RELEASED: Wait.DECLINED,
}
TOLD = {Wait.LAPSED: LAPSED, Wait.DECLINED: DECLINED, Wait.LEFT: LEFT, Wait.ENDED: ENDED}

Given = ParamSpec("Given")
Result = TypeVar("Result", bound=Booking | None)


class Step(Enum):
    OFFERED = "offered"
    AGAIN = "again"  # a place came free while we looked
    SETTLED = "settled"  # nobody waits for anything that is free


@dataclass(frozen=True, slots=True)
class Turn:
    """An entry that may be offered something, and the buckets of its slot as they were read."""

    entry: WaitingEntry
    rooms: tuple[Room, ...]

    @property
    def deltas(self) -> list[Delta]:
        return wants(self.rooms, self.entry.people)

    def missing(self) -> set[int]:
        """The buckets that have too little for the whole party."""
        left = {room.id: room.left(staff=False, waited=True) for room in self.rooms}
        return {bucket for bucket, n, _ in self.deltas if left[bucket] < n}


def frees(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Of a service that may give places back: who waits for them hears of it at once."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        booking = function(*args, **kwargs)
        if booking is not None:
            pass_on_soon(booking.slot.calendar_id)
        return booking

    return run


def pass_on_soon(calendar_id: int) -> None:
    """Now, if somebody waits. Where it cannot be now, the job does it; the places stay where they are till then."""
    waiting = WaitingEntry.objects.filter(calendar=calendar_id, state__in=ON_LIST)
    by_lot = Lottery.objects.filter(calendar=calendar_id, state=LotteryState.OPEN)
    if waiting.exists() or by_lot.exists():
        with suppress(Refused):
            pass_on(calendar_id)


def offer_places() -> int:
    """Every list; how many offers were made. For the worker."""
    listed = WaitingEntry.objects.filter(state__in=ON_LIST)
    keep_awake(listed.filter(application__status=Status.DRAFT).values_list("application", flat=True))
    waiting = set(listed.values_list("calendar", flat=True).order_by().distinct())
    waiting |= set(Lottery.objects.filter(state=LotteryState.OPEN).values_list("calendar", flat=True))
    waiting |= set(Bucket.objects.filter(queued=True).values_list("slots__calendar", flat=True).distinct()) - {None}
    return sum(pass_on(calendar) for calendar in sorted(waiting))


def pass_on(calendar_id: int) -> int:
    """Offer what is free to who is next; how many offers were made. Raises Busy."""
    made = vain = 0
    while vain < TRIES:
        kept = Bucket.objects.filter(slots__calendar=calendar_id, queued=True).values_list("pk", flat=True)
        expire_holds(buckets=sorted(set(kept)))
        try:
            step = _step(calendar_id)
        except NotTaken:
            step = Step.AGAIN
        except IntegrityError as problem:  # the same person has just booked elsewhere
            if not is_duplicate(problem):
                raise
            step = Step.AGAIN
        if step == Step.SETTLED:
            return made
        made, vain = (made + 1, 0) if step == Step.OFFERED else (made, vain + 1)
    raise Busy


@again
@transaction.atomic(durable=True)
def _step(calendar_id: int) -> Step:
    calendar, now = lock_calendar(calendar_id), timezone.now()
    entries = _waiting(calendar, now)
    turns = _turns(entries)
    for turn in turns:
        if not turn.missing() and not _is_held_up(turn):
            _offer(calendar, turn, now)
            return Step.OFFERED
    return _settle(calendar, entries, turns)


def _waiting(calendar: Calendar, now: datetime) -> list[WaitingEntry]:
    """Who may be offered something, in order; who may not any more is noted, with the reason."""
    listed = WaitingEntry.objects.filter(calendar=calendar, state__in=ON_LIST)
    entries = list(listed.select_related("application", "slot__venue", "booking").order_by("rank", "pk"))
    active = Booking.objects.filter(application__waits__in=listed, state__in=ACTIVE)
    booked = dict(active.values_list("application", "state"))
    by_lot = open_lotteries(calendar)
    waiting = []
    for entry in entries:
        outcome = _outcome(calendar, entry, booked.get(entry.application_id), now)
        if outcome is not None:
            _end(entry, outcome, now)
        elif entry.state == Wait.WAITING and entry.application_id not in booked:
            waiting += [] if goes_by_lot(entry.slot, by_lot) else [entry]
    return waiting


def _outcome(calendar: Calendar, entry: WaitingEntry, booked: str | None, now: datetime) -> Wait | None:
    """None as long as the entry stays as it is. booked: the state of the application's booking."""
    if entry.state == Wait.OFFERED:
        assert entry.booking is not None
        has_moved = entry.booking.slot_id != entry.slot_id
        return Wait.DECLINED if has_moved else OUTCOMES.get(State(entry.booking.state))
    if entry.application.status in GONE or booked == State.CONFIRMED:
        return Wait.LEFT
    return Wait.ENDED if now >= calendar.book_deadline.before(entry.slot.starts_at) else None


def _end(entry: WaitingEntry, outcome: Wait, now: datetime) -> None:
    entry.state, entry.ended_at = outcome, now
    entry.save(update_fields=["state", "ended_at"])
    if outcome in TOLD:
        tell_wait(entry, TOLD[outcome])


def _turns(entries: Iterable[WaitingEntry]) -> list[Turn]:
    rooms: dict[int, list[Room]] = defaultdict(list)
    rows = Bucket.objects.filter(slots__in={entry.slot_id for entry in entries}).order_by("pk")
    for slot, *room in rows.values_list("slots", *ROOM):
        rooms[slot].append(Room(*room))
    return [Turn(entry, tuple(rooms[entry.slot_id])) for entry in entries]


def _is_held_up(turn: Turn) -> bool:
    """Whether one of the party has a booking of another application: nobody has two in a season."""
    slot = turn.entry.slot
    slot.season_id = season_in(turn.rooms)
    keys = [once for person in turn.entry.people if (once := once_of(slot, person.person))]
    others = Attendee.objects.filter(once__in=keys)
    return bool(keys) and others.exists()


def _offer(calendar: Calendar, turn: Turn, now: datetime) -> None:
    """A hold for the whole party, until the deadline of the offer. Raises NotTaken, IntegrityError."""
    entry, party, deltas = turn.entry, turn.entry.people, turn.deltas
    hours = calendar.waiting_hours
    answered = after_working_hours(now, hours) if entry.is_of_the_desk else now + timedelta(hours=hours)
    until = min(answered, calendar.book_deadline.before(entry.slot.starts_at))
    entry.booking = Booking(
        application=entry.application,
        slot=entry.slot,
        state=State.HOLD,
        channel=entry.application.channel,
        party=digest(party),
        hold_expires_at=until,
        unasked=entry.application.status != Status.DRAFT,
    )
    write(entry.booking, party, deltas)
    entry.state, entry.offered_until = Wait.OFFERED, until
    entry.save(update_fields=["state", "booking", "offered_until"])
    tell_wait(entry, OFFERED)
    shift(deltas, staff=False, waited=True)


def _settle(calendar: Calendar, entries: list[WaitingEntry], turns: list[Turn]) -> Step:
    """Keep for the list what somebody on it waits for, and nothing else."""
    kept = set(Bucket.objects.filter(slots__calendar=calendar, queued=True).values_list("pk", flat=True))
    by_lot = _by_lot(calendar)
    wanted = by_lot | {bucket for turn in turns for bucket in turn.missing()}
    if kept == wanted:
        return Step.SETTLED
    lock_buckets(kept | wanted | {room.id for turn in turns for room in turn.rooms})
    turns = _turns(entries)
    if any(not turn.missing() and not _is_held_up(turn) for turn in turns):
        return Step.AGAIN
    wanted = by_lot | {bucket for turn in turns for bucket in turn.missing()}
    Bucket.objects.filter(pk__in=kept - wanted).update(queued=False)
    Bucket.objects.filter(pk__in=wanted - kept).update(queued=True)
    return Step.SETTLED


def open_lotteries(calendar: Calendar) -> list[Lottery]:
    return list(calendar.lotteries.filter(state=LotteryState.OPEN))


def goes_by_lot(slot: Slot, lotteries: Iterable[Lottery]) -> bool:
    """Whether one of the reception's open lotteries will give its places: until then nobody is offered any."""
    return any(each.first_day <= slot.day <= each.last_day for each in lotteries)


def _by_lot(calendar: Calendar) -> set[int]:
    """The buckets of slots that a draw will give."""
    found: set[int] = set()
    for lottery in open_lotteries(calendar):
        own = Bucket.objects.filter(slot__in=lottery.slots, scope=Scope.SLOT)
        found |= set(own.values_list("pk", flat=True))
    return found


def lock_buckets(buckets: Collection[int]) -> None:
    """Hold them until the transaction ends, in the order of ids as everybody does."""
    locked = Bucket.objects.filter(pk__in=buckets).select_for_update(no_key=True)
    list(locked.order_by("pk").values_list("pk"))
