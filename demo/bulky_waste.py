"""大型ごみ収集 of みほん市: the days on which two districts are visited, with so many things a day."""

from datetime import time, timedelta

from django.db import transaction
from django.utils import timezone

from cms.models import Department
from reservations.generation import preview
from reservations.layout import lock_calendar, make_slots
from reservations.models import Calendar, Venue, WeeklyPattern

CODE = "ogata-gomi"
WEEKS = 8
DISTRICTS = [("中央地区", (2, 5)), ("川北地区", (3, 6))]
PUBLIC, TOTAL = 55, 60  # things of a day and district; the rest is for those who call


@transaction.atomic
def build_bulky_waste(department: Department) -> Calendar:
    """Who cancels does so until two days before."""
    today = timezone.localdate()
    deadlines = {f"{what}_days": 2 for what in ("book", "change", "cancel")}
    times = {f"{what}_time": time(17) for what in ("book", "change", "cancel")}
    calendar = Calendar.objects.create(
        department=department, name="大型ごみ収集", code=CODE, valid_from=today, max_places=10, **deadlines, **times
    )
    for order, (name, weekdays) in enumerate(DISTRICTS):
        venue = Venue.objects.create(calendar=calendar, name=name, order=order)
        WeeklyPattern.objects.create(
            calendar=calendar,
            venue=venue,
            weekdays=list(weekdays),
            starts=time(8, 30),
            ends=time(12),
            minutes=210,
            limit_public=PUBLIC,
            limit_total=TOTAL,
        )
    locked = lock_calendar(calendar.pk)
    first = today + timedelta(days=3)
    make_slots(locked, preview(calendar=locked, first=first, last=first + timedelta(weeks=WEEKS)).make)
    return locked
