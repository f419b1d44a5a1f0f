"""The reservation on the check page, with the time that is left to declare, and on the page afterwards."""

from django.utils import timezone

from applications.models import Application
from applications.panels import Place, Shown
from reservations.asking import requirement_of
from reservations.gate import active_booking
from reservations.lottery.entering import is_by_lot
from reservations.placing import party_of
from reservations.requirement import NAME
from reservations.resident.holding import is_sure, kept_of, wishes_of
from reservations.resident.links import token_of


class ReservationPanel:
    name = NAME

    def show(self, application: Application, place: Place) -> Shown | None:
        if requirement_of(application) is None:
            return None
        booking = active_booking(application)
        if booking is None and (place == Place.CHECK or is_by_lot(application)):
            return None  # the gate is closed, and leads elsewhere; or there is a lottery, which has a panel of its own
        context = {
            "code": application.form.code,
            "booking": booking,
            "kept": kept_of(booking, timezone.now()) if booking else None,
            "wishes": wishes_of(booking.slot.calendar, party_of(booking)) if booking else [],
            "token": token_of(application),
            "is_sure": booking is not None and is_sure(booking),
        }
        return Shown(f"reservations/_on_{place}.html", context)
