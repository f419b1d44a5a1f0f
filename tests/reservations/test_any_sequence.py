"""Whatever happens in whatever order: the database does what a model of twenty lines says, and its counters agree."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cms.models import Department
from formbuilder.models import FormPage
from reservations import capacity, services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Booking, Calendar, Item, Slot, State, Venue
from reservations.party import Party, Person
from reservations.refusals import BelowBooked, Full, HoldGone, NotActive
from reservations.relayout import lay_out
from staff.models import User
from tests.reservations.conftest import NOW
from tests.reservations.scene import CheckUp, add_quota, add_slots, applications, bucket_of
from tests.support.cast import Cast

DAY_LIMIT = 6  # of the item, over both slots
SLOTS = 2


@dataclass(frozen=True)
class Known:
    """A booking as the model has it."""

    slot: int
    party: tuple[bool, ...]  # for each person, whether the item is wanted
    state: State = State.HOLD
    expires: int = 0  # minute
    extended: bool = False

    @property
    def counts(self) -> bool:
        return self.state in (State.HOLD, State.CONFIRMED)


@dataclass
class Model:
    limits: list[int]
    closed: list[bool]
    day: int | None = None
    bookings: dict[int, Known] = field(default_factory=dict)
    minute: int = 0

    def taken(self, slot: int) -> int:
        return sum(len(known.party) for known in self.bookings.values() if known.counts and known.slot == slot)

    def items(self) -> int:
        return sum(sum(known.party) for known in self.bookings.values() if known.counts)

    def expire(self) -> None:
        for number, known in self.bookings.items():
            if known.state == State.HOLD and known.expires <= self.minute:
                self.bookings[number] = replace(known, state=State.EXPIRED)

    def has_room(self, slot: int, party: tuple[bool, ...], before: Known | None = None) -> bool:
        """Whether the party fits into the slot, in place of what it had before."""
        more = len(party) - (len(before.party) if before and before.slot == slot else 0)
        wishes = sum(party) - (sum(before.party) if before else 0)
        if more > 0 and (self.closed[slot] or self.taken(slot) + more > self.limits[slot]):
            return False
        return self.day is None or wishes <= 0 or self.items() + wishes <= self.day


numbers = count(1)


class Reservations(RuleBasedStateMachine):
    """Dead holds are ended before each step, in the model and in the database, so that both stand alike."""

    form: FormPage
    officer: User
    department: Department
    clock: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.clock.move_to(NOW, tick=False)
        calendar = Calendar.objects.create(
            department=self.department, name="受付", code=f"c{next(numbers)}", valid_from="2026-04-01"
        )
        venue = Venue.objects.create(calendar=calendar, name="会場")
        item = Item.objects.create(calendar=calendar, name="胃", code="stomach")
        self.check_up = CheckUp(calendar, venue, venue, item, item, item)
        self.slots: list[Slot] = add_slots(self.check_up, SLOTS, places=4)
        self.model = Model([4] * SLOTS, [False] * SLOTS)

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self.model.bookings)))

    def party(self, wishes: tuple[bool, ...]) -> Party:
        item = frozenset({self.check_up.stomach.pk})
        return tuple(Person(items=item if wish else frozenset()) for wish in wishes)

    parties = st.lists(st.booleans(), min_size=1, max_size=4).map(tuple)
    places = st.integers(0, SLOTS - 1)

    @rule(slot=places, wishes=parties)
    def hold(self, slot: int, wishes: tuple[bool, ...]) -> None:
        (application,) = applications(self.form, 1)
        request: dict[str, Any] = {"application": application, "slot_id": self.slots[slot].pk}
        if not self.model.has_room(slot, wishes):
            with pytest.raises(Full):
                services.hold(**request, party=self.party(wishes))
            return
        booking = services.hold(**request, party=self.party(wishes))
        self.model.bookings[booking.pk] = Known(slot, wishes, expires=self.model.minute + 15)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data(), slot=places, wishes=parties)
    def change(self, data: st.DataObject, slot: int, wishes: tuple[bool, ...]) -> None:
        number = self.pick(data)
        known = self.model.bookings[number]
        request: dict[str, Any] = {"booking_id": number, "slot_id": self.slots[slot].pk, "party": self.party(wishes)}
        if not known.counts:
            with pytest.raises((HoldGone, NotActive)):
                services.change(**request)
        elif (known.slot, known.party) == (slot, wishes):
            assert services.change(**request).slot_id == self.slots[slot].pk
        elif not self.model.has_room(slot, wishes, known):
            with pytest.raises(Full):
                services.change(**request)
        else:
            services.change(**request)
            expires = self.model.minute + 15 if known.state == State.HOLD else known.expires
            self.model.bookings[number] = replace(known, slot=slot, party=wishes, expires=expires)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        number = self.pick(data)
        known = self.model.bookings[number]
        again = known.state == State.EXPIRED
        if known.state in (State.RELEASED, State.CANCELLED):
            with pytest.raises(NotActive):
                services.confirm(booking_id=number)
        elif again and not self.model.has_room(known.slot, known.party):
            with pytest.raises(Full):
                services.confirm(booking_id=number)
        else:
            services.confirm(booking_id=number)
            self.model.bookings[number] = replace(known, state=State.CONFIRMED)

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = self.pick(data)
        known = self.model.bookings[number]
        services.cancel(booking_id=number)
        ends = {State.HOLD: State.RELEASED, State.CONFIRMED: State.CANCELLED}
        self.model.bookings[number] = replace(known, state=ends.get(known.state, known.state))

    @precondition(lambda self: self.model.bookings)
    @rule(data=st.data())
    def extend(self, data: st.DataObject) -> None:
        number = self.pick(data)
        known = self.model.bookings[number]
        if not known.counts:
            with pytest.raises(HoldGone):
                services.extend(booking_id=number)
            return
        services.extend(booking_id=number)
        later = self.model.minute + 15
        if known.state == State.HOLD and not known.extended and known.expires < later:
            self.model.bookings[number] = replace(known, extended=True, expires=later)

    @rule(minutes=st.sampled_from([4, 8, 16]))
    def wait(self, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))
        self.model.minute += minutes
        self.model.expire()
        expire_holds()

    @rule(slot=places, size=st.integers(0, 6))
    def resize(self, slot: int, size: int) -> None:
        request: dict[str, Any] = {"slot_id": self.slots[slot].pk, "public": size, "total": size, "actor": self.officer}
        if self.model.taken(slot) > size:
            with pytest.raises(BelowBooked):
                capacity.resize_slot(**request)
            return
        capacity.resize_slot(**request)
        self.model.limits[slot] = size

    @rule(slot=places, closed=st.booleans())
    def close(self, slot: int, closed: bool) -> None:
        capacity.close_slot(slot_id=self.slots[slot].pk, actor=self.officer, reason="点検", closed=closed)
        self.model.closed[slot] = closed

    @precondition(lambda self: self.model.day is None and self.model.items() <= DAY_LIMIT)
    @rule()
    def limit_the_day(self) -> None:
        add_quota(self.check_up, DAY_LIMIT, item=self.check_up.stomach)
        lay_out(calendar_id=self.check_up.calendar.pk, first=self.slots[0].day)
        self.model.day = DAY_LIMIT

    @invariant()
    def the_database_says_the_same(self) -> None:
        stored = Booking.objects.filter(slot__calendar=self.check_up.calendar)
        states = dict(stored.values_list("pk", "state"))
        assert states == {number: known.state for number, known in self.model.bookings.items()}
        for number, slot in enumerate(self.slots):
            assert bucket_of(slot).taken == self.model.taken(number)

    def teardown(self) -> None:
        assert list(problems()) == []


def test_any_sequence_ends_as_the_model_says(cast: Cast, clock: time_machine.Traveller) -> None:
    Reservations.form, Reservations.officer = cast.form, cast.officer
    Reservations.department, Reservations.clock = cast.children, clock
    run_state_machine_as_test(
        Reservations,
        settings=settings(
            max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
