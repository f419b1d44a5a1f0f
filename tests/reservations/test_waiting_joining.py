"""Getting onto the waiting list, being moved on it, and getting off it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from applications.expiry import expire_drafts
from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action, Status
from reservations import services
from reservations.invariant import problems
from reservations.models import Bucket, Calendar, Wait, WaitingEntry
from reservations.refusals import (
    HoldsAnother,
    NeverFits,
    NotOnOffer,
    OfferGone,
    SlotGone,
    StillFree,
    TooLate,
    TooMany,
    TooManyWaits,
)
from reservations.waiting.entries import join, live_entries, move_to_front, position, remove
from reservations.waiting.offers import offer_places
from tests.reservations.scene import (
    CheckUp,
    add_slots,
    alone,
    applications,
    family,
)
from tests.reservations.waiters import full_slot, kinds, states, wait
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_lost(db: None) -> Any:
    yield
    assert list(problems()) == []


def test_joining_twice_is_joining_once_and_asking_for_more_begins_at_the_end(cast: Cast, check_up: CheckUp) -> None:
    slot, _ = full_slot(cast, check_up, 3)
    people = applications(cast.form, 2)
    first = join(application=people[0], slot_id=slot.pk, party=family(2))
    join(application=people[1], slot_id=slot.pk, party=alone())
    assert join(application=people[0], slot_id=slot.pk, party=family(2)).pk == first.pk
    assert position(first) == 1
    join(application=people[0], slot_id=slot.pk, party=alone())  # fewer: the place in the queue stays
    first.refresh_from_db()
    assert (position(first), len(first.people)) == (1, 1)
    first = join(application=people[0], slot_id=slot.pk, party=alone(check_up.stomach))
    assert position(first) == 2
    assert kinds(people[0]) == ["waiting_joined"]


def test_joining_is_refused_where_it_makes_no_sense(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, _ = full_slot(cast, check_up, 2)
    (free,) = add_slots(check_up, places=3, venue=check_up.other_venue)
    holder, other = applications(cast.form, 2)
    services.hold(application=holder, slot_id=free.pk, party=alone())
    refused: list[tuple[type[Exception], dict[str, Any]]] = [
        (StillFree, {"application": other, "slot_id": free.pk, "party": alone()}),
        (NeverFits, {"application": other, "slot_id": slot.pk, "party": family(3)}),
        (TooMany, {"application": other, "slot_id": slot.pk, "party": family(11)}),
        (HoldsAnother, {"application": holder, "slot_id": slot.pk, "party": alone()}),
        (SlotGone, {"application": other, "slot_id": 0, "party": alone()}),
    ]
    for problem, request in refused:
        with pytest.raises(problem):
            join(**request)
    Calendar.objects.update(waiting_list=False)
    with pytest.raises(NotOnOffer):
        join(application=other, slot_id=slot.pk, party=alone())
    Calendar.objects.update(waiting_list=True)
    clock.move_to(slot.starts_at)
    with pytest.raises(TooLate):
        join(application=other, slot_id=slot.pk, party=alone())
    assert not WaitingEntry.objects.exists()
    assert not Bucket.objects.filter(queued=True).exists()


def test_nobody_waits_for_everything(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 6)
    for each, slot in zip(applications(cast.form, 6), slots, strict=True):
        services.hold(application=each, slot_id=slot.pk, party=alone())
    (application,) = applications(cast.form, 1)
    for slot in slots[:5]:
        join(application=application, slot_id=slot.pk, party=alone())
    with pytest.raises(TooManyWaits):
        join(application=application, slot_id=slots[5].pk, party=alone())
    assert live_entries(application).count() == 5


def test_staff_move_somebody_to_the_front_or_off_the_list_and_say_why(cast: Cast, check_up: CheckUp) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    first, second, third = wait(cast, slot, count=3)
    move_to_front(entry_id=third.pk, actor=cast.officer, reason="通院のため")
    remove(entry_id=first.pk, actor=cast.officer, reason="本人から電話")
    with pytest.raises(OfferGone):
        move_to_front(entry_id=first.pk, actor=cast.officer, reason="まちがい")
    services.cancel(booking_id=booking.pk)
    assert states(first, second, third) == [Wait.REMOVED, Wait.WAITING, Wait.OFFERED]
    told = Event.objects.get(application=third.application, kind="waiting_moved")
    assert (told.actor, told.data["reason"]) == (cast.officer, "通院のため")
    remove(entry_id=third.pk, actor=cast.officer, reason="本人から電話")
    assert states(second, third) == [Wait.OFFERED, Wait.DECLINED]


@pytest.mark.parametrize("action", [Action.EXPIRE, Action.WITHDRAW])
def test_who_gives_up_the_application_waits_no_more(cast: Cast, check_up: CheckUp, action: Action) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    first, second = wait(cast, slot, count=2)
    if action == Action.WITHDRAW:
        Application.objects.filter(pk=first.application_id).update(status=Status.PENDING)
    move(first.application_id, action)
    services.cancel(booking_id=booking.pk)
    assert states(first, second) == [Wait.LEFT, Wait.OFFERED]


def test_a_draft_that_waits_does_not_expire(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    slot, _ = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    (forgotten,) = applications(cast.form, 1)
    for _ in range(20):
        clock.shift(timedelta(days=2))
        offer_places()
        expire_drafts()
    entry.application.refresh_from_db()
    forgotten.refresh_from_db()
    assert (entry.application.status, forgotten.status) == (Status.DRAFT, Status.EXPIRED)
