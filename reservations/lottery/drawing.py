"""The draw itself, pure: from a seed, who takes part and what is free follows who gets what. Anybody can repeat it.

The order is that of HMAC-SHA256(seed, number of the entry), as hexadecimal text. In this order each party gets the
first of its wishes in which every one of its people finds a place; a party is never divided.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reservations.party import Party, places_of


@dataclass(frozen=True, slots=True)
class Ticket:
    """slots: the dearest first."""

    number: int
    party: Party
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A slot. once: before a person, what nobody may have twice; buckets: what a booking takes from, with its item."""

    once: str
    buckets: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What was so before the draw. free: places by bucket; booked: persons (once) who had a booking already."""

    slots: dict[int, Place]
    free: dict[int, int]
    booked: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "slots": {str(slot): [place.once, place.buckets] for slot, place in self.slots.items()},
            "free": {str(bucket): n for bucket, n in self.free.items()},
            "booked": sorted(self.booked),
        }


def ground_from(data: dict[str, Any]) -> Ground:
    return Ground(
        slots={
            int(slot): Place(once, tuple((bucket, item) for bucket, item in buckets))
            for slot, (once, buckets) in data["slots"].items()
        },
        free={int(bucket): n for bucket, n in data["free"].items()},
        booked=frozenset(data["booked"]),
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """place: in the order of the draw, from 1; slot: None when nothing was left; reserve: from 1, None beyond them."""

    number: int
    place: int
    slot: int | None
    reserve: int | None


def in_order(seed: str, numbers: Iterable[int]) -> list[int]:
    return sorted(numbers, key=lambda number: hmac.digest(seed.encode(), str(number).encode(), "sha256").hex())


def allocate(seed: str, tickets: Sequence[Ticket], ground: Ground, *, reserves: int | None = None) -> list[Drawn]:
    """In the order of the draw. reserves: how many of those who got nothing may hope, None for all of them."""
    by_number = {ticket.number: ticket for ticket in tickets}
    free, booked, drawn, hoping = dict(ground.free), set(ground.booked), [], 0
    for place, number in enumerate(in_order(seed, by_number), start=1):
        ticket = by_number[number]
        there = (slot for slot in ticket.slots if slot in ground.slots)
        slot = next((slot for slot in there if _fits(ticket.party, ground.slots[slot], free, booked)), None)
        reserve = None
        if slot is not None:
            for bucket, item in ground.slots[slot].buckets:
                free[bucket] -= places_of(ticket.party, item)
            booked |= _persons(ticket.party, ground.slots[slot])
        elif reserves is None or hoping < reserves:
            hoping += 1
            reserve = hoping
        drawn.append(Drawn(number, place, slot, reserve))
    return drawn


def _fits(party: Party, place: Place, free: dict[int, int], booked: set[str]) -> bool:
    if booked & _persons(party, place):
        return False
    return all(places_of(party, item) <= free[bucket] or not places_of(party, item) for bucket, item in place.buckets)


def _persons(party: Party, place: Place) -> set[str]:
    return {f"{place.once}:{person.person}" for person in party if person.person}
