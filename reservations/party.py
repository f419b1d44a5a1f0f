"""Who comes, and what each of them asks for. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from cms.folding import search_key


@dataclass(frozen=True, slots=True)
class Person:
    """One person, or one lot of places without a name (7 pieces of bulky waste).

    person: of person_key where nobody may book twice in a season, "" where anybody may; items: numbers of Item.
    """

    name: str = ""
    places: int = 1
    person: str = ""
    items: frozenset[int] = frozenset()


Party = tuple[Person, ...]


def places_of(party: Iterable[Person], item: int | None = None) -> int:
    """How many places the party needs; with an item, how many of them ask for it."""
    return sum(person.places for person in party if item is None or item in person.items)


def digest(party: Party) -> str:
    """The same for two parties that take the same places for the same persons; names do not count."""
    told = [[person.places, person.person, sorted(person.items)] for person in party]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def person_key(text: str) -> str:
    """Tells persons apart without saying who they are; width, case and spaces of the text do not matter."""
    return salted_hmac("reservations.person", search_key(text), algorithm="sha256").hexdigest()


def told(party: Party) -> list[dict[str, Any]]:
    """As JSON, for what has no booking yet."""
    return [
        {"name": person.name, "places": person.places, "person": person.person, "items": sorted(person.items)}
        for person in party
    ]


def from_told(rows: Sequence[dict[str, Any]]) -> Party:
    return tuple(Person(row["name"], row["places"], row["person"], frozenset(row["items"])) for row in rows)
