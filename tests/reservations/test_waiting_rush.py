"""Places come free while many wait and everybody else tries: they go to the first of the list, and none is lost."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from applications.models import Application
from applications.status import Status
from reservations import capacity, services, taking
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.lottery.draw import differences, draw, open_lottery
from reservations.lottery.entering import enter
from reservations.models import Booking, Bucket, Lottery, Result, Slot, State, Wait, WaitingEntry
from reservations.refusals import Full, Refused
from reservations.waiting.entries import join, leave, position
from reservations.waiting.offers import offer_places, pass_on
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_quota,
    add_slots,
    alone,
    applications,
    at_once,
    booked,
    claimed,
    counters,
    deadlocks,
    family,
    make_check_up,
    unexpected,
)
from tests.support.cast import Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)

PLACES, WAITING, PUBLIC = 20, 20, 120


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def check_up(cast: Cast) -> CheckUp:
    return make_check_up(cast.children)


@pytest.fixture(autouse=True)
def no_deadlock(transactional_db: None, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    before = deadlocks()
    yield
    assert deadlocks() == before
    assert "40P01" not in caplog.text


def full(cast: Cast, slot: Slot, places: int) -> list[Booking]:
    held = [services.hold(application=each, slot_id=slot.pk, party=alone()) for each in applications(cast.form, places)]
    return [services.confirm(booking_id=booking.pk) for booking in held]


def rush(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    results = at_once(acts)
    assert unexpected(results) == []
    while offer_places():
        pass
    assert counters() == claimed()
    assert list(problems()) == []
    return results


def offered() -> list[WaitingEntry]:
    return list(WaitingEntry.objects.filter(state=Wait.OFFERED).order_by("rank"))


def rush_for_what_comes_free(cast: Cast, check_up: CheckUp, hold: Any = services.hold) -> tuple[Slot, list[Any]]:
    """Everybody cancels, many wait, and more come by. The results of those who come by."""
    (slot,) = add_slots(check_up, places=PLACES)
    there = full(cast, slot, PLACES)
    for application in applications(cast.form, WAITING):
        join(application=application, slot_id=slot.pk, party=alone())
    passing = [
        partial(hold, application=each, slot_id=slot.pk, party=alone()) for each in applications(cast.form, PUBLIC)
    ]
    cancels = [partial(services.cancel, booking_id=booking.pk) for booking in there[:12]]
    acts: list[Callable[[], Any]] = [*passing, *cancels, *[offer_places] * 4]
    order = list(range(len(acts)))
    Random(7).shuffle(order)
    results = rush([acts[number] for number in order])
    by_act = dict(zip(order, results, strict=True))
    return slot, [by_act[number] for number in range(PUBLIC)]


def test_what_comes_free_goes_to_the_first_of_the_list_and_to_nobody_else(cast: Cast, check_up: CheckUp) -> None:
    slot, passing = rush_for_what_comes_free(cast, check_up)
    assert {type(result) for result in passing} == {Full}
    ranks = [entry.rank for entry in offered()]
    first = list(WaitingEntry.objects.order_by("rank").values_list("rank", flat=True)[:12])
    assert ranks == first
    assert booked(slot) == PLACES


def test_without_the_list_in_the_buckets_who_comes_by_overtakes(
    cast: Cast, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: if this failed, the test above would be blind."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('reservations_place'::regproc)")
            (source,) = cursor.fetchone()
            assert (source.count("NOT queued"), source.count("NOT b.queued")) == (1, 2)
            cursor.execute(source.replace("NOT queued", "TRUE").replace("NOT b.queued", "TRUE"))
    else:
        monkeypatch.setattr(taking, "PUBLIC", "TRUE")
    # an offer takes its time: between cancelling and offering, everybody else is there
    monkeypatch.setattr("reservations.waiting.offers.pass_on_soon", lambda calendar: None)
    slot, passing = rush_for_what_comes_free(cast, check_up)
    assert any(isinstance(result, Booking) for result in passing)
    assert booked(slot) <= PLACES


def test_families_of_every_size_wait_for_slots_that_share_a_day(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 30, item=check_up.stomach)
    slots = add_slots(check_up, 2, places=15)
    there = [booking for slot in slots for booking in full(cast, slot, 15)]
    rng = Random(11)
    for number, application in enumerate(applications(cast.form, 40)):
        party = family(rng.randint(1, 4), *([check_up.stomach] if number % 2 else []))
        join(application=application, slot_id=slots[number % 2].pk, party=party)
    acts: list[Callable[[], Any]] = [partial(services.cancel, booking_id=booking.pk) for booking in there]
    acts += [
        partial(services.hold, application=each, slot_id=slots[0].pk, party=alone())
        for each in applications(cast.form, 40)
    ]
    acts += [offer_places] * 3
    rng.shuffle(acts)
    rush(acts)
    # whoever still waits does not fit into what is left: nothing that anybody could use is lost
    for slot in slots:
        free = 15 - booked(slot)
        waiting = WaitingEntry.objects.filter(slot=slot, state=Wait.WAITING)
        assert all(len(entry.people) > free for entry in waiting)


def _cancelling(rng: Random) -> list[Callable[[], Any]]:
    confirmed = Booking.objects.filter(state=State.CONFIRMED)
    return [partial(services.cancel, booking_id=booking.pk) for booking in confirmed if rng.random() < 0.4]


def _answering(rng: Random) -> list[Callable[[], Any]]:
    """Some leave, and some take what they are offered."""
    acts: list[Callable[[], Any]] = []
    for entry in WaitingEntry.objects.filter(state__in=[Wait.WAITING, Wait.OFFERED]):
        chance = rng.random()
        if chance < 0.2:
            acts.append(partial(leave, entry_id=entry.pk))
        elif chance < 0.6 and entry.booking_id is not None:
            acts.append(partial(services.confirm, booking_id=entry.booking_id))
    return acts


def test_everything_at_once_loses_nothing(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    """Cancellations, lapses, declined offers, who joins, who leaves, other limits; again and again."""
    slots = add_slots(check_up, 3, places=6)
    for slot in slots:
        full(cast, slot, 6)
    rng = Random(13)
    for turn in range(4):
        acts = [*_cancelling(rng), *_answering(rng)]
        for application in applications(cast.form, 20):
            slot = rng.choice(slots)
            party = family(rng.randint(1, 2))
            acts.append(partial(join, application=application, slot_id=slot.pk, party=party))
            acts.append(partial(services.hold, application=application, slot_id=slot.pk, party=party))
        size = rng.choice([6, 7, 8])
        acts.append(partial(capacity.resize_slot, slot_id=slots[0].pk, public=size, total=size, actor=cast.officer))
        acts += [expire_holds, offer_places, offer_places]
        rng.shuffle(acts)
        rush(acts)
        assert not WaitingEntry.objects.filter(state=Wait.OFFERED).exclude(booking__state=State.HOLD).exists()
        clock.shift(timedelta(minutes=20) if turn % 2 else timedelta(hours=25))
        expire_holds()
    while offer_places():
        pass
    for slot in slots:
        bucket = Bucket.objects.get(slot=slot, scope="slot")
        waiting = WaitingEntry.objects.filter(slot=slot, state=Wait.WAITING)
        assert all(len(entry.people) > bucket.limit_public - bucket.taken for entry in waiting)


def test_two_workers_make_one_offer(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    (booking,) = full(cast, slot, 1)
    for application in applications(cast.form, 5):
        join(application=application, slot_id=slot.pk, party=alone())
    Booking.objects.filter(pk=booking.pk).update(state=State.HOLD, hold_expires_at=timezone.now())
    results = at_once([partial(pass_on, check_up.calendar.pk)] * 8)
    assert unexpected(results) == []
    assert [result for result in results if isinstance(result, Refused)] == []
    assert sum(results) == 1
    (entry,) = offered()
    assert position(WaitingEntry.objects.get(rank=entry.rank + 1)) == 1


def test_a_lottery_is_drawn_once_by_however_many(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    slots = add_slots(check_up, 2, places=5)
    now = timezone.now()
    lottery = Lottery.objects.create(
        calendar=check_up.calendar,
        name="前期",
        first_day=FIRST_DAY,
        last_day=FIRST_DAY,
        opens_at=now,
        closes_at=now + timedelta(days=1),
    )
    open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    people = applications(cast.form, 40)
    wishes = [slot.pk for slot in slots]
    entering = [
        partial(
            enter, lottery_id=lottery.pk, application=each, party=family(n % 3 + 1), slots=wishes[:: 1 - 2 * (n % 2)]
        )
        for n, each in enumerate(people)
    ]
    passing = [
        partial(services.hold, application=each, slot_id=wishes[0], party=alone())
        for each in applications(cast.form, 40)
    ]
    results = rush([*entering, *passing])
    assert {type(result) for result in results[40:]} == {Full}
    assert sorted(entry.number for entry in results[:40]) == list(range(1, 41))
    for each in people:
        Application.objects.filter(pk=each.pk).update(status=Status.SUBMITTED, reference=f"R{each.pk}", received_at=now)
    clock.shift(timedelta(days=2))
    late = [partial(enter, lottery_id=lottery.pk, application=each, party=alone(), slots=wishes) for each in people]
    rush([*[partial(draw, lottery_id=lottery.pk)] * 6, *late, *passing])
    lottery.refresh_from_db()
    assert list(differences(lottery)) == []
    won = lottery.entries.filter(result=Result.WON)
    assert won.count() == Booking.objects.filter(lottery_entry__isnull=False).count() > 0
    assert set(lottery.entries.values_list("place", flat=True)) == set(range(1, 41))
    assert all(booked(slot) <= 5 for slot in slots)
