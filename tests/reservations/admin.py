"""A clerk at the admin's pages of a reception: forms are sent as the browser would send what the page shows."""

from datetime import time
from typing import Any

from django.forms import BaseForm
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from cms.models import Department
from reservations.models import Calendar, Venue, WeeklyPattern
from reservations.party import Party
from reservations.services import staff_book
from reservations.setup import changes
from tests.support.cast import make_form, make_staff, submit

KINDS = ("venues", "items", "patterns", "closures", "openings", "quotas", "seasons")


def url(name: str, calendar: Calendar | None = None, *args: Any) -> str:
    return reverse(f"receptions:{name}", args=args if calendar is None else (calendar.pk, *args))


def sent(form: BaseForm, **changes: Any) -> dict[str, Any]:
    """What the form's boxes hold, with these filled in otherwise. None: not sent at all."""
    values: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = field.prepare_value(form[name].value())
        if value is not False and value not in (None, ""):
            values[name] = value
    return {name: value for name, value in (values | changes).items() if value is not None}


def fill(client: Client, address: str, **changes: Any) -> Any:
    """Open the page, fill in its form, and send it."""
    page = client.get(address)
    return client.post(address, sent(page.context["form"], **changes))


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def said(response: Any) -> str:
    return str(response.content.decode())


def add_pattern(calendar: Calendar, venue: Venue, **settings: Any) -> WeeklyPattern:
    """Mondays to Fridays, 6:00 to 8:00, four slots of half an hour with 12 places."""
    usual = {"weekdays": [0, 1, 2, 3, 4], "starts": time(6), "ends": time(8), "minutes": 30}
    limits = {"limit_public": 12, "limit_total": 12}
    return WeeklyPattern.objects.create(calendar=calendar, venue=venue, **(usual | limits | settings))


def book(department: Department, slot: int, party: Party, *, form: Any = None) -> Any:
    """An application that was received, with its booking; by an officer on the phone."""
    application = submit(form or make_form(department))
    officer = make_staff(f"phone-{application.pk}")
    return staff_book(application=application, slot_id=slot, party=party, actor=officer)


def history(calendar: Calendar) -> list[str]:
    """What Wagtail's history tells of the rules, the oldest first."""
    entries = ModelLogEntry.objects.for_instance(calendar).order_by("pk")
    return [entry.message for entry in entries if entry.action == changes.RULES]
