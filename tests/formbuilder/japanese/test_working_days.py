"""開庁日: which days count, and when so many of them are over."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.closed_days import after_working_days, is_working_day, working_days_between

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # Friday
        (date(2026, 11, 21), False),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), False),  # 勤労感謝の日
        (date(2026, 9, 22), False),  # 国民の休日, between two holidays
        (date(2026, 5, 6), False),  # 振替休日
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_offices_work_on_weekdays_that_are_no_holidays(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2026, 11, 19), 1, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 24)),  # over a long weekend
        (date(2026, 11, 21), 1, date(2026, 11, 24)),  # arrived on a Saturday
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
        (date(2026, 4, 28), 3, date(2026, 5, 7)),
        (date(2026, 11, 19), 0, date(2026, 11, 19)),
    ],
)
def test_the_day_of_arrival_does_not_count(start: date, count: int, last: date) -> None:
    assert after_working_days(start, count) == last


@given(DAYS, st.integers(1, 60))
def test_counting_there_and_back_agrees(start: date, count: int) -> None:
    last = after_working_days(start, count)
    assert is_working_day(last)
    assert working_days_between(start, last) == count
    assert working_days_between(start, last - timedelta(days=1)) == count - 1


def test_nothing_lies_between_a_day_and_itself_or_an_earlier_one() -> None:
    day = date(2026, 11, 20)
    assert working_days_between(day, day) == 0
    assert working_days_between(day, date(2026, 11, 1)) == 0
