"""Hears what becomes of an application, and keeps, confirms or gives back its places. May hear everything twice."""

from contextlib import suppress
from typing import ClassVar

from applications.models import Event
from applications.status import Action
from reservations import services
from reservations.asking import Unclear, asked, requirement_of
from reservations.gate import active_booking
from reservations.models import Booking, State
from reservations.refusals import HoldGone

# Recorded by the apps that keep the resident busy elsewhere
BEGINS_ELSEWHERE = frozenset({"payment_started", "identity_started"})


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
                act = services.keep if event.kind == Action.DECLARE else services.extend
                act(booking_id=booking.pk)

    def _arrived(self, event: Event) -> None:
        """A hold that expired while the resident paid is taken again; if it is gone, the delivery fails and is tried
        again as places come free, and staff see it in the end."""
        application = event.application
        booking = active_booking(application) or Booking.objects.filter(application=application).order_by("pk").last()
        if booking is None or booking.unasked or booking.state not in (State.HOLD, State.EXPIRED):
            return
        names: tuple[str, ...] = ()
        with suppress(Unclear):
            names = tuple(person.name for person in asked(application).party)
        services.confirm(booking_id=booking.pk, names=names)
