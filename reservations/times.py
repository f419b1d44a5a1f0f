"""When something takes place, for people."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from cms.languages import is_japanese
from reservations.models import Slot


def when(starts_at: datetime, ends_at: datetime) -> str:
    """In the language of the moment: 2027年6月7日（月）6:00〜6:30, Mon 7 June 2027, 6:00–6:30"""
    if is_japanese():
        return Slot(starts_at=starts_at, ends_at=ends_at).when
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    day = f"{date_format(starts, 'D')} {date_format(starts, 'DATE_FORMAT')}"
    return f"{day}, {starts.hour}:{starts:%M}–{ends.hour}:{ends:%M}"


def slot_when(slot: Slot) -> str:
    return when(slot.starts_at, slot.ends_at)
