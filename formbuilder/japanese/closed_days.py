"""Days on which offices are closed by the calendar: weekends, national holidays with their substitutes, the year's end.

The only module that knows the library `holidays`.
"""

from datetime import date, timedelta
from functools import cache

import holidays

NEW_YEAR = "年末年始"
SATURDAY = 5


def holiday_name(day: date) -> str | None:
    """祝日・振替休日・国民の休日 by name, None on any other day. Known for 1949–2099."""
    return _of_year(day.year).get(day)


def is_new_year(day: date) -> bool:
    """12/29–1/3: 行政機関の休日に関する法律 第1条第1項第3号, and the ordinances that follow it."""
    return (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)


def is_working_day(day: date) -> bool:
    """開庁日: the law of the same article, which local ordinances follow."""
    return day.weekday() < SATURDAY and holiday_name(day) is None and not is_new_year(day)


def after_working_days(start: date, count: int) -> date:
    """The last of so many working days, of which the first is after the start: the day of arrival does not count."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after the first day, up to the last."""
    return sum(is_working_day(first + timedelta(days=number)) for number in range(1, (last - first).days + 1))


@cache
def _of_year(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja"))
