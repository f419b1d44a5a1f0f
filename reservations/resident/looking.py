"""Which days and which venue the visitor of a picking page looks at, as its address says."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
NUMBER = re.compile("[0-9]{1,15}")


def first_of(day: date) -> date:
    return day.replace(day=1)


def last_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Look:
    """month: its first day, None for the first one with something to choose; day: picked in the month view."""

    month: date | None = None
    day: date | None = None
    venue: int | None = None
    is_list: bool = False

    def link(self, **changes: Any) -> str:
        """The address of the same page with something else to look at."""
        other = replace(self, **changes)
        query: dict[str, str] = {}
        if other.day:
            query["day"] = other.day.isoformat()
        elif other.month:
            query["month"] = f"{other.month:%Y-%m}"
        if other.venue:
            query["venue"] = str(other.venue)
        if other.is_list:
            query["view"] = "list"
        return f"?{urlencode(query)}" if query else "?"

    @property
    def after(self) -> date:
        """The first day of the month that follows."""
        return last_of(self._month) + timedelta(days=1)

    @property
    def before(self) -> date:
        """The first day of the month before."""
        return first_of(self._month - timedelta(days=1))

    @property
    def _month(self) -> date:
        if self.month is None:
            raise ValueError("no month is looked at yet")
        return self.month


def read_look(query: QueryDict) -> Look:
    """What cannot be understood is left out."""
    day = _date(query.get("day", ""))
    month = day or (_date(f"{text}-01") if MONTH.fullmatch(text := query.get("month", "")) else None)
    venue = query.get("venue", "")
    return Look(
        month=first_of(month) if month else None,
        day=day,
        venue=int(venue) if NUMBER.fullmatch(venue) else None,
        is_list=query.get("view") == "list",
    )


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None
