"""When a schedule is due, on the clock on the wall."""

import calendar
from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.utils import timezone

from exports.schedules.models import Every, Span

FARTHEST = 40  # days


class Rule(Protocol):
    @property
    def every(self) -> str: ...
    @property
    def at(self) -> time: ...
    @property
    def weekday(self) -> int: ...
    @property
    def day(self) -> int: ...


def next_after(rule: Rule, moment: datetime) -> datetime:
    """The first time of the rule after that moment."""
    today = timezone.localdate(moment)
    for days in range(FARTHEST):
        day = today + timedelta(days=days)
        if _is_due(rule, day) and (due := timezone.make_aware(datetime.combine(day, rule.at))) > moment:
            return due
    raise AssertionError("every rule is due within a month")


def _is_due(rule: Rule, day: date) -> bool:
    if rule.every == Every.WEEK:
        return day.weekday() == rule.weekday
    if rule.every == Every.MONTH:
        return day.day == min(rule.day, calendar.monthrange(day.year, day.month)[1])
    return True


def newest_due(rule: Rule, first: datetime, now: datetime) -> datetime:
    """The last of the times from `first` to now: those before it were missed, and are made up for by this one."""
    due = first
    while (later := next_after(rule, due)) <= now:
        due = later
    return due


def span_of(span: str, day: date) -> tuple[date | None, date | None]:
    """First and last day of arrival that a run on that day takes."""
    yesterday = day - timedelta(days=1)
    if span == Span.DAY:
        return yesterday, yesterday
    if span == Span.WEEK:
        return day - timedelta(days=7), yesterday
    if span == Span.MONTH:
        last = day.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return None, None
