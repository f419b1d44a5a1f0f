"""Fills our site: a department, bench/twelve.json as its procedure, and a hall that can be booked (bench/hall.json)."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from cms.models import Department
from cms.services import establish
from demo.sample_city import build_site
from formbuilder.importing import import_form
from reservations.layout import lock_calendar, make_slots
from reservations.models import Calendar, Slot, Venue
from reservations.planning import PlannedSlot

HERE = Path(__file__).parent
ROOMY = 1_000_000  # places of a slot: never full
SLOTS = 20


def fill() -> None:
    """The forms, published below their department's page."""
    build_site()
    department = Department.objects.create(name="見本課", code="mihon")
    section = establish(department)
    make_hall(department, "hall")
    for name in ("twelve", "hall"):
        data = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
        import_form(data, section=section, publish=True)


def make_hall(department: Department, code: str) -> list[Slot]:
    """A reception with one venue, and slots that never fill up, all on one day."""
    calendar = Calendar.objects.create(department=department, name="受付", code=code, valid_from=date(2026, 4, 1))
    venue = Venue.objects.create(calendar=calendar, name="会場")
    with transaction.atomic():
        return make_slots(lock_calendar(calendar.pk), list(_planned(venue.pk)))


def _planned(venue: int) -> Iterator[PlannedSlot]:
    day = timezone.localtime() + timedelta(days=10)
    first = day.replace(hour=8, minute=0, second=0, microsecond=0)
    for number in range(SLOTS):
        starts = first + timedelta(minutes=30 * number)
        yield PlannedSlot(venue, starts, starts + timedelta(minutes=30), ROOMY, ROOMY)
