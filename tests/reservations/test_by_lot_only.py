"""While a lottery is open, nothing but its draw gives a place of its days."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from reservations import services
from reservations.invariant import problems
from reservations.lottery.draw import differences, draw
from reservations.lottery.entering import enter
from reservations.models import Lottery, Result, Wait, WaitingEntry
from reservations.refusals import ByLot, Full
from reservations.waiting.entries import join
from reservations.waiting.offers import offer_places
from tests.reservations.drawn import enter_all, make_lottery, open_one, received, results
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots, alone, applications, booked, bucket_of, moment
from tests.reservations.waiters import full_slot, states, wait
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_lost(transactional_db: None) -> Iterator[None]:
    yield
    assert list(problems()) == []


def test_a_slot_that_is_made_meanwhile_goes_by_lot_from_its_first_moment(cast: Cast, check_up: CheckUp) -> None:
    add_slots(check_up, places=2)
    lottery = open_one(cast, check_up)
    (inside,) = add_slots(check_up, places=2, day=lottery.last_day, venue=check_up.other_venue)
    (outside,) = add_slots(check_up, places=2, day=lottery.last_day + timedelta(days=1))
    first, second = applications(cast.form, 2)
    with pytest.raises(Full):
        services.hold(application=first, slot_id=inside.pk, party=alone())
    assert services.hold(application=second, slot_id=outside.pk, party=alone()).is_active
    assert (bucket_of(inside).queued, bucket_of(outside).queued) == (True, False)


def test_nobody_gets_round_the_lottery_by_the_waiting_list(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=2)
    open_one(cast, check_up)
    (sly,) = applications(cast.form, 1)
    with pytest.raises(ByLot):
        join(application=sly, slot_id=slot.pk, party=alone())
    assert offer_places() == 0
    assert booked(slot) == 0


def test_what_comes_free_meanwhile_is_drawn_for_and_who_waited_before_comes_after(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, held = full_slot(cast, check_up)
    assert slot.day == FIRST_DAY
    (entry,) = wait(cast, slot)
    lottery = open_one(cast, check_up)
    services.staff_cancel(booking_id=held[0].pk, actor=cast.officer, reason="都合")
    assert offer_places() == 0
    assert states(entry) == [Wait.WAITING]
    drawn = enter_all(cast, lottery, [slot], 1)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results(drawn) == [Result.WON]
    assert states(entry) == [Wait.WAITING]
    won = drawn[0].booking
    assert won is not None
    services.staff_cancel(booking_id=won.pk, actor=cast.officer, reason="都合")
    assert states(entry) == [Wait.OFFERED]


def test_who_took_another_place_meanwhile_takes_no_part_and_the_draw_is_made(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=1)
    lottery = open_one(cast, check_up)
    (later,) = add_slots(check_up, places=1, day=lottery.last_day + timedelta(days=1))
    settled, other = enter_all(cast, lottery, [slot], 2)
    services.staff_book(application=settled.application, slot_id=later.pk, party=alone(), actor=cast.officer)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([settled, other]) == [Result.WITHDRAWN, Result.WON]
    assert list(differences(Lottery.objects.get())) == []
    assert (booked(slot), booked(later)) == (1, 1)


def test_who_waited_before_and_enters_too_does_not_stop_the_draw(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, _ = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    lottery = open_one(cast, check_up)
    mine = enter(lottery_id=lottery.pk, application=entry.application, party=alone(), slots=[slot.pk])
    received(entry.application)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([mine]) == [Result.RESERVE]
    assert WaitingEntry.objects.get() == entry


def test_a_draw_that_comes_too_late_gives_no_place_that_is_past(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slots = add_slots(check_up, 2, places=1)
    lottery = open_one(cast, check_up)
    entries = enter_all(cast, lottery, slots, 2)
    clock.move_to(slots[0].starts_at)
    draw(lottery_id=lottery.pk)
    assert sorted(results(entries)) == [Result.RESERVE, Result.WON]
    assert (booked(slots[0]), booked(slots[1])) == (0, 1)
    assert list(differences(Lottery.objects.get())) == []


@pytest.mark.parametrize(("name", "hour"), [("closes_at", 0), ("draws_at", 9)])
def test_a_lottery_is_over_before_its_first_day_begins(cast: Cast, check_up: CheckUp, name: str, hour: int) -> None:
    lottery = make_lottery(check_up)
    setattr(lottery, name, moment(FIRST_DAY - timedelta(days=1), 23, 59))
    lottery.clean()
    setattr(lottery, name, moment(FIRST_DAY, hour))
    with pytest.raises(ValidationError, match="対象の初日の前の日まで"):
        lottery.clean()
