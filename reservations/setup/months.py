"""Days laid out as the months of a wall calendar, weeks from Sunday."""

import calendar as months
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

Cell = TypeVar("Cell")

WEEKDAYS = "日月火水木金土"


@dataclass(frozen=True, slots=True)
class Day(Generic[Cell]):
    """cell: what there is to say of the day."""

    day: date
    cell: Cell

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.day.isoweekday() % 7]

    @property
    def kind(self) -> str:
        return {5: "saturday", 6: "sunday"}.get(self.day.weekday(), "weekday")


@dataclass(frozen=True, slots=True)
class Month(Generic[Cell]):
    """weeks: of seven days each, None outside the month or the period."""

    first: date
    weeks: list[list[Day[Cell] | None]]

    @property
    def title(self) -> str:
        return f"{self.first.year}年{self.first.month}月"


def month_of(day: date, cell: Callable[[date], Cell], first: date = date.min, last: date = date.max) -> Month[Cell]:
    """The month of that day; first and last cut off what is not asked for."""
    weeks = months.Calendar(firstweekday=months.SUNDAY).monthdatescalendar(day.year, day.month)

    def known(each: date) -> bool:
        return each.month == day.month and first <= each <= last

    made = [[Day(each, cell(each)) if known(each) else None for each in week] for week in weeks]
    return Month(day.replace(day=1), [week for week in made if any(week)])


def months_between(first: date, last: date, cell: Callable[[date], Cell]) -> Iterator[Month[Cell]]:
    begin = first.replace(day=1)
    while begin <= last:
        yield month_of(begin, cell, first, last)
        begin = next_month(begin)


def next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
