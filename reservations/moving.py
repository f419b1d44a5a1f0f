"""How a booking comes to be, moves and ends: one attempt each, and what to do when an attempt was in vain.

For services.py, which says who may do it and when.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from reservations.ending import claims_of, end
from reservations.events import CANCELLED, CHANGED, CONFIRMED, tell
from reservations.expiry import expire_holds
from reservations.known import Known
from reservations.models import ACTIVE, Attendance, Attendee, Booking, Slot, State
from reservations.party import Party, digest
from reservations.placing import once_of, party_of, place, place_at_once, write_claims, write_party
from reservations.refusals import AlreadyBooked, Busy, Changed, Full, HasBooking, HoldGone, NotActive, SlotGone
from reservations.taking import Delta, NotTaken, net, rooms_of, season_in, shift, shortages, wants
from staff.models import User

TRIES = 8  # staff change a limit, or a place comes free, between reading and taking: seldom twice


def until_taken(attempt: Callable[[], Booking]) -> Booking:
    """Try until places were taken or are known to be missing. Raises Full, AlreadyBooked, and Busy after TRIES."""
    for _ in range(TRIES):
        try:
            return attempt()
        except NotTaken as refused:
            clear_way(refused)
        except IntegrityError as problem:
            if not is_duplicate(problem):
                raise
            raise AlreadyBooked from problem
    raise Busy


def clear_way(refused: NotTaken) -> None:
    """Returns when another attempt may succeed; raises Full. A dead hold in the way is ended here, job or no job."""
    if not (missing := shortages(refused.deltas, staff=refused.staff)):
        return
    expire_holds(buckets=[shortage.bucket for shortage in missing])
    if missing := shortages(refused.deltas, staff=refused.staff):
        raise Full(missing)


def placed(wanted: Booking, party: Party, *, known: Known | None = None, staff: bool) -> Booking:
    """The booking with its places, or the one that stands already when this was asked before.

    known: of the slot, for a resident's hold on PostgreSQL; then Stale may be raised.
    """

    def attempt() -> Booking:
        try:
            if known is not None:
                return place_at_once(wanted, party, wants(known.rooms, party), known.version)
            return place(copy(wanted), party, _wanted_of(wanted.slot, party), staff=staff)
        except NotTaken:
            # asked before: then it may be we ourselves who have the last places
            if standing := _standing(wanted):
                return standing
            raise
        except IntegrityError as problem:
            if not is_duplicate(problem):
                raise
            if standing := _standing(wanted):
                return standing
            _make_way_for(wanted, party)
            raise NotTaken((), staff=staff) from problem

    return until_taken(attempt)


def _wanted_of(slot: Slot, party: Party) -> list[Delta]:
    """What the party takes in the slot. Brings the slot's season up to date with it: both come of one reading."""
    rooms = rooms_of(slot.pk)
    if not rooms:
        raise SlotGone
    slot.season_id = season_in(rooms)
    return wants(rooms, party)


def _standing(wanted: Booking) -> Booking | None:
    """What the same request, or the same choice, brought before. Raises HasBooking for another choice."""
    active = Q(application=wanted.application_id, state__in=ACTIVE)
    same_key = Q(key=wanted.key) if wanted.key else Q(pk__in=())
    found = list(Booking.objects.filter(active | same_key).select_related("slot__calendar"))
    for booking in found:
        if wanted.key and booking.key == wanted.key:
            return booking
    for booking in found:
        if expire_holds(bookings=[booking.pk]):
            continue
        if (booking.slot_id, booking.party) == (wanted.slot_id, wanted.party):
            return booking
        raise HasBooking(booking)
    return None


def _make_way_for(wanted: Booking, party: Party) -> None:
    """End dead holds of the same persons. Raises AlreadyBooked when one of them has a booking that counts."""
    wanted.slot = copy(wanted.slot)  # what is known of it belongs to others too
    _wanted_of(wanted.slot, party)  # in the season that the slot has now
    keys = [once for person in party if (once := once_of(wanted.slot, person.person))]
    others = Attendee.objects.filter(once__in=keys)
    expire_holds(bookings=list(others.values_list("booking", flat=True)))
    if others.exists():
        raise AlreadyBooked


def is_duplicate(problem: IntegrityError) -> bool:
    if connection.vendor == "postgresql":
        return getattr(problem.__cause__, "sqlstate", None) == "23505"  # unique_violation
    return "UNIQUE" in str(problem)


def lock(booking_id: int) -> Booking:
    """The row, held until the transaction ends; before any bucket, in every kind of move.

    Its slot is read afterwards: PostgreSQL would judge a join by the slot that the row named before the wait, and find
    no row at all when somebody has just moved it.
    """
    booking = Booking.objects.select_for_update(no_key=True).get(pk=booking_id)
    booking.slot = Slot.objects.select_related("calendar", "venue").get(pk=booking.slot_id)
    return booking


@transaction.atomic(durable=True)
def ended(
    booking_id: int,
    states: Mapping[State, State],
    *,
    actor: User | None = None,
    reason: str = "",
) -> Booking:
    """Give everything back. states: from which state to which; a booking in another stays as it is."""
    booking = lock(booking_id)
    state = states.get(State(booking.state))
    if state is None:
        return booking
    now = timezone.now()
    if state == State.CANCELLED or actor is not None:
        booking.sequence += 1
        booking.save(update_fields=["sequence"])
        tell(booking, CANCELLED, actor=actor, reason=reason)
    end([booking], state, now)
    return booking


@transaction.atomic(durable=True)
def changed(
    booking_id: int,
    slot: Slot,
    party: Party | None,
    sequence: int | None,
    *,
    staff: bool,
    actor: User | None = None,
    reason: str = "",
) -> Booking:
    """The new places taken and the old ones given back in one move of the counters."""
    booking = lock(booking_id)
    _check_movable(booking, slot, sequence)
    party = party or party_of(booking)
    if (booking.slot_id, booking.party) == (slot.pk, digest(party)):
        return booking
    before, old, new = booking.slot, claims_of([booking_id]), _wanted_of(slot, party)
    same_people = booking.party == digest(party) and before.season_id == slot.season_id
    booking.slot, booking.party, booking.sequence = slot, digest(party), booking.sequence + 1
    if booking.state == State.HOLD and not booking.kept:
        until = timezone.now() + timedelta(minutes=slot.calendar.hold_minutes)
        held_until = booking.hold_expires_at if before.pk == slot.pk else None
        booking.hold_expires_at = max(until, held_until or until)  # what the waiting list offered keeps its time
    booking.save(update_fields=["slot", "party", "sequence", "hold_expires_at"])
    if same_people:
        Attendance.objects.filter(attendee__booking=booking).delete()  # of the day that is given up
    else:
        booking.attendees.all().delete()
        write_party(booking, party)
    booking.claims.all().delete()
    write_claims(booking, new)
    if booking.state == State.CONFIRMED:
        tell(booking, CHANGED, actor=actor, reason=reason, before=before)
    shift(net(old, new), staff=staff)
    return booking


def _check_movable(booking: Booking, slot: Slot, sequence: int | None) -> None:
    if booking.state == State.EXPIRED:
        raise HoldGone
    if not booking.is_active:
        raise NotActive
    if sequence is not None and sequence != booking.sequence:
        raise Changed
    if slot.calendar_id != booking.slot.calendar_id:
        raise SlotGone


@transaction.atomic(durable=True)
def taken_again(booking_id: int, names: Sequence[str]) -> Booking:
    """An expired hold, confirmed after all: with the places that it had, if they are free."""
    booking = lock(booking_id)
    if booking.state == State.CONFIRMED:
        return booking
    if booking.state != State.EXPIRED:
        raise NotActive
    deltas = _wanted_of(booking.slot, party_of(booking))
    booking.state, booking.ended_at, booking.confirmed_at = State.CONFIRMED, None, timezone.now()
    booking.save(update_fields=["state", "ended_at", "confirmed_at"])
    for row in booking.attendees.all():
        row.once = once_of(booking.slot, row.person)
        row.save(update_fields=["once"])
    rename(booking, names)
    write_claims(booking, deltas)
    tell(booking, CONFIRMED)
    shift(deltas, staff=False)
    return booking


def rename(booking: Booking, names: Sequence[str]) -> None:
    """Names as they were declared; they may have been corrected since the places were held."""
    for row in booking.attendees.all() if names else ():
        if row.ordinal < len(names) and row.name != names[row.ordinal]:
            row.name = names[row.ordinal]
            row.save(update_fields=["name"])
