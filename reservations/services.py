"""Every change of a booking, one function each. All take their places at once or not at all; all may be repeated.

None of them may be called inside a transaction: taking places is the last thing a request does, because everybody
who wants the same place waits for it. They raise what refusals.py lists.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone

from applications.models import Application
from reservations.again import again
from reservations.events import CONFIRMED, tell
from reservations.known import Known, forget, known_slot
from reservations.models import ACTIVE, Booking, Slot, State
from reservations.moving import changed, ended, placed, rename, taken_again, until_taken
from reservations.party import Party, digest, places_of
from reservations.placing import Stale
from reservations.refusals import Busy, HoldGone, NotActive, NotOpenYet, SlotGone, TooLate, TooMany
from reservations.waiting.offers import frees
from reservations.windows import check_bookable, check_cancellable, check_changeable
from staff.models import User

TRIES = 3  # the rules of a reception change seldom
BY_RESIDENT = "申請者がリンクから操作しました。"  # told in the history
GIVEN_UP = {State.HOLD: State.RELEASED, State.CONFIRMED: State.CANCELLED}


@again
def hold(*, application: Application, slot_id: int, party: Party, key: str = "") -> Booking:
    """Keep places for a resident for some minutes. The same key, or the same choice again, brings the first booking.

    Raises Full, SlotGone, NotOpenYet, TooLate, TooMany, AlreadyBooked, HasBooking.
    """
    for _ in range(TRIES):
        known = known_slot(slot_id)
        if known is None:
            raise SlotGone
        try:
            return _held(application, known, party, key)
        except Stale:
            forget(slot_id)
        except (NotOpenYet, TooLate, TooMany):
            if known.is_fresh:
                raise
            forget(slot_id)
    raise Busy


@again
def staff_book(*, application: Application, slot_id: int, party: Party, actor: User, key: str = "") -> Booking:
    """Book at once, at the counter or on the phone: up to the whole capacity, whatever deadlines say.

    Raises Full, SlotGone, AlreadyBooked, HasBooking.
    """
    slot, now = _slot(slot_id), timezone.now()
    wanted = Booking(
        application=application,
        slot=slot,
        state=State.CONFIRMED,
        channel=application.channel,
        key=_key(application, key),
        party=digest(party),
        staff=actor,
        confirmed_at=now,
    )
    return placed(wanted, party, staff=True)


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
    held = Booking.objects.filter(pk=booking_id, state=State.HOLD, kept=False)
    held.update(kept=True, hold_expires_at=Greatest("hold_expires_at", Value(until)))
    return _still_held(booking)


@again
def hold_until(*, booking_id: int, until: datetime) -> Booking:
    """The resident may still pay until then, and what is paid for has to be there. Never shorter. Raises HoldGone."""
    booking = Booking.objects.get(pk=booking_id)
    Booking.objects.filter(pk=booking_id, state=State.HOLD, hold_expires_at__lt=until).update(hold_expires_at=until)
    return _still_held(booking)


@again
def confirm(*, booking_id: int, names: Sequence[str] = ()) -> Booking:
    """The hold becomes a booking; one that has expired is taken again if its places are free. names: of the party.

    Raises NotActive, and for an expired one Full, SlotGone, AlreadyBooked.
    """
    with transaction.atomic(durable=True):
        swapped = Booking.objects.filter(pk=booking_id, state=State.HOLD).update(
            state=State.CONFIRMED, hold_expires_at=None, kept=False, confirmed_at=timezone.now()
        )
        booking = _read(booking_id)
        if swapped:
            rename(booking, names)
            tell(booking, CONFIRMED)
    if booking.state == State.EXPIRED:
        return until_taken(lambda: taken_again(booking_id, names))
    if booking.state != State.CONFIRMED:
        raise NotActive
    return booking


@frees
@again
def release(*, booking_id: int) -> Booking:
    """The resident lets go of a hold; a booking that is no hold stays as it is."""
    return until_taken(lambda: ended(booking_id, {State.HOLD: State.RELEASED}))


@frees
@again
def cancel(*, booking_id: int) -> Booking:
    """The resident cancels. Raises TooLate."""
    booking = _read(booking_id)
    if booking.is_active:
        check_cancellable(booking.slot, timezone.now())
    return until_taken(lambda: ended(booking_id, GIVEN_UP, reason=BY_RESIDENT))


@frees
@again
def staff_cancel(*, booking_id: int, actor: User, reason: str) -> Booking:
    """Cancel, whatever deadlines say."""
    return until_taken(lambda: ended(booking_id, GIVEN_UP, actor=actor, reason=reason))


@frees
@again
def drop(*, application_id: int) -> Booking | None:
    """The application is withdrawn, refused or expired: what it has goes back, whatever deadlines say."""
    booking = Booking.objects.filter(application=application_id, state__in=ACTIVE).first()
    return None if booking is None else until_taken(lambda: ended(booking.pk, GIVEN_UP))


@frees
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
    return until_taken(lambda: changed(booking_id, slot, party, sequence, staff=False, reason=BY_RESIDENT))


@frees
@again
def staff_change(
    *,
    booking_id: int,
    slot_id: int,
    actor: User,
    reason: str,
    party: Party | None = None,
    sequence: int | None = None,
) -> Booking:
    """The same for staff: up to the whole capacity, whatever deadlines say."""
    slot = _slot(slot_id)
    return until_taken(lambda: changed(booking_id, slot, party, sequence, staff=True, actor=actor, reason=reason))


def _held(application: Application, known: Known, party: Party, key: str) -> Booking:
    """Judged by what is known of the slot; raises Stale when the database knows better."""
    slot, now = known.slot, timezone.now()
    check_bookable(slot, now)
    _check_size(slot, party)
    wanted = Booking(
        application=application,
        slot=slot,
        state=State.HOLD,
        channel=application.channel,
        key=_key(application, key),
        party=digest(party),
        hold_expires_at=now + timedelta(minutes=slot.calendar.hold_minutes),
    )
    return placed(wanted, party, known=known if known.version else None, staff=False)


def _slot(slot_id: int) -> Slot:
    slot = Slot.objects.select_related("calendar", "venue").filter(pk=slot_id).first()
    if slot is None:
        raise SlotGone
    return slot


def _read(booking_id: int) -> Booking:
    return Booking.objects.select_related("slot__calendar", "slot__venue", "application").get(pk=booking_id)


def _check_size(slot: Slot, party: Party) -> None:
    if not party:
        raise ValueError("a party is somebody")
    if places_of(party) > slot.calendar.max_places:
        raise TooMany(slot.calendar.max_places)


def _still_held(booking: Booking) -> Booking:
    booking.refresh_from_db()
    if not booking.is_active:
        raise HoldGone
    return booking


def _key(application: Application, key: str) -> str | None:
    """Nobody gets somebody else's booking by guessing a key."""
    return f"{application.pk}:{key}"[:64] if key else None
