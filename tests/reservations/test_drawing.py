"""The draw, as a function of seed, entries and room: fair to everybody, and the same whenever it is repeated."""

import hashlib
import hmac
import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reservations.lottery.drawing import Ground, Place, Ticket, allocate, ground_from, in_order
from reservations.party import Person, places_of

SLOTS, DAY, ITEM = 3, 100, 7
seeds = st.binary(min_size=1, max_size=8).map(bytes.hex)


@st.composite
def tickets(draw: st.DrawFn) -> list[Ticket]:
    """Some want the item, some are the same person as somebody else."""
    made = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        people = draw(st.integers(1, 3))
        items = frozenset({ITEM}) if draw(st.booleans()) else frozenset()
        who = draw(st.sampled_from(["", "", "", "a", "b"]))
        party = tuple(Person(person=who if first else "", items=items) for first in [True, *[False] * (people - 1)])
        wishes = draw(st.lists(st.integers(0, SLOTS), min_size=1, max_size=3, unique=True))  # the last is no slot
        made.append(Ticket(number, party, tuple(wishes)))
    return made


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    """Slots with places of their own that share the item's day."""
    slots = {slot: Place("s", ((slot, None), (DAY, ITEM))) for slot in range(SLOTS)}
    free = {slot: draw(st.integers(0, 5)) for slot in range(SLOTS)} | {DAY: draw(st.integers(0, 6))}
    return Ground(slots, free, frozenset(draw(st.sets(st.sampled_from(["s:a", "s:b"])))))


@given(seeds, st.sets(st.integers(1, 10_000), max_size=50))
def test_the_order_is_what_the_public_page_says(seed: str, numbers: set[int]) -> None:
    def value(number: int) -> str:
        return hmac.new(seed.encode(), str(number).encode(), hashlib.sha256).hexdigest()

    order = in_order(seed, numbers)
    assert sorted(order) == sorted(numbers)
    assert [value(number) for number in order] == sorted(value(number) for number in numbers)


@given(seeds, tickets(), grounds(), st.none() | st.integers(0, 5), st.randoms())
def test_a_draw_that_is_repeated_is_the_same(
    seed: str, given_: list[Ticket], ground: Ground, reserves: int | None, rng: Random
) -> None:
    """Whatever order the entries are read in, and after a way through the database."""
    once = allocate(seed, given_, ground, reserves=reserves)
    shuffled = rng.sample(given_, len(given_))
    kept = ground_from(json.loads(json.dumps(ground.to_json())))
    assert kept == ground
    assert allocate(seed, shuffled, kept, reserves=reserves) == once


@given(seeds, tickets(), grounds(), st.none() | st.integers(0, 5))
def test_everybody_gets_the_best_that_is_left_and_nothing_is_given_twice(
    seed: str, given_: list[Ticket], ground: Ground, reserves: int | None
) -> None:
    by_number = {ticket.number: ticket for ticket in given_}
    drawn = allocate(seed, given_, ground, reserves=reserves)
    assert [each.place for each in drawn] == list(range(1, len(given_) + 1))
    assert sorted(each.number for each in drawn) == sorted(by_number)
    free, booked = dict(ground.free), set(ground.booked)
    for each in drawn:
        ticket = by_number[each.number]
        persons = {f"s:{person.person}" for person in ticket.party if person.person}
        fitting = [
            slot
            for slot in ticket.slots
            if slot in ground.slots
            and not persons & booked
            and len(ticket.party) <= free[slot]
            and places_of(ticket.party, ITEM) <= free[DAY]
        ]
        assert each.slot == (fitting[0] if fitting else None)
        if each.slot is not None:
            free[each.slot] -= len(ticket.party)
            free[DAY] -= places_of(ticket.party, ITEM)
            booked |= persons
    assert min(free.values()) >= 0
    hoping = [each.reserve for each in drawn if each.slot is None]
    count = len(hoping) if reserves is None else min(reserves, len(hoping))
    assert hoping == [*range(1, count + 1), *[None] * (len(hoping) - count)]
