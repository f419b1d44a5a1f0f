"""The reservation as a file for a calendar (RFC 5545, RFC 5546). The only module that knows the icalendar library."""

from datetime import UTC
from email.utils import parseaddr
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from icalendar import Calendar, Event, vCalAddress, vText

from reservations.events import Told, told_of_booking
from reservations.models import Booking

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
CHANGING = gettext_noop("変更と取消は、予約のお知らせのメールにあるアドレスからできます。")
PRODUCT = "-//Madoguchi//Reservations//JA"


def calendar_file(booking: Booking, *, method: Method, told: Told | None = None, to: str = "") -> bytes:
    """The same UID for as long as the reservation lives; what came later has the higher SEQUENCE.

    told: as it was at some moment, None for now; to: who is invited, needed for REQUEST.
    """
    told = told or told_of_booking(booking)
    entry = Event()
    entry.add("uid", f"booking-{booking.pk}@{urlsplit(settings.BASE_URL).hostname}")
    entry.add("sequence", told.sequence)
    entry.add("dtstamp", timezone.now())
    entry.add("dtstart", told.starts_at.astimezone(UTC))
    entry.add("dtend", told.ends_at.astimezone(UTC))
    entry.add("summary", booking.slot.calendar.name)
    entry.add("location", f"{told.venue}（{told.address}）" if told.address else told.venue)
    # without the link: calendars are shared with people who may not cancel the reservation
    entry.add("description", f"{_('受付番号')} {booking.application.reference}\n{_(CHANGING)}")
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry["organizer"] = _address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], settings.WAGTAIL_SITE_NAME)
    if to:
        entry.add("attendee", _guest(to), encode=False)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _address(mail: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{mail}")
    address.params["cn"] = vText(name)
    return address


def _guest(mail: str) -> vCalAddress:
    """Comes already, and need not answer: nobody reads the answers."""
    guest = vCalAddress(f"mailto:{mail}")
    guest.params["partstat"] = vText("ACCEPTED")
    guest.params["rsvp"] = vText("FALSE")
    return guest
