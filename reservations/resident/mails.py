"""Tells the resident what became of the reservation, with a file for the calendar."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext as _

from applications.models import Event
from formbuilder.mails import Mail
from outreach.mail import File, concealed, send, write
from outreach.words import speaking
from reservations import letters
from reservations.events import CANCELLED, CHANGED, CONFIRMED, Told, told_of
from reservations.letters import LINK
from reservations.models import Booking
from reservations.placing import party_of
from reservations.refusals import clock
from reservations.resident.calendar_file import Method, calendar_file
from reservations.resident.holding import wishes_of
from reservations.resident.links import url_of
from reservations.times import when

NAME = "yoyaku.ics"


class BookingMail:
    """A mail for each thing that happens to a booking, as it was then; none where no address was given."""

    name = letters.SENDER
    kinds: ClassVar = frozenset({CONFIRMED, CHANGED, CANCELLED})
    methods: ClassVar[dict[str, Method]] = {CONFIRMED: "REQUEST", CHANGED: "REQUEST", CANCELLED: "CANCEL"}
    mails: ClassVar[dict[str, Mail]] = {
        CONFIRMED: letters.CONFIRMED,
        CHANGED: letters.CHANGED,
        CANCELLED: letters.CANCELLED,
    }

    def deliver(self, event: Event) -> None:
        application = event.application
        if not application.email:
            return
        bookings = Booking.objects.select_related("slot__calendar__department", "application")
        booking = bookings.get(pk=event.data["booking"], application=application)
        told, link, method = told_of(event.data), url_of(application), self.methods[event.kind]
        with speaking(application):
            content = calendar_file(booking, method=method, told=told, to=application.email)
        message = write(
            event,
            self.mails[event.kind],
            lambda: {**_values(event, booking, told), LINK: concealed(link, LINK)},
            department=booking.slot.calendar.department,
            files=[File(NAME, f"text/calendar; method={method}", content)],
        )
        send(message, {LINK: link})


def _values(event: Event, booking: Booking, told: Told) -> Mapping[str, str]:
    """In the language of the moment."""
    calendar = booking.slot.calendar
    before = told_of({**event.data, "slot": event.data["before"]}) if "before" in event.data else None
    by_staff = {CHANGED: _("（担当の職員が変更しました）"), CANCELLED: _("（担当の職員が取り消しました）")}
    return {
        "予約の名前": calendar.name,
        "日時": when(told.starts_at, told.ends_at),
        "会場": told.venue,
        "会場の住所": told.address,
        "人数と項目": party_in_words(booking),
        "変更前": f"{when(before.starts_at, before.ends_at)} {before.venue}" if before else "",
        "変更の締切": clock(calendar.change_deadline.before(told.starts_at)),
        "取消の締切": clock(calendar.cancel_deadline.before(told.starts_at)),
        "職員の操作": by_staff.get(event.kind, "") if event.actor_id is not None else "",
    }


def party_in_words(booking: Booking) -> str:
    """One person, or one lot of places, below the other, as the mail aligns them."""
    lines = []
    for wish in wishes_of(booking.slot.calendar, party_of(booking)):
        line = wish.name or _("申請者")
        line += f"　{wish.places}" if wish.places != 1 else ""
        lines.append(f"{line}：{wish.items}" if wish.items else line)
    return "\n　　　　　　　".join(lines)
