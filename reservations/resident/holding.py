"""The places of an application as its resident sees them: for how long they are kept, and what they are for."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from applications.models import Application
from reservations import services
from reservations.asking import Asked
from reservations.gate import active_booking
from reservations.known import known_slot
from reservations.models import Booking, Calendar, Item, State
from reservations.party import Party, digest
from reservations.refusals import HasBooking, HoldGone, NotActive, SlotGone, clock


@dataclass(frozen=True, slots=True)
class Kept:
    """A booking on its way to be confirmed. seconds: how long the hold lives, None when nothing counts down."""

    booking: Booking
    seconds: int | None

    @property
    def until(self) -> str:
        return clock(self.booking.hold_expires_at) if self.booking.hold_expires_at else ""


@dataclass(frozen=True, slots=True)
class Wish:
    """One person of the party, or one lot of places, in words."""

    name: str
    places: int
    items: str


def kept_of(booking: Booking, now: datetime | None = None) -> Kept:
    if booking.state != State.HOLD or booking.kept or booking.hold_expires_at is None:
        return Kept(booking, None)
    left = (booking.hold_expires_at - (now or timezone.now())).total_seconds()
    return Kept(booking, max(0, int(left)))


def wishes_of(calendar: Calendar, party: Party) -> list[Wish]:
    names = {item.pk: item.name for item in Item.objects.filter(calendar=calendar)}
    return [
        Wish(person.name, person.places, "・".join(name for pk, name in names.items() if pk in person.items))
        for person in party
    ]


def is_late(booking: Booking, now: datetime) -> bool:
    """A hold that nobody may rely on, though nobody has ended it yet."""
    return kept_of(booking, now).seconds == 0


def is_sure(booking: Booking) -> bool:
    """Confirmed, or about to be: nothing ends the hold of an application that has arrived."""
    if booking.state == State.HOLD:
        return booking.application.received_at is not None
    return booking.state == State.CONFIRMED


def fits_answers(booking: Booking, wanted: Asked) -> bool:
    """Whether what is held is what the answers ask for."""
    return booking.slot.calendar_id == wanted.calendar.pk and booking.party == digest(wanted.party)


def take(*, application: Application, wanted: Asked, slot_id: int, key: str) -> Booking:
    """Hold the slot for the party of the answers, in place of what is held; what is held stays if that fails.

    Raises what services.hold and services.change raise.
    """
    known = known_slot(slot_id)
    if known is None or known.slot.calendar_id != wanted.calendar.pk:
        raise SlotGone
    booking = active_booking(application)
    if booking is not None and booking.slot.calendar_id != wanted.calendar.pk:
        services.release(booking_id=booking.pk)  # the form has moved on to another reception
        booking = None
    if booking is not None:
        try:
            return services.change(booking_id=booking.pk, slot_id=slot_id, party=wanted.party)
        except (HoldGone, NotActive):
            pass  # it has just ended
    try:
        booking = services.hold(application=application, slot_id=slot_id, party=wanted.party, key=key)
    except HasBooking as other:  # of another window, in this moment
        booking = other.booking
    if not booking.is_active:  # the page was sent before, and what it brought then has ended
        return services.hold(application=application, slot_id=slot_id, party=wanted.party)
    if (booking.slot_id, booking.party) == (slot_id, digest(wanted.party)):
        return booking
    return services.change(booking_id=booking.pk, slot_id=slot_id, party=wanted.party)
