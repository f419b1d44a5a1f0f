"""An address in one line, taken apart at the names of the municipalities that Japan Post knows."""

import re
import sqlite3
from contextlib import closing
from functools import cache
from typing import NamedTuple

from formbuilder.japanese.postcode import DATABASE


class Parts(NamedTuple):
    prefecture: str
    city: str
    town: str
    building: str


def take_apart(text: str) -> Parts | None:
    """None when the address does not begin with a prefecture and a municipality of it.

    What follows the first space is the building, as in the registers.
    """
    line, _, building = re.sub(r"\s+", " ", text).strip().partition(" ")
    for prefecture, cities in _municipalities().items():
        if line.startswith(prefecture):
            rest = line.removeprefix(prefecture)
            city = next((city for city in cities if rest.startswith(city)), None)
            town = rest.removeprefix(city) if city else ""
            return Parts(prefecture, city, town, building) if city and town else None
    return None


@cache
def _municipalities() -> dict[str, list[str]]:
    """By prefecture, the longest name first: 津 is a city, and so is 津島."""
    with closing(sqlite3.connect(DATABASE, uri=True)) as connection:
        rows = connection.execute("SELECT DISTINCT prefecture, city FROM postal_data").fetchall()
    found: dict[str, list[str]] = {}
    for prefecture, city in sorted(rows, key=lambda row: -len(row[1])):
        found.setdefault(prefecture, []).append(city)
    return found
