"""People who wait for a place, and what became of them."""

from applications.models import Application, Event
from reservations import services
from reservations.models import Booking, Slot, WaitingEntry
from reservations.party import Party
from reservations.waiting.entries import join
from tests.reservations.scene import (
    CheckUp,
    add_slots,
    alone,
    applications,
)
from tests.support.cast import Cast


def full_slot(cast: Cast, check_up: CheckUp, places: int = 1) -> tuple[Slot, list[Booking]]:
    (slot,) = add_slots(check_up, places=places)
    booked = [
        services.hold(application=each, slot_id=slot.pk, party=alone()) for each in applications(cast.form, places)
    ]
    return slot, [services.confirm(booking_id=booking.pk) for booking in booked]


def wait(cast: Cast, slot: Slot, party: Party | None = None, count: int = 1) -> list[WaitingEntry]:
    return [join(application=each, slot_id=slot.pk, party=party or alone()) for each in applications(cast.form, count)]


def states(*entries: WaitingEntry) -> list[str]:
    for entry in entries:
        entry.refresh_from_db()
    return [entry.state for entry in entries]


def kinds(application: Application) -> list[str]:
    return [event.kind for event in Event.objects.filter(application=application)]
