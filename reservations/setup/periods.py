"""From when to when: asked for on the pages that make slots and compare them."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Max
from django.utils import timezone

from reservations.models import Calendar
from reservations.setup.fields import DayField

LONGEST = 366  # days
TOO_LONG = "期間は1年（366日）までにしてください。長いときは、分けて行ってください。"


class PeriodForm(forms.Form):
    first = DayField(label="初日")
    last = DayField(label="最終日")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "最終日は、初日と同じ日か後の日にしてください。")
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", TOO_LONG)
        return cleaned


def coming_year(calendar: Calendar) -> dict[str, date]:
    """What is likely wanted: from the day after the last slot, or from today, to the end of the reception's time."""
    latest = calendar.slots.aggregate(last=Max("day"))["last"]
    after = latest + timedelta(days=1) if latest else calendar.valid_from
    first = max(timezone.localdate(), calendar.valid_from, after)
    if calendar.valid_to and first > calendar.valid_to:
        first = max(timezone.localdate(), calendar.valid_from)
    year = first + timedelta(days=LONGEST - 1)
    if year.day == first.day:  # no 29 February on the way: a year ends the day before it began
        year -= timedelta(days=1)
    return {"first": first, "last": max(first, min(year, calendar.valid_to or year))}


def what_is_there(calendar: Calendar) -> dict[str, date]:
    """From today to the last slot, a year at most."""
    today = timezone.localdate()
    latest = calendar.slots.aggregate(last=Max("day"))["last"] or today
    return {"first": today, "last": min(max(today, latest), today + timedelta(days=LONGEST - 1))}
