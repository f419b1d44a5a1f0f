"""Everybody at once: no place is ever sold twice, and none is lost."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from threading import Event, Timer
from typing import Any

import pytest
from django.utils import timezone

from applications.models import Application
from reservations import capacity, relayout, services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Booking, Bucket, Slot, State
from reservations.party import Party, person_key
from reservations.refusals import AlreadyBooked, BelowBooked, Full, Refused
from reservations.relayout import lay_out, remove_quota
from tests.reservations.scene import (
    CheckUp,
    add_quota,
    add_season,
    add_slots,
    alone,
    applications,
    at_once,
    booked,
    bucket_of,
    claimed,
    counters,
    deadlocks,
    family,
    make_check_up,
    unexpected,
)
from tests.support.cast import Cast, make_cast

CLIENTS = 200

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def check_up(cast: Cast) -> CheckUp:
    return make_check_up(cast.children)


@pytest.fixture(autouse=True)
def no_deadlock(transactional_db: None, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """None that the server saw, and none that was tried again."""
    before = deadlocks()
    yield
    assert deadlocks() == before
    assert "40P01" not in caplog.text


def rush(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Everybody at once; afterwards the counters are what the bookings say, and nobody met anything but a refusal."""
    results = at_once(acts)
    assert unexpected(results) == []
    assert counters() == claimed()
    assert list(problems()) == []
    return results


def holds(waiting: Sequence[Application], slot: Slot, party: Party) -> list[Callable[[], Any]]:
    return [partial(services.hold, application=each, slot_id=slot.pk, party=party) for each in waiting]


def won(results: Sequence[Any]) -> list[Booking]:
    return [result for result in results if isinstance(result, Booking)]


def test_fifty_places_for_two_hundred_people(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    results = rush(holds(applications(cast.form, CLIENTS), slot, alone()))
    assert len(won(results)) == booked(slot) == 50
    assert {type(result) for result in results} == {Booking, Full}


def test_one_place_for_two_hundred_people(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=1)
    results = rush(holds(applications(cast.form, CLIENTS), slot, alone()))
    assert len(won(results)) == booked(slot) == 1


def test_several_places_each(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    waiting = applications(cast.form, CLIENTS)
    wanted = [family(number % 4 + 1) for number in range(CLIENTS)]
    acts = [
        partial(services.hold, application=application, slot_id=slot.pk, party=party)
        for application, party in zip(waiting, wanted, strict=True)
    ]
    Random(4).shuffle(acts)
    rush(acts)
    # people alone are a quarter of all and as many as the places: nothing can stay free
    assert booked(slot) == 50


def test_three_buckets_each_in_slots_that_share_their_days(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 30, item=check_up.stomach)
    add_quota(check_up, 45)
    slots = add_slots(check_up, 4, places=20, items={check_up.lungs: 9})
    waiting = applications(cast.form, CLIENTS)
    kinds = [alone(check_up.stomach), alone(check_up.lungs), alone(check_up.stomach, check_up.lungs), alone()]
    acts = [
        partial(services.hold, application=application, slot_id=slots[n % 4].pk, party=kinds[n // 4 % 4])
        for n, application in enumerate(waiting)
    ]
    rush(acts)
    day = Bucket.objects.get(quota__item=None, scope="day")
    assert day.taken == 45 == sum(booked(slot) for slot in slots)
    assert Bucket.objects.get(quota__item=check_up.stomach).taken <= 30


def test_families_come_together_or_not_at_all(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 18, item=check_up.stomach)
    (slot,) = add_slots(check_up, places=30)
    results = rush(holds(applications(cast.form, CLIENTS), slot, family(4, check_up.stomach)))
    assert len(won(results)) == 4  # the fifth family would have been 20 of 18
    assert booked(slot) == 16
    assert {booking.attendees.count() for booking in won(results)} == {4}


def test_residents_and_staff_together(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50, public=40)
    waiting = applications(cast.form, CLIENTS)
    by_phone: list[Callable[[], Any]] = [
        partial(services.staff_book, application=each, slot_id=slot.pk, party=alone(), actor=cast.officer)
        for each in waiting[:60]
    ]
    results = rush([*holds(waiting[60:], slot, alone()), *by_phone])
    assert booked(slot) == 50
    assert sum(booking.staff is None for booking in won(results)) <= 40


def test_some_cancel_while_others_book(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    first, waiting = applications(cast.form, 50), applications(cast.form, 150)
    there = [services.hold(application=each, slot_id=slot.pk, party=alone()) for each in first]
    for booking in there[::2]:
        services.confirm(booking_id=booking.pk)
    leaving: list[Callable[[], Any]] = [partial(services.cancel, booking_id=booking.pk) for booking in there[:30]]
    acts = [*holds(waiting, slot, alone()), *leaving]
    Random(5).shuffle(acts)
    results = rush(acts)
    new = [booking for booking in won(results) if booking.application_id in {each.pk for each in waiting}]
    assert len(new) <= 30
    assert booked(slot) == 20 + len(new)
    # whoever came too early and tries again gets what was given back: nothing is lost
    for act in holds(waiting, slot, alone()):
        if booked(slot) == 50:
            break
        act()
    assert booked(slot) == 50
    with pytest.raises(Full):
        services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())


def test_changes_that_cross(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 100, item=check_up.stomach)
    a, b = add_slots(check_up, 2, places=30)
    people = applications(cast.form, 50)
    party = alone(check_up.stomach)
    there = [services.hold(application=each, slot_id=(a, b)[n % 2].pk, party=party) for n, each in enumerate(people)]
    crossing = [
        partial(services.change, booking_id=booking.pk, slot_id=(b, a)[n % 2].pk) for n, booking in enumerate(there)
    ]
    back = [
        partial(services.change, booking_id=booking.pk, slot_id=(a, b)[n % 2].pk) for n, booking in enumerate(there)
    ]
    results = rush([*crossing, *back, *crossing, *back])
    assert {type(result) for result in results} <= {Booking, Full}
    assert Booking.objects.filter(state=State.HOLD).count() == 50
    assert booked(a) + booked(b) == 50
    assert max(booked(a), booked(b)) <= 30


def test_holds_expire_while_they_are_confirmed_and_others_wait(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    there = [services.hold(application=each, slot_id=slot.pk, party=alone()) for each in applications(cast.form, 50)]
    Booking.objects.update(hold_expires_at=timezone.now())
    confirming = [partial(services.confirm, booking_id=booking.pk) for booking in there]
    sweeping = [expire_holds] * 20
    acts: list[Callable[[], Any]] = [*confirming, *sweeping, *holds(applications(cast.form, 130), slot, alone())]
    Random(6).shuffle(acts)
    results = rush(acts)
    assert booked(slot) == 50
    confirmed = Booking.objects.filter(state=State.CONFIRMED)
    told = {booking.pk for booking in won(results) if booking.state == State.CONFIRMED}
    assert told == set(confirmed.values_list("pk", flat=True))  # nobody was told what is not so


def test_the_capacity_is_edited_during_the_rush(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    sizes = [30, 60, 40, 55, 20, 45, 10, 50] * 2
    edits: list[Callable[[], Any]] = [
        partial(capacity.resize_slot, slot_id=slot.pk, public=size, total=size, actor=cast.officer) for size in sizes
    ]
    acts = [*holds(applications(cast.form, CLIENTS), slot, alone()), *edits]
    Random(7).shuffle(acts)
    results = rush(acts)
    bucket = bucket_of(slot)
    assert booked(slot) == bucket.taken <= bucket.limit_total
    refused = [result for result in results if isinstance(result, BelowBooked)]
    assert all(result.bucket.taken > 0 for result in refused)
    # what the last size leaves can still be had, to the last place
    late = applications(cast.form, 60)
    rush(holds(late, slot, alone()))
    assert booked(slot) == bucket.limit_total


def test_a_limit_is_added_and_removed_during_the_rush(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 4, places=20)
    quota = add_quota(check_up, 80, item=check_up.stomach)
    waiting = applications(cast.form, 120)
    there = [
        services.hold(application=each, slot_id=slots[n % 4].pk, party=alone(check_up.stomach))
        for n, each in enumerate(applications(cast.form, 30))
    ]
    add: Callable[[], Any] = partial(lay_out, calendar_id=check_up.calendar.pk, first=slots[0].day)
    acts: list[Callable[[], Any]] = [
        *(
            partial(services.hold, application=each, slot_id=slots[n % 4].pk, party=alone(check_up.stomach))
            for n, each in enumerate(waiting)
        ),
        *(partial(services.release, booking_id=booking.pk) for booking in there),
    ]
    Random(8).shuffle(acts)
    acts.insert(60, add)
    rush(acts)
    assert Bucket.objects.get(quota=quota).taken == sum(booked(slot) for slot in slots) > 0
    remaining = Booking.objects.filter(state=State.HOLD).values_list("pk", flat=True)
    rush([*(partial(services.release, booking_id=pk) for pk in remaining), partial(remove_quota, quota_id=quota.pk)])
    assert not Bucket.objects.filter(scope="day").exists()
    assert sum(booked(slot) for slot in slots) == 0


def test_who_waits_while_a_limit_is_added_takes_from_it_too(
    cast: Cast, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = add_slots(check_up, places=9)
    people = applications(cast.form, 4)
    leaving, moving = (
        services.hold(application=each, slot_id=slot.pk, party=alone(check_up.stomach)) for each in people[:2]
    )
    quota = add_quota(check_up, 4, item=check_up.stomach)  # room for all, in whatever order they come
    locked, done, attach = Event(), Event(), relayout._attach

    def slowly(*given: Any) -> None:
        locked.set()
        assert done.wait(20)
        attach(*given)

    monkeypatch.setattr(relayout, "_attach", slowly)

    def while_it_is_added(act: Callable[[], Any]) -> Callable[[], Any]:
        def wait_for_it() -> Any:
            assert locked.wait(20)
            Timer(0.5, done.set).start()  # long enough to have read the old limits
            return act()

        return wait_for_it

    staying = partial(services.hold, application=people[2], slot_id=slot.pk, party=alone(check_up.stomach))
    by_phone = partial(
        services.staff_book,
        application=people[3],
        slot_id=slot.pk,
        party=alone(check_up.stomach),
        actor=cast.officer,
    )
    waiting: list[Callable[[], Any]] = [
        staying,
        by_phone,
        partial(services.release, booking_id=leaving.pk),
        partial(services.change, booking_id=moving.pk, slot_id=slot.pk, party=family(1)),
    ]
    results = rush(
        [partial(lay_out, calendar_id=check_up.calendar.pk, first=slot.day), *map(while_it_is_added, waiting)]
    )
    assert [result for result in results if isinstance(result, Refused)] == []
    assert Bucket.objects.get(quota=quota).taken == 2


def test_the_same_family_from_many_windows_books_once(cast: Cast, check_up: CheckUp) -> None:
    add_season(check_up, 400)
    slots = add_slots(check_up, 4, places=50)
    keys = [person_key(name) for name in ("ミホンハナコ", "ミホンタロウ", "ミホンジロウ")]
    rng = Random(9)

    def shuffled() -> Party:
        return tuple(person for key in rng.sample(keys, 3) for person in alone(person=key))

    acts = [
        partial(services.hold, application=each, slot_id=slots[n % 4].pk, party=shuffled())
        for n, each in enumerate(applications(cast.form, 100))
    ]
    results = rush(acts)
    assert len(won(results)) == 1
    assert {type(result) for result in results} == {Booking, AlreadyBooked}


def test_two_hundred_taps_of_one_button_are_one_hold(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    (application,) = applications(cast.form, 1)
    act = partial(services.hold, application=application, slot_id=slot.pk, party=alone(), key="tap")
    results = rush([act] * CLIENTS)
    assert len({booking.pk for booking in won(results)}) == 1
    assert len(won(results)) == CLIENTS
    assert booked(slot) == 1


def test_everybody_does_everything_at_once(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 60, item=check_up.stomach)
    add_season(check_up, 90)
    slots = add_slots(check_up, 5, places=25, items={check_up.lungs: 8})
    there = [
        services.hold(application=each, slot_id=slots[n % 5].pk, party=alone(check_up.stomach))
        for n, each in enumerate(applications(cast.form, 40))
    ]
    rng = Random(10)

    def somewhere() -> int:
        return rng.choice(slots).pk

    acts: list[Callable[[], Any]] = []
    for booking in there:
        acts.append(partial(services.change, booking_id=booking.pk, slot_id=somewhere()))
        acts.append(partial(services.confirm, booking_id=booking.pk))
        acts.append(partial(rng.choice([services.cancel, services.release]), booking_id=booking.pk))
    wishes = [(), (check_up.stomach,), (check_up.lungs,), (check_up.stomach, check_up.lungs)]
    for application in applications(cast.form, 100):
        party = family(rng.randint(1, 3), *rng.choice(wishes))
        acts.append(partial(services.hold, application=application, slot_id=somewhere(), party=party))
    acts += [expire_holds] * 5
    acts += [
        partial(capacity.resize_slot, slot_id=slot.pk, public=n, total=n, actor=cast.officer)
        for slot in slots
        for n in (15, 30)
    ]
    rng.shuffle(acts)
    results = rush(acts)
    assert any(isinstance(result, Booking) for result in results)
    assert all(isinstance(result, Booking | Refused | int | None) for result in results)
    for bucket in Bucket.objects.all():
        assert bucket.taken <= bucket.limit_total
