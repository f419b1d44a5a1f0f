"""当日の受付名簿: who comes on a day, in the order of the slots; the same rows for paper and for Excel."""

import re
import uuid
from dataclasses import dataclass

from django.utils import timezone

from applications.models import ExportRecord, FileFormat
from reservations.ledger.day import BookingRow, Day, PersonRow, VenuePart
from reservations.models.calendars import WEEKDAYS
from staff.models import User

YES, NO = "○", ""
FIXED = ("時間", "受付番号", "氏名", "フリガナ", "電話")
LAST = ("入口", "来場")


@dataclass(frozen=True, slots=True)
class Line:
    """One person. cells: one for each heading; is_first: of the slot, where paper draws a thicker line."""

    cells: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One venue."""

    venue: str
    lines: tuple[Line, ...]
    people: int


@dataclass(frozen=True, slots=True)
class DaySheet:
    """title, subtitle: above every page; items: headings of the ○ columns."""

    title: str
    subtitle: str
    items: tuple[str, ...]
    sheets: tuple[Sheet, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        return (*FIXED, *self.items, *LAST)

    @property
    def people(self) -> int:
        return sum(sheet.people for sheet in self.sheets)


def sheet_of(day: Day) -> DaySheet:
    written = f"{day.day.year}年{day.day.month}月{day.day.day}日（{WEEKDAYS[day.day.weekday()]}）"
    return DaySheet(
        title=f"受付名簿　{day.calendar.name}",
        subtitle=f"{written}　{day.calendar.department}",
        items=tuple(item.name for item in day.items),
        sheets=tuple(_venue(part) for part in day.venues),
    )


def _venue(part: VenuePart) -> Sheet:
    """Holds are not on it: who has not finished is not expected."""
    lines: list[Line] = []
    people = 0
    for slot in part.slots:
        starts = timezone.localtime(slot.slot.starts_at)
        rows = [(row, person) for row in slot.bookings if row.is_confirmed for person in row.people]
        for number, (row, person) in enumerate(rows):
            lines.append(Line(_cells(f"{starts.hour}:{starts:%M}", row, person), number == 0))
            people += person.attendee.places
    return Sheet(part.venue.name, tuple(lines), people)


def _cells(time: str, row: BookingRow, person: PersonRow) -> tuple[str, ...]:
    attendee = person.attendee
    name = person.name if attendee.places == 1 else f"{person.name}（{attendee.places}）"
    return (
        time,
        row.booking.application.reference or "",
        name,
        person.told.kana,
        person.told.phone,
        *(YES if wish.asked else NO for wish in person.wishes),
        row.booking.get_channel_display(),
        person.mark.get_presence_display() if person.mark else "",
    )


def record(day: Day, sheet: DaySheet, format_: FileFormat, *, user: User) -> None:
    """Written before the first byte goes out, beside the exports of applications."""
    ExportRecord.objects.create(
        export=uuid.uuid4(),
        user=user,
        department=day.calendar.department,
        form_code=day.calendar.code,
        form_title=f"受付名簿　{day.calendar.name}",
        format=format_,
        rows=sheet.people,
        filters=[["日", day.day.isoformat()]],
    )


def file_name(day: Day, format_: FileFormat) -> str:
    """Without what Windows forbids in a name."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "＿", day.calendar.name)[:60]
    return f"受付名簿_{plain}_{day.day:%Y%m%d}.{format_}"
