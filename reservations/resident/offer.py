"""What a picking page shows: the days of a month, the times of each, what is left, and why something cannot be had."""

from calendar import Calendar as Weeks
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reservations.availability import NEARBY, Choice, choices, left_together
from reservations.models import Booking, Calendar, Venue
from reservations.party import Party, places_of
from reservations.resident.looking import Look, first_of, last_of

FEW = 3  # places from which on they are called few
OFFERED = 3  # free slots shown in place of one that cannot be had
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A slot. left: places that this party could have; why: it cannot be chosen, "" when it can."""

    choice: Choice
    left: int
    why: str
    is_mine: bool

    @property
    def mark(self) -> str:
        if self.why:
            return "✕"
        return (_("△ 残%(left)s") if self.left <= FEW else _("残%(left)s")) % {"left": self.left}

    @property
    def is_by_lot(self) -> bool:
        return self.choice.by_lot and not self.choice.closed

    @property
    def time(self) -> str:
        starts, ends = timezone.localtime(self.choice.slot.starts_at), timezone.localtime(self.choice.slot.ends_at)
        return f"{starts.hour}:{starts:%M}〜{ends.hour}:{ends:%M}"


@dataclass(frozen=True, slots=True)
class Day:
    """The slots of a day. left: places for such a party in all of them; full: items that nobody gets any more."""

    day: date
    rows: tuple[Row, ...]
    left: int
    full: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return any(not row.why for row in self.rows)

    @property
    def is_by_lot(self) -> bool:
        return not self.is_free and any(row.is_by_lot for row in self.rows)

    @property
    def mark(self) -> str:
        if not self.is_free:
            return _("抽選") if self.is_by_lot else "✕"
        return f"△{self.left}" if self.left <= FEW else _("残%(left)s") % {"left": self.left}

    @property
    def title(self) -> str:
        return f"{date_format(self.day, 'MONTH_DAY_FORMAT')}（{date_format(self.day, 'D')}）"


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the month's table; day: None where nothing can be booked."""

    date: date
    day: Day | None
    link: str
    is_chosen: bool


@dataclass(frozen=True)
class Offer:
    """first, last: of the days that have slots from now on, None when there are none; opens: not before then."""

    calendar: Calendar
    party: Party
    look: Look
    days: tuple[Day, ...]
    venues: Sequence[Venue]
    first: date | None
    last: date | None
    opens: datetime | None
    later: tuple[Row, ...]  # the next free ones, when the month has none

    @property
    def is_free(self) -> bool:
        return any(day.is_free for day in self.days)

    @cached_property
    def chosen(self) -> Day | None:
        """The day whose times stand below the month: the one asked for, else the first that has a place."""
        asked = [day for day in self.days if day.day == self.look.day]
        return next(iter([*asked, *(day for day in self.days if day.is_free), *self.days]), None)

    @property
    def title(self) -> str:
        month = self.look.month
        return date_format(month, "YEAR_MONTH_FORMAT") if month else ""

    @property
    def previous(self) -> str | None:
        """Address of the month before, None when nothing is there."""
        if self.first is None or self.look.month is None or self.look.month <= first_of(self.first):
            return None
        return self.look.link(month=self.look.before, day=None)

    @property
    def next(self) -> str | None:
        if self.last is None or self.look.month is None or self.look.after > self.last:
            return None
        return self.look.link(month=self.look.after, day=None)

    @property
    def as_list(self) -> str:
        return self.look.link(is_list=True, day=None)

    @property
    def as_month(self) -> str:
        return self.look.link(is_list=False)

    @property
    def venue_links(self) -> list[tuple[str, str, bool]]:
        """(name, address, whether it is the one shown); none where there is nothing to choose."""
        if len(self.venues) < 2:
            return []
        known = [(venue.name, venue.pk) for venue in self.venues]
        every: list[tuple[str, int | None]] = [(_("すべての会場"), None), *known]
        return [(name, self.look.link(venue=number), self.look.venue == number) for name, number in every]

    @property
    def weekdays(self) -> list[str]:
        """日, 月, …: above the columns of the month."""
        sunday = date(2023, 1, 1)
        return [date_format(sunday + timedelta(days=number), "D") for number in range(7)]

    @property
    def weeks(self) -> list[list[Cell | None]]:
        """The month as weeks from Sunday to Saturday; None outside of it."""
        month = self.look.month
        if month is None:
            return []
        days = {day.day: day for day in self.days}
        return [
            [self._cell(each, days.get(each)) if each.month == month.month else None for each in week]
            for week in Weeks(SUNDAY).monthdatescalendar(month.year, month.month)
        ]

    def _cell(self, each: date, day: Day | None) -> Cell:
        is_chosen = self.chosen is not None and self.chosen.day == each
        return Cell(each, day, self.look.link(day=each) + "#day", is_chosen)


def offer(*, calendar: Calendar, party: Party, look: Look, mine: Booking | None = None) -> Offer:
    """The month that is looked at. As many queries for a thousand slots as for one.

    mine: a booking that would be moved: its places count as free, its slot as chosen.
    """
    now, venues = timezone.now(), list(calendar.venues.all())
    look = replace(look, venue=look.venue if look.venue in {venue.pk for venue in venues} else None)
    first, last = _bounds(calendar, now)
    if first is None or last is None:
        return Offer(calendar, party, look, (), venues, None, None, _opens(calendar, timezone.localdate(), now), ())
    if look.month is None:
        look = replace(look, month=first_of(_first_bookable(calendar, now) or first))
    month = look.month or first
    names = {item.pk: item.name for item in calendar.items.all()}
    days = _days(calendar, party, look, names, mine, max(month, first), last_of(month))
    later: tuple[Row, ...] = ()
    if not any(day.is_free for day in days):
        begin = max(look.after, first)
        ahead = _days(calendar, party, look, names, mine, begin, min(begin + NEARBY, last))
        later = tuple(row for day in ahead for row in day.rows if not row.why)[:OFFERED]
    return Offer(calendar, party, look, days, venues, first, last, _opens(calendar, first, now), later)


def row_of(choice: Choice, party: Party, names: dict[int, str], mine: Booking | None = None) -> Row:
    """names: of the reception's items."""
    wanted = {item for person in party for item in person.items}
    left = min([choice.left, *(choice.items[item] for item in wanted if item in choice.items)])
    is_mine = mine is not None and mine.slot_id == choice.slot.pk
    return Row(choice, left, _why(choice, party, names), is_mine)


def _why(choice: Choice, party: Party, names: dict[int, str]) -> str:
    if choice.fits(party):
        return ""
    if choice.refusal:
        return choice.refusal.partition("。")[0]
    if choice.closed or choice.by_lot:
        return _("受付停止") if choice.closed else _("抽選で決めます")
    if choice.left == 0:
        return _("満員")
    if choice.left < places_of(party):
        return _("残%(left)s（%(places)sが必要です）") % {"left": choice.left, "places": places_of(party)}
    short = [(names[item], left) for item, left in choice.items.items() if left < places_of(party, item)]
    told = {True: _("%(name)sは残%(left)s"), False: _("%(name)sは満員")}
    return _("、").join(told[bool(left)] % {"name": name, "left": left} for name, left in sorted(short))


def _bounds(calendar: Calendar, now: datetime) -> tuple[date | None, date | None]:
    found = calendar.slots.filter(starts_at__gt=now).aggregate(first=Min("day"), last=Max("day"))
    return found["first"], found["last"]


def _first_bookable(calendar: Calendar, now: datetime) -> date | None:
    """The first day that is not too near: where to begin to show."""
    deadline = calendar.book_deadline
    ahead = timedelta(days=deadline.days, hours=deadline.hours)
    day: date | None = calendar.slots.filter(starts_at__gt=now + ahead).aggregate(day=Min("day"))["day"]
    return day


def _opens(calendar: Calendar, day: date, now: datetime) -> datetime | None:
    """When residents may begin, if that is still to come."""
    opens = calendar.opening_of(day)
    return opens if opens is not None and opens > now else None


def _days(
    calendar: Calendar,
    party: Party,
    look: Look,
    names: dict[int, str],
    mine: Booking | None,
    first: date,
    last: date,
) -> tuple[Day, ...]:
    by_day: dict[date, list[Choice]] = {}
    now = timezone.now()
    for choice in choices(calendar=calendar, first=first, last=last, mine=mine):
        if look.venue in (None, choice.slot.venue_id) and choice.slot.starts_at > now:
            by_day.setdefault(choice.slot.day, []).append(choice)
    return tuple(_day(day, found, party, names, mine) for day, found in by_day.items())


def _day(day: date, found: list[Choice], party: Party, names: dict[int, str], mine: Booking | None) -> Day:
    wanted = {item for person in party for item in person.items}
    rows = tuple(row_of(choice, party, names, mine) for choice in found)
    free = [row.choice for row in rows if not row.why]
    full = tuple(name for item, name in names.items() if item in wanted and _is_full(item, found))
    return Day(day, rows, left_together(free, wanted), full)


def _is_full(item: int, found: list[Choice]) -> bool:
    return all(choice.items.get(item, 1) == 0 for choice in found)
