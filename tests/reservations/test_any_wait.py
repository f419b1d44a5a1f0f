"""Whatever happens in whatever order, who waits gets what a model of the list says, and no place stays empty for it."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

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
from reservations.models import Booking, Calendar, Item, State, Venue, Wait, WaitingEntry
from reservations.refusals import BelowBooked, Full, NeverFits, StillFree
from reservations.waiting.entries import join, leave, move_to_front
from reservations.waiting.offers import offer_places
from staff.models import User
from tests.reservations.conftest import NOW
from tests.reservations.scene import CheckUp, add_slots, applications, bucket_of, family
from tests.support.cast import Cast

HOLD, OFFER = 15, 24 * 60  # minutes
PLACES = 4
numbers = count(1)


@dataclass
class Hold:
    """A booking as the model has it. expires: minute, None when it is sure."""

    size: int
    state: State = State.HOLD
    expires: int | None = None

    @property
    def counts(self) -> bool:
        return self.state in (State.HOLD, State.CONFIRMED)


@dataclass
class Waiter:
    size: int
    state: Wait = Wait.WAITING
    hold: Hold | None = None


@dataclass
class Model:
    limit: int = PLACES
    minute: int = 0
    holds: dict[int, Hold] = field(default_factory=dict)  # of who did not wait
    queue: list[int] = field(default_factory=list)
    waiters: dict[int, Waiter] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        offered = (waiter.hold for waiter in self.waiters.values() if waiter.hold)
        return sum(hold.size for hold in [*self.holds.values(), *offered] if hold.counts)

    @property
    def somebody_waits(self) -> bool:
        return any(waiter.state == Wait.WAITING for waiter in self.waiters.values())

    def settle(self) -> None:
        """What is over goes, and what is free is offered in order, to whoever fits."""
        offered = (waiter.hold for waiter in self.waiters.values() if waiter.hold)
        for hold in [*self.holds.values(), *offered]:
            if hold.state == State.HOLD and hold.expires is not None and hold.expires <= self.minute:
                hold.state = State.EXPIRED
        outcomes = {State.CONFIRMED: Wait.TAKEN, State.EXPIRED: Wait.LAPSED, State.RELEASED: Wait.DECLINED}
        for waiter in self.waiters.values():
            if waiter.state == Wait.OFFERED and waiter.hold is not None:
                waiter.state = outcomes.get(waiter.hold.state, Wait.OFFERED)
        for number in self.queue:
            waiter = self.waiters[number]
            if waiter.state == Wait.WAITING and self.taken + waiter.size <= self.limit:
                waiter.state, waiter.hold = Wait.OFFERED, Hold(waiter.size, expires=self.minute + OFFER)


class WaitingList(RuleBasedStateMachine):
    """The job has run after every step, in the model and in the database."""

    form: FormPage
    officer: User
    department: Department
    clock: time_machine.Traveller

    def __init__(self) -> None:
        super().__init__()
        self.clock.move_to(NOW, tick=False)
        calendar = Calendar.objects.create(
            department=self.department, name="受付", code=f"w{next(numbers)}", valid_from="2026-04-01"
        )
        venue = Venue.objects.create(calendar=calendar, name="会場")
        item = Item.objects.create(calendar=calendar, name="胃", code="stomach")
        (self.slot,) = add_slots(CheckUp(calendar, venue, venue, item, item, item), places=PLACES)
        self.model = Model()

    def run_jobs(self) -> None:
        self.model.settle()
        expire_holds()
        offer_places()

    sizes = st.integers(1, 3)

    @rule(size=sizes)
    def hold(self, size: int) -> None:
        (application,) = applications(self.form, 1)
        if self.model.somebody_waits or self.model.taken + size > self.model.limit:
            with pytest.raises(Full):
                services.hold(application=application, slot_id=self.slot.pk, party=family(size))
            return
        booking = services.hold(application=application, slot_id=self.slot.pk, party=family(size))
        self.model.holds[booking.pk] = Hold(size, expires=self.model.minute + HOLD)

    @rule(size=sizes)
    def join(self, size: int) -> None:
        (application,) = applications(self.form, 1)
        refusal: type[Exception] | None = None
        if size > self.model.limit:
            refusal = NeverFits
        elif not self.model.somebody_waits and self.model.taken + size <= self.model.limit:
            refusal = StillFree
        if refusal is not None:
            with pytest.raises(refusal):
                join(application=application, slot_id=self.slot.pk, party=family(size))
            return
        entry = join(application=application, slot_id=self.slot.pk, party=family(size))
        self.model.queue.append(entry.pk)
        self.model.waiters[entry.pk] = Waiter(size)
        self.run_jobs()

    @precondition(lambda self: self.model.holds)
    @rule(data=st.data())
    def confirm_and_cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.holds)))
        hold = self.model.holds[number]
        if hold.state == State.HOLD and data.draw(st.booleans()):
            services.confirm(booking_id=number)
            hold.state, hold.expires = State.CONFIRMED, None
        elif hold.counts:
            services.cancel(booking_id=number)
            hold.state = State.CANCELLED if hold.state == State.CONFIRMED else State.RELEASED
        self.run_jobs()

    @precondition(lambda self: self.model.waiters)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """Who is offered something takes it or lets it go; who waits goes."""
        number = data.draw(st.sampled_from(sorted(self.model.waiters)))
        waiter = self.model.waiters[number]
        booking = WaitingEntry.objects.get(pk=number).booking_id
        if waiter.state == Wait.OFFERED and waiter.hold is not None and booking and data.draw(st.booleans()):
            services.confirm(booking_id=booking)
            waiter.hold.state, waiter.hold.expires = State.CONFIRMED, None
        else:
            leave(entry_id=number)
            if waiter.state == Wait.WAITING:
                waiter.state = Wait.LEFT
            elif waiter.state == Wait.OFFERED and waiter.hold is not None:
                waiter.hold.state = State.RELEASED
        self.run_jobs()

    @precondition(lambda self: self.model.somebody_waits)
    @rule(data=st.data())
    def to_the_front(self, data: st.DataObject) -> None:
        waiting = [number for number in self.model.queue if self.model.waiters[number].state == Wait.WAITING]
        number = data.draw(st.sampled_from(waiting))
        move_to_front(entry_id=number, actor=self.officer, reason="通院")
        self.model.queue.remove(number)
        self.model.queue.insert(0, number)
        self.run_jobs()

    @rule(minutes=st.sampled_from([8, 16, OFFER]))
    def wait(self, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))
        self.model.minute += minutes
        self.run_jobs()

    @rule(size=st.integers(0, 6))
    def resize(self, size: int) -> None:
        if self.model.taken > size:
            with pytest.raises(BelowBooked):
                capacity.resize_slot(slot_id=self.slot.pk, public=size, total=size, actor=self.officer)
            return
        capacity.resize_slot(slot_id=self.slot.pk, public=size, total=size, actor=self.officer)
        self.model.limit = size
        self.run_jobs()

    @invariant()
    def the_database_says_the_same(self) -> None:
        entries = WaitingEntry.objects.filter(slot=self.slot).select_related("booking")
        assert {entry.pk: entry.state for entry in entries} == {
            number: waiter.state for number, waiter in self.model.waiters.items()
        }
        assert {entry.pk: entry.booking.state for entry in entries if entry.booking} == {
            number: waiter.hold.state for number, waiter in self.model.waiters.items() if waiter.hold
        }
        others = Booking.objects.filter(slot=self.slot, offer__isnull=True)
        assert dict(others.values_list("pk", "state")) == {
            number: hold.state for number, hold in self.model.holds.items()
        }
        bucket = bucket_of(self.slot)
        assert (bucket.taken, bucket.queued) == (self.model.taken, self.model.somebody_waits)

    def teardown(self) -> None:
        assert list(problems()) == []


def test_any_sequence_of_waiting_ends_as_the_model_says(cast: Cast, clock: time_machine.Traveller) -> None:
    WaitingList.form, WaitingList.officer = cast.form, cast.officer
    WaitingList.department, WaitingList.clock = cast.children, clock
    run_state_machine_as_test(
        WaitingList,
        settings=settings(
            max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None
        ),
    )
