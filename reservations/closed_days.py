"""Days on which offices are closed by the calendar: national holidays with their substitutes, and the year's end.

The only module that knows the library `holidays`.
"""

from datetime import date
from functools import cache

import holidays

NEW_YEAR = "年末年始"


def holiday_name(day: date) -> str | None:
    """祝日・振替休日・国民の休日 by name, None on any other day. Known for 1949–2099."""
    return _of_year(day.year).get(day)


def is_new_year(day: date) -> bool:
    """12/29–1/3: 行政機関の休日に関する法律 第1条第1項第3号, and the ordinances that follow it."""
    return (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)


@cache
def _of_year(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja"))
