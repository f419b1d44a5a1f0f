"""By which way the bookings of a reception came, month by month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F
from django.db.models.functions import TruncDate

from applications.models import Channel
from reservations.models import Booking, Calendar, State

# By the day they are for, or by the day they were made
VISIT, MADE = "visit", "made"


@dataclass(frozen=True, slots=True)
class Month:
    """counts: bookings by channel, in the order of the table's."""

    label: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def cells(self) -> list[tuple[int, str]]:
        """(bookings, share in per cent with one decimal)."""
        return [(count, share(count, self.total)) for count in self.counts]


@dataclass(frozen=True, slots=True)
class Table:
    channels: tuple[Channel, ...]
    months: tuple[Month, ...]

    @property
    def whole(self) -> Month:
        sums = tuple(sum(column) for column in zip(*(month.counts for month in self.months), strict=True))
        return Month("合計", sums or (0,) * len(self.channels))


def share(count: int, total: int) -> str:
    return f"{count * 100 / total:.1f}%" if total else ""


def table_of(calendar: Calendar, *, year: int, by: str) -> Table:
    """The confirmed bookings of a fiscal year, April to March: one query."""
    confirmed = Booking.objects.filter(slot__calendar=calendar, state=State.CONFIRMED).order_by()
    day = F("slot__day") if by == VISIT else TruncDate("created_at")
    counted = confirmed.annotate(on=day).values_list("on", "channel").annotate(Count("pk"))
    months = list(fiscal_months(year))
    found: Counter[tuple[int, int, str]] = Counter()
    for on, channel, n in counted:
        found[on.year, on.month, channel] += n
    here = {channel for made, month, channel in found if (made, month) in set(months)}
    channels = tuple(channel for channel in Channel if channel in here)
    rows = (
        Month(f"{made}年{month}月", tuple(found[made, month, channel] for channel in channels))
        for made, month in months
    )
    return Table(channels, tuple(row for row in rows if row.total))


def fiscal_months(year: int) -> Iterable[tuple[int, int]]:
    return [(year, month) for month in range(4, 13)] + [(year + 1, month) for month in range(1, 4)]


def fiscal_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def rows_of(table: Table) -> tuple[list[str], list[list[str]]]:
    """(headings, rows) of the table as a file."""
    headings = ["月", *(str(channel.label) for channel in table.channels), "合計"]
    headings += [f"{channel.label}の割合" for channel in table.channels]
    rows = [
        [
            month.label,
            *(str(count) for count in month.counts),
            str(month.total),
            *(part for _, part in month.cells),
        ]
        for month in (*table.months, table.whole)
    ]
    return headings, rows
