"""Every change of a booking, one function each. All take their places at once or not at all; all may be repeated.

None of them may be called inside a transaction: taking places is the last thing a request does, because everybody
who wants the same place waits for it. They raise what refusals.py lists.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.models import Application
from reservations.again import again
from reservations.ending import claims_of, end
from reservations.events import CANCELLED, CHANGED, CONFIRMED, tell
from reservations.expiry import expire_holds
from reservations.models import ACTIVE, Attendee, Booking, Slot, State
from reservations.party import Party, digest, places_of
from reservations.placing import once_of, party_of, place, write_claims, write_party
from reservations.refusals import (
    AlreadyBooked,
    Busy,
    Changed,
    Full,
    HasBooking,
    HoldGone,
    NotActive,
    SlotGone,
    TooMany,
)
from reservations.taking import Delta, NotTaken, net, rooms_of, shift, shortages, wants
from reservations.windows import check_bookable, check_cancellable, check_changeable

TRIES = 8


@again
def hold(*, application: Application, slot_id: int, party: Party, key: str = "") -> Booking:
    """Keep places for a resident for some minutes. The same key, or the same choice again, brings the first booking.

    Raises Full, SlotGone, NotOpenYet, TooLate, TooMany, AlreadyBooked, HasBooking.
    """
    slot, now = _slot(slot_id), timezone.now()
    check_bookable(slot, now)
    _check_size(slot, party)
    wanted = Booking(
        application=application,
        slot=slot,
        state=State.HOLD,
        channel=application.channel,
        key=key or None,
        party=digest(party),
        hold_expires_at=now + timedelta(minutes=slot.calendar.hold_minutes),
    )
    return _placed(wanted, party, staff=False)


@again
def staff_book(
    *, application: Application, slot_id: int, party: Party, actor: AbstractBaseUser, key: str = ""
) -> Booking:
    """Book at once, at the counter or on the phone: up to the whole capacity, whatever deadlines say.

    Raises Full, SlotGone, AlreadyBooked, HasBooking.
    """
    slot, now = _slot(slot_id), timezone.now()
    wanted = Booking(
        application=application,
        slot=slot,
        state=State.CONFIRMED,
        channel=application.channel,
        key=key or None,
        party=digest(party),
        staff=actor,
        confirmed_at=now,
    )
    return _placed(wanted, party, staff=True)


@again
def extend(*, booking_id: int) -> Booking:
    """Once, when paying or proving one's identity begins. Raises HoldGone."""
    booking = Booking.objects.select_related("slot__calendar").get(pk=booking_id)
    until = timezone.now() + timedelta(minutes=booking.slot.calendar.extension_minutes)
    held = Booking.objects.filter(pk=booking_id, state=State.HOLD)
    held.filter(extended=False, hold_expires_at__lt=until).update(extended=True, hold_expires_at=until)
    return _still_held(booking)


@again
def keep(*, booking_id: int) -> Booking:
    """The resident has declared: the places wait for what is still to be done. Raises HoldGone."""
    booking = Booking.objects.select_related("slot__calendar").get(pk=booking_id)
    until = timezone.now() + timedelta(hours=booking.slot.calendar.declared_hours)
    Booking.objects.filter(pk=booking_id, state=State.HOLD, kept=False).update(kept=True, hold_expires_at=until)
    return _still_held(booking)


@again
def confirm(*, booking_id: int, names: Sequence[str] = ()) -> Booking:
    """The hold becomes a booking; one that has expired is taken again if its places are free. names: of the party.

    Raises NotActive, and for an expired one Full, SlotGone, AlreadyBooked, HasBooking.
    """
    with transaction.atomic(durable=True):
        swapped = Booking.objects.filter(pk=booking_id, state=State.HOLD).update(
            state=State.CONFIRMED, hold_expires_at=None, kept=False, confirmed_at=timezone.now()
        )
        booking = _read(booking_id)
        if swapped:
            _rename(booking, names)
            tell(booking, CONFIRMED)
    if booking.state == State.EXPIRED:
        return _until_taken(lambda: _take_again(booking_id, names))
    if booking.state != State.CONFIRMED:
        raise NotActive
    return booking


@again
def release(*, booking_id: int) -> Booking:
    """The resident lets go of a hold; a booking that is no hold stays as it is."""
    return _until_taken(lambda: _end(booking_id, {State.HOLD: State.RELEASED}))


@again
def cancel(*, booking_id: int) -> Booking:
    """The resident cancels. Raises TooLate."""
    booking = _read(booking_id)
    if booking.is_active:
        check_cancellable(booking.slot, timezone.now())
    return _until_taken(lambda: _end(booking_id, _GIVEN_UP))


@again
def staff_cancel(*, booking_id: int, actor: AbstractBaseUser, reason: str) -> Booking:
    """Cancel, whatever deadlines say."""
    return _until_taken(lambda: _end(booking_id, _GIVEN_UP, actor=actor, reason=reason))


@again
def drop(*, application_id: int) -> Booking | None:
    """The application is withdrawn, refused or expired: what it has goes back, whatever deadlines say."""
    booking = Booking.objects.filter(application=application_id, state__in=ACTIVE).first()
    return None if booking is None else _until_taken(lambda: _end(booking.pk, _GIVEN_UP))


@again
def change(*, booking_id: int, slot_id: int, party: Party | None = None, sequence: int | None = None) -> Booking:
    """Move to another slot, or to another party (None: as it is); the old places go back only if the new are had.

    sequence: of the booking that was shown. Raises Changed, HoldGone, NotActive, TooLate, NotOpenYet, Full, SlotGone,
    TooMany, AlreadyBooked.
    """
    booking, slot, now = _read(booking_id), _slot(slot_id), timezone.now()
    if booking.state == State.CONFIRMED:
        check_changeable(booking.slot, now)
    if slot.pk != booking.slot_id:
        check_bookable(slot, now)
    if party is not None:
        _check_size(slot, party)
    return _until_taken(lambda: _change(booking_id, slot, party, sequence, staff=False))


@again
def staff_change(
    *,
    booking_id: int,
    slot_id: int,
    actor: AbstractBaseUser,
    reason: str,
    party: Party | None = None,
    sequence: int | None = None,
) -> Booking:
    """The same for staff: up to the whole capacity, whatever deadlines say."""
    slot = _slot(slot_id)
    return _until_taken(
        lambda: _change(booking_id, slot, party, sequence, staff=True, actor=actor, reason=reason)
    )


_GIVEN_UP = {State.HOLD: State.RELEASED, State.CONFIRMED: State.CANCELLED}
