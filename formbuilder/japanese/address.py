"""An address in one line, taken apart at the names of the municipalities that Japan Post knows."""

import re
from functools import lru_cache
from typing import NamedTuple

from formbuilder.japanese.postcode import municipalities
from formbuilder.japanese.postcode_table import age_of


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
    for prefecture, cities in _by_prefecture(age_of()).items():
        if line.startswith(prefecture):
            rest = line.removeprefix(prefecture)
            city = next((city for city in cities if rest.startswith(city)), None)
            town = rest.removeprefix(city) if city else ""
            return Parts(prefecture, city, town, building) if city and town else None
    return None


@lru_cache(maxsize=1)
def _by_prefecture(age: int) -> dict[str, list[str]]:
    """The longest name first: 津 is a city, and so is 津島. age: of the table, which may be replaced."""
    found: dict[str, list[str]] = {}
    for prefecture, city in sorted(municipalities(), key=lambda row: -len(row[1])):
        found.setdefault(prefecture, []).append(city)
    return found
