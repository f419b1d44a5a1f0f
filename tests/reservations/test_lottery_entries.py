"""抽選: who may enter, with what, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.models import Application
from reservations import capacity, services
from reservations.invariant import problems
from reservations.lottery.draw import draw, open_lottery
from reservations.lottery.entering import enter, entry_of, lottery_for, withdraw
from reservations.models import (
    Booking,
    Lottery,
    LotteryEntry,
    LotteryState,
    Result,
)
from reservations.party import Party, person_key
from reservations.refusals import (
    AlreadyEntered,
    Full,
    HoldsAnother,
    NoEntries,
    NoSlots,
    NotDue,
    NoWish,
    SlotGone,
    TooMany,
    TooManyWishes,
)
from reservations.relayout import remove_slots
from reservations.waiting.entries import join
from reservations.waiting.offers import offer_places
from tests.reservations.drawn import enter_all, make_lottery, open_one, results
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_season,
    add_slots,
    alone,
    applications,
    booked,
    family,
)
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_lost(db: None) -> Any:
    yield
    assert list(problems()) == []


def test_entries_may_be_changed_and_withdrawn_until_the_end(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    first, second = add_slots(check_up, 2)
    lottery = open_one(cast, check_up)
    (application,) = applications(cast.form, 1)
    entry = enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])
    changed = enter(lottery_id=lottery.pk, application=application, party=family(2), slots=[second.pk, first.pk])
    assert (changed.pk, changed.number) == (entry.pk, entry.number)
    assert (changed.slots, len(changed.people)) == ([second.pk, first.pk], 2)
    withdraw(entry_id=entry.pk)
    withdraw(entry_id=entry.pk)
    assert entry_of(application) is None
    anew = enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])
    assert anew.number == 2
    clock.shift(timedelta(days=11))
    with pytest.raises(NoEntries):
        withdraw(entry_id=anew.pk)
    with pytest.raises(NoEntries):
        enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])


def test_nobody_enters_twice_by_two_applications(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    one, two = applications(cast.form, 2)
    party = alone(person=person_key("ミホンハナコ"))
    entry = enter(lottery_id=lottery.pk, application=one, party=party, slots=[slot.pk])
    with pytest.raises(AlreadyEntered):
        enter(lottery_id=lottery.pk, application=two, party=party, slots=[slot.pk])
    withdraw(entry_id=entry.pk)
    enter(lottery_id=lottery.pk, application=two, party=party, slots=[slot.pk])


def test_who_has_a_place_this_season_wins_no_second(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    add_season(check_up)
    (earlier,) = add_slots(check_up, day=FIRST_DAY - timedelta(days=7))
    (slot,) = add_slots(check_up)
    party = alone(person=person_key("ミホンハナコ"))
    (before,) = applications(cast.form, 1)
    services.hold(application=before, slot_id=earlier.pk, party=party)
    services.confirm(booking_id=Booking.objects.get().pk)
    lottery = open_one(cast, check_up)
    (entry,) = enter_all(cast, lottery, [slot], 1, party)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([entry]) == [Result.RESERVE]
    assert booked(slot) == 0


def test_entries_that_make_no_sense_are_refused(cast: Cast, check_up: CheckUp) -> None:
    first, second, third = add_slots(check_up, 3)
    (outside,) = add_slots(check_up, day=FIRST_DAY + timedelta(days=30))
    lottery = open_one(cast, check_up)
    holder, other = applications(cast.form, 2)
    services.hold(application=holder, slot_id=outside.pk, party=alone())
    refused: list[tuple[type[Exception], Application, Party, list[int]]] = [
        (NoWish, other, alone(), []),
        (TooManyWishes, other, alone(), [first.pk, second.pk, third.pk]),
        (SlotGone, other, alone(), [outside.pk]),
        (TooMany, other, family(11), [first.pk]),
        (HoldsAnother, holder, alone(), [first.pk]),
    ]
    for problem, application, party, slots in refused:
        with pytest.raises(problem):
            enter(lottery_id=lottery.pk, application=application, party=party, slots=slots)
    assert not LotteryEntry.objects.exists()


def test_a_lottery_opens_only_with_slots_and_before_its_end(cast: Cast, check_up: CheckUp) -> None:
    lottery = make_lottery(check_up)
    assert lottery_for(check_up.calendar) is None
    with pytest.raises(NoSlots):
        open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    add_slots(check_up)
    past = timezone.now() - timedelta(days=1)
    Lottery.objects.update(opens_at=past - timedelta(days=1), closes_at=past)
    with pytest.raises(NotDue):
        open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    Lottery.objects.update(closes_at=timezone.now() + timedelta(days=1))
    open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    assert lottery_for(check_up.calendar) == lottery


def test_slots_that_are_made_later_go_by_lot_too(cast: Cast, check_up: CheckUp) -> None:
    add_slots(check_up)
    open_one(cast, check_up)
    (later,) = add_slots(check_up, venue=check_up.other_venue)
    offer_places()
    with pytest.raises(Full):
        services.hold(application=applications(cast.form, 1)[0], slot_id=later.pk, party=alone())


def test_the_database_keeps_a_winner_and_the_booking_together(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    (entry,) = enter_all(cast, lottery, [slot], 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        LotteryEntry.objects.filter(pk=entry.pk).update(result=Result.WON)
    assert Lottery.objects.get().state == LotteryState.OPEN


def test_a_slot_somebody_waits_for_is_not_removed(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検")
    join(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())
    assert remove_slots(slot_ids=[slot.pk]) == 0
