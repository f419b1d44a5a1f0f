"""Tells the resident what became of the reservation, with a file for the calendar."""

from typing import ClassVar

from applications.models import Event
from outreach.mail import File, concealed, send, write
from reservations.events import CANCELLED, CHANGED, CONFIRMED, told_of
from reservations.models import Booking
from reservations.placing import party_of
from reservations.refusals import clock
from reservations.resident.calendar_file import Method, calendar_file
from reservations.resident.holding import wishes_of
from reservations.resident.links import url_of

NAME = "yoyaku.ics"
LINK = "予約の画面のアドレス"


class BookingMail:
    """A mail for each thing that happens to a booking, as it was then; none where no address was given."""

    name = "booking_mail"
    kinds: ClassVar = frozenset({CONFIRMED, CHANGED, CANCELLED})
    methods: ClassVar[dict[str, Method]] = {CONFIRMED: "REQUEST", CHANGED: "REQUEST", CANCELLED: "CANCEL"}

    def deliver(self, event: Event) -> None:
        application = event.application
        if not application.email:
            return
        bookings = Booking.objects.select_related("slot__calendar__department", "application")
        booking = bookings.get(pk=event.data["booking"], application=application)
        calendar, told, link = booking.slot.calendar, told_of(event.data), url_of(application)
        method = self.methods[event.kind]
        context = {
            "title": application.version.engine.definition.title,
            "calendar": calendar,
            "department": calendar.department,
            "told": told,
            "before": told_of({**event.data, "slot": event.data["before"]}) if "before" in event.data else None,
            "wishes": wishes_of(calendar, party_of(booking)),
            "link": concealed(link, LINK),
            "change_until": clock(calendar.change_deadline.before(told.starts_at)),
            "cancel_until": clock(calendar.cancel_deadline.before(told.starts_at)),
            "by_staff": event.actor_id is not None,
        }
        content = calendar_file(booking, method=method, told=told, to=application.email)
        file = File(NAME, f"text/calendar; method={method}", content)
        send(write(event, f"reservation_{event.kind}", context, files=[file]), {LINK: link})
