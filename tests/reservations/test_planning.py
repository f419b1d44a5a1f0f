"""Which slots the hours come to: holidays, closures, leap years, and a clock that is never set forward."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.closed_days import holiday_name, is_new_year
from reservations.copying import copy_plan, diff, shifted
from reservations.models import Calendar, Closure, Opening, Venue, WeeklyPattern
from reservations.planning import OUTSIDE, PAST, SAME_TIME, Plan, PlannedSlot, Rules, days, falls_on, plan

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
VENUE = Venue(pk=1, name="あすぱる")


def calendar(**settings: Any) -> Calendar:
    return Calendar(pk=1, name="総合検診", valid_from=date(2020, 1, 1), **settings)


def pattern(number: int = 1, weekdays: Sequence[int] = (0,), **settings: Any) -> WeeklyPattern:
    given = {"venue": VENUE, "starts": time(6), "ends": time(10), "minutes": 30, "limit_public": 12, "limit_total": 12}
    return WeeklyPattern(pk=number, weekdays=list(weekdays), **{**given, **settings})


def rules(*patterns: WeeklyPattern, **settings: Any) -> Rules:
    return Rules(settings.pop("calendar", calendar()), [VENUE], patterns, **settings)


def planned(of: Rules, first: date, last: date, now: datetime = LONG_AGO) -> Plan:
    return plan(of, first, last, now=now)


def test_the_check_up_of_june_has_eight_slots_a_day_and_none_on_its_day_off() -> None:
    closed = Closure(first_day=date(2027, 6, 10), last_day=date(2027, 6, 10), reason="休診")
    found = planned(rules(pattern(weekdays=range(7)), closures=[closed]), date(2027, 6, 7), date(2027, 6, 13))
    assert len(found.make) == 6 * 8
    assert {slot.day for slot in found.make} == {date(2027, 6, day) for day in (7, 8, 9, 11, 12, 13)}
    first = found.make[0]
    assert timezone.localtime(first.starts_at).isoformat() == "2027-06-07T06:00:00+09:00"
    assert (first.public, first.total) == (12, 12)
    assert [(skip.day, skip.reason) for skip in found.skipped] == [(date(2027, 6, 10), "休診")]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 5, 6), "振替休日"),  # 5/3 was a Sunday
        (date(2026, 9, 22), "国民の休日"),  # between 敬老の日 and 秋分の日
        (date(2027, 3, 22), "振替休日"),
        (date(2028, 2, 29), None),
        (date(2027, 6, 7), None),
    ],
)
def test_holidays_are_those_of_the_law(day: date, name: str | None) -> None:
    assert holiday_name(day) == name


def test_the_years_end_is_six_days() -> None:
    off = [day for day in days(date(2027, 12, 20), date(2028, 1, 10)) if is_new_year(day)]
    assert off == list(days(date(2027, 12, 29), date(2028, 1, 3)))


def test_holidays_and_the_years_end_are_left_out_with_their_names_unless_the_reception_is_open_then() -> None:
    every_day = pattern(weekdays=range(7))
    found = planned(rules(every_day), date(2027, 12, 28), date(2028, 1, 11))
    assert {(skip.day.isoformat(), skip.reason) for skip in found.skipped} == {
        *((f"2027-12-{day}", "年末年始") for day in (29, 30, 31)),
        *((f"2028-01-0{day}", "年末年始") for day in (1, 2, 3)),
        ("2028-01-10", "成人の日"),
    }
    always = rules(every_day, calendar=calendar(closed_on_holidays=False, closed_at_new_year=False))
    assert planned(always, date(2027, 12, 28), date(2028, 1, 11)).skipped == ()


def test_a_closure_beats_an_opening_beats_a_holiday_beats_the_week() -> None:
    holiday = date(2027, 7, 19)  # 海の日, a Monday
    opening = Opening(
        pk=9, venue=VENUE, day=holiday, starts=time(13), ends=time(15), minutes=60, limit_public=3, limit_total=4
    )
    found = planned(rules(pattern(), openings=[opening]), holiday, holiday)
    assert [(timezone.localtime(slot.starts_at).hour, slot.public, slot.total) for slot in found.make] == [
        (13, 3, 4),
        (14, 3, 4),
    ]
    closed = Closure(first_day=holiday, last_day=holiday, reason="停電", venue=VENUE)
    found = planned(rules(pattern(), openings=[opening], closures=[closed]), holiday, holiday)
    assert (found.make, [skip.reason for skip in found.skipped]) == ((), ["停電"])


def test_a_closure_of_another_venue_closes_only_that() -> None:
    monday = date(2027, 6, 7)
    closed = Closure(first_day=monday, last_day=monday, reason="工事", venue=Venue(pk=2, name="川北"))
    assert len(planned(rules(pattern(), closures=[closed]), monday, monday).make) == 8


def test_the_second_and_fourth_tuesday() -> None:
    found = planned(rules(pattern(weekdays=[1], weeks=[2, 4])), date(2027, 6, 1), date(2027, 7, 31))
    assert sorted({slot.day.isoformat() for slot in found.make}) == [
        "2027-06-08",
        "2027-06-22",
        "2027-07-13",
        "2027-07-27",
    ]


def test_validity_of_pattern_and_reception() -> None:
    short = pattern(weekdays=range(7), valid_from=date(2027, 6, 8), valid_to=date(2027, 6, 10))
    found = planned(rules(short, calendar=calendar(valid_to=date(2027, 6, 9))), date(2027, 6, 7), date(2027, 6, 13))
    assert {slot.day.day for slot in found.make} == {8, 9}
    assert [(skip.day.day, skip.reason) for skip in found.skipped] == [(10, OUTSIDE)]


def test_what_is_past_or_there_already_is_not_made() -> None:
    monday = date(2027, 6, 7)
    whole = planned(rules(pattern()), monday, monday)
    eight = timezone.make_aware(datetime.combine(monday, time(8)))
    rest = planned(rules(pattern()), monday, monday, now=eight)
    assert [timezone.localtime(slot.starts_at).hour for slot in rest.make] == [8, 9, 9]
    assert [skip.reason for skip in rest.skipped] == [PAST]
    odd = PlannedSlot(1, eight + timedelta(minutes=5), eight + timedelta(minutes=20), 1, 1)
    again = plan(rules(pattern()), monday, monday, now=LONG_AGO, existing=[*whole.make[:3], odd])
    assert (again.there, again.make, again.surplus) == (whole.make[:3], whole.make[3:], (odd,))


def test_two_patterns_at_the_same_time_make_one_slot_and_say_so() -> None:
    monday = date(2027, 6, 7)
    found = planned(rules(pattern(1), pattern(2, ends=time(7), limit_total=99)), monday, monday)
    assert len(found.make) == 8
    assert {slot.total for slot in found.make} == {12}
    assert [skip.reason for skip in found.skipped] == [SAME_TIME]


some_day = st.dates(date(2026, 1, 1), date(2040, 12, 31))
weekdays = st.sets(st.integers(0, 6), min_size=1)


@given(first=some_day, length=st.integers(0, 100), on=weekdays, starts=st.integers(0, 20), minutes=st.integers(25, 180))
def test_every_day_gets_its_slots_or_a_reason(
    first: date, length: int, on: set[int], starts: int, minutes: int
) -> None:
    last = first + timedelta(days=length)
    hours = pattern(weekdays=sorted(on), starts=time(starts), ends=time(23, 30), minutes=minutes)
    found = planned(rules(hours), first, last)
    per_day = hours.length // minutes
    made: dict[date, list[PlannedSlot]] = {}
    for slot in found.make:
        made.setdefault(slot.day, []).append(slot)
    skipped = {skip.day for skip in found.skipped}
    for day in days(first, last):
        wanted = day.weekday() in on and per_day > 0
        off = holiday_name(day) is not None or is_new_year(day)
        assert len(made.get(day, [])) == (per_day if wanted and not off else 0)
        assert (day in skipped) is (wanted and off)
    for slot in found.make:
        begins, ends = timezone.localtime(slot.starts_at), timezone.localtime(slot.ends_at)
        # on the wall and on the globe alike: no day of 23 or 25 hours
        assert begins.replace(tzinfo=None) + timedelta(minutes=minutes) == ends.replace(tzinfo=None)
        assert slot.ends_at - slot.starts_at == timedelta(minutes=minutes)
        assert begins.utcoffset() == timedelta(hours=9)
        assert begins.date() == ends.date() == slot.day


@given(year=st.integers(2026, 2060))
def test_a_fiscal_year_has_every_weekday_of_it_also_in_leap_years(year: int) -> None:
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    open_always = calendar(closed_on_holidays=False, closed_at_new_year=False)
    found = planned(rules(pattern(weekdays=range(7), ends=time(6, 30)), calendar=open_always), first, last)
    assert len(found.make) == (last - first).days + 1 == (366 if _is_leap(year + 1) else 365)
    assert (date(year + 1, 2, 29) in {slot.day for slot in found.make}) if _is_leap(year + 1) else True


def _is_leap(year: int) -> bool:
    return (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


@given(day=some_day, weeks=st.sets(st.integers(1, 5), min_size=1))
def test_the_week_of_the_month_counts_that_weekday(day: date, weeks: set[int]) -> None:
    number = sum(1 for other in days(day.replace(day=1), day) if other.weekday() == day.weekday())
    assert falls_on(pattern(weekdays=[day.weekday()], weeks=sorted(weeks)), day) is (number in weeks)


@given(first=some_day, length=st.integers(0, 60), on=weekdays)
def test_planning_again_after_making_makes_nothing(first: date, length: int, on: set[int]) -> None:
    last, hours = first + timedelta(days=length), rules(pattern(weekdays=sorted(on)))
    once = planned(hours, first, last)
    twice = plan(hours, first, last, now=LONG_AGO, existing=once.make)
    assert (twice.make, twice.there, twice.surplus) == ((), once.make, ())


@given(first=some_day, on=weekdays, weeks=st.sampled_from([52, 53]))
def test_a_copy_keeps_weekday_and_time_of_day(first: date, on: set[int], weeks: int) -> None:
    hours = rules(pattern(weekdays=sorted(on)))
    source = planned(hours, first, first + timedelta(days=60)).make
    for slot in source:
        copy = shifted(slot, weeks)
        assert copy.day - slot.day == timedelta(weeks=weeks)
        assert copy.day.weekday() == slot.day.weekday()
        assert timezone.localtime(copy.starts_at).time() == timezone.localtime(slot.starts_at).time()
    target = first + timedelta(weeks=weeks)
    copied = copy_plan(hours, source, target, target + timedelta(days=60), now=LONG_AGO, weeks=weeks)
    dropped = {skip.day for skip in copied.skipped}
    assert {shifted(slot, weeks).day for slot in source} == {slot.day for slot in copied.make} | dropped
    assert all(holiday_name(day) or is_new_year(day) for day in dropped)


def test_the_diff_of_a_copy_shows_what_the_weekly_hours_would_do_otherwise() -> None:
    hours = rules(pattern(weekdays=range(5)))
    last_year = planned(hours, date(2026, 5, 4), date(2026, 5, 8)).make  # 5/4, 5/5 and 5/6 are holidays
    resized = [*last_year[:-1], PlannedSlot(1, last_year[-1].starts_at, last_year[-1].ends_at, 5, 5)]
    extra = PlannedSlot(1, last_year[0].starts_at.replace(hour=5), last_year[0].ends_at.replace(hour=5), 1, 1)
    first, last = date(2027, 5, 3), date(2027, 5, 7)  # 5/3, 5/4 and 5/5 are
    copied = copy_plan(hours, [*resized, extra], first, last, now=LONG_AGO)
    found = diff(copied, planned(hours, first, last))
    assert [slot.day.day for slot in found.only_copy] == [6]
    assert found.only_copy[0].total == 1
    assert found.only_week == ()
    assert [(ours.total, theirs.total) for ours, theirs in found.limits] == [(5, 12)]
    assert not found.is_empty
    # what was a holiday then has no slots to copy, though this year it is an ordinary day
    other = copy_plan(hours, last_year, date(2027, 5, 3), date(2027, 5, 14), now=LONG_AGO)
    missing = diff(other, planned(hours, date(2027, 5, 3), date(2027, 5, 14))).only_week
    assert {slot.day.day for slot in missing} == {10, 11, 12, 13, 14}
