"""Hears what becomes of an application, and keeps, confirms or gives back its places. May hear everything twice."""

from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from applications.models import Event
from applications.status import Action, Status
from reservations import services
from reservations.asking import Unclear, asked, requirement_of
from reservations.events import tell_lost
from reservations.gate import active_booking
from reservations.models import Booking, State
from reservations.refusals import AlreadyBooked, Full, HoldGone, SlotGone

# Recorded by the apps that keep the resident busy elsewhere. One that says `until` is held for exactly so long.
BEGINS_ELSEWHERE = frozenset({"payment_started", "payment_promised", "identity_started"})
OVER = (Status.WITHDRAWN, Status.EXPIRED, Status.REJECTED)


class ReservationSubscriber:
    name = "reservations"
    ends: ClassVar = frozenset({str(Action.WITHDRAW), str(Action.EXPIRE), str(Action.REJECT)})
    kinds: ClassVar = frozenset({str(Action.DECLARE), str(Action.ARRIVE)}) | ends | BEGINS_ELSEWHERE

    def concerns(self, event: Event) -> bool:
        """Most forms ask for no place."""
        return requirement_of(event.application) is not None

    def deliver(self, event: Event) -> None:
        if event.kind in self.ends:
            services.drop(application_id=event.application_id)
        elif event.kind == Action.ARRIVE:
            self._arrived(event)
        elif (booking := active_booking(event.application)) and not booking.unasked:
            with suppress(HoldGone):  # it will be taken again on arrival
                self._hold(event, booking)

    def _hold(self, event: Event, booking: Booking) -> None:
        if event.kind == Action.DECLARE:
            services.keep(booking_id=booking.pk)
        elif "until" in event.data:
            services.hold_until(booking_id=booking.pk, until=datetime.fromisoformat(event.data["until"]))
        else:
            services.extend(booking_id=booking.pk)

    def _arrived(self, event: Event) -> None:
        """A hold that expired while the resident paid is taken again; if it is gone, the history says so once (who took
        money for it sends that back), and the delivery is tried again as places come free, until staff see it."""
        application = event.application
        if application.status in OVER:
            return
        booking = active_booking(application) or Booking.objects.filter(application=application).order_by("pk").last()
        if booking is None or booking.unasked or booking.state not in (State.HOLD, State.EXPIRED):
            return
        names: tuple[str, ...] = ()
        with suppress(Unclear):
            names = tuple(person.name for person in asked(application).party)
        try:
            services.confirm(booking_id=booking.pk, names=names)
        except (Full, SlotGone, AlreadyBooked):
            tell_lost(booking)
            raise
        application.refresh_from_db(fields=["status"])
        if application.status in OVER:  # in this moment: whoever was to give its places back found none
            services.drop(application_id=application.pk)
