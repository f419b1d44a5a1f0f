"""The gate before the check page: opens when the places are held that the answers ask for, or drawn for by lot."""

from typing import Any

from django.urls import reverse

from applications.gates import Moment
from applications.models import Application
from reservations.asking import Unclear, asked, requirement_of
from reservations.lottery.entering import lottery_facts, stands_for
from reservations.models import ACTIVE, Booking
from reservations.party import digest, places_of
from reservations.placing import party_of
from reservations.requirement import NAME


def active_booking(application: Application) -> Booking | None:
    """The hold or booking that the application has now."""
    active = Booking.objects.filter(application=application, state__in=ACTIVE)
    return active.select_related("slot__calendar", "slot__venue").first()


class ReservationGate:
    name = NAME
    moment = Moment.CHECK

    def applies(self, application: Application) -> bool:
        return requirement_of(application) is not None

    def is_open(self, application: Application) -> bool:
        """Asked while the application is locked: so nobody ends its hold, late as it is (expiry.py)."""
        booking = active_booking(application)
        try:
            wanted = asked(application)
        except Unclear:
            return False
        if booking is None:
            return stands_for(application, wanted.calendar, wanted.party)
        return booking.slot.calendar_id == wanted.calendar.pk and booking.party == digest(wanted.party)

    def url(self, application: Application) -> str:
        """Below the form's own address, where alone the browser sends the draft's key."""
        return reverse("apply-reservation", kwargs={"code": application.form.code})

    def facts(self, application: Application) -> dict[str, Any]:
        booking = active_booking(application)
        if booking is None:
            return {"予約": "なし"} | lottery_facts(application)
        facts = lottery_facts(application) | {
            "予約": f"{booking.slot.when} {booking.slot.venue}",
            "予約の状態": booking.get_state_display(),
            "人数・点数": str(places_of(party_of(booking))),
        }
        items = "、".join(
            f"{row.name or f'{row.ordinal + 1}人目'}: {'・'.join(item.name for item in row.items.all())}"
            for row in booking.attendees.prefetch_related("items")
            if row.items.all()
        )
        return facts | ({"予約の項目": items} if items else {})
