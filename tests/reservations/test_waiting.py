"""Who waits is asked in order, with a place that is held meanwhile; and whoever comes by takes nothing of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from applications import outbox
from applications.models import Application
from applications.status import Status
from reservations import capacity, services
from reservations.availability import choices
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Booking, Bucket, Calendar, State, Wait, WaitingEntry
from reservations.party import person_key
from reservations.refusals import (
    Full,
    OfferGone,
)
from reservations.waiting.entries import accept, join, leave, position
from reservations.waiting.offers import offer_places, pass_on
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_quota,
    add_season,
    add_slots,
    alone,
    applications,
    booked,
    bucket_of,
    family,
)
from tests.reservations.waiters import full_slot, kinds, states, wait
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_lost(db: None) -> Any:
    yield
    assert list(problems()) == []


def test_a_place_that_comes_free_is_held_for_the_first_who_waits(cast: Cast, check_up: CheckUp) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    first, second = wait(cast, slot, count=2)
    assert [position(first), position(second)] == [1, 2]
    services.cancel(booking_id=booking.pk)
    assert states(first, second) == [Wait.OFFERED, Wait.WAITING]
    assert first.booking is not None
    assert (first.booking.state, first.booking.slot) == (State.HOLD, slot)
    assert first.offered_until == first.booking.hold_expires_at
    assert first.offered_until is not None
    left = first.offered_until - timezone.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    assert position(second) == 1
    assert kinds(first.application) == ["waiting_joined", "waiting_offered"]


def test_while_somebody_waits_nobody_else_gets_the_place(cast: Cast, check_up: CheckUp) -> None:
    """Not even before the offer is made."""
    slot, (booking, *_) = full_slot(cast, check_up, 2)
    wait(cast, slot, family(2))  # too many for the one place that comes free
    services.cancel(booking_id=booking.pk)
    (other,) = applications(cast.form, 1)
    with pytest.raises(Full):
        services.hold(application=other, slot_id=slot.pk, party=alone())
    with pytest.raises(Full, match="順番を待っている方の分です"):
        services.staff_book(application=other, slot_id=slot.pk, party=alone(), actor=cast.officer)
    with pytest.raises(Full, match="人数分の空きがありません"):
        services.hold(application=other, slot_id=slot.pk, party=family(2))
    (choice,) = choices(calendar=check_up.calendar, first=FIRST_DAY, last=FIRST_DAY)
    assert choice.left == 0
    assert booked(slot) == 1


def test_who_moves_from_another_slot_overtakes_nobody_either(cast: Cast, check_up: CheckUp) -> None:
    (other,) = add_slots(check_up, venue=check_up.other_venue)
    (mover,) = applications(cast.form, 1)
    moving = services.hold(application=mover, slot_id=other.pk, party=alone())
    slot, (booking, *_) = full_slot(cast, check_up, 2)
    wait(cast, slot, family(2))
    services.cancel(booking_id=booking.pk)
    with pytest.raises(Full):
        services.change(booking_id=moving.pk, slot_id=slot.pk)
    assert booked(other) == 1


def test_staff_have_their_own_places_even_while_residents_wait(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=3, public=2)
    for each in applications(cast.form, 2):
        services.hold(application=each, slot_id=slot.pk, party=alone())
    wait(cast, slot)
    (by_phone,) = applications(cast.form, 1)
    services.staff_book(application=by_phone, slot_id=slot.pk, party=alone(), actor=cast.officer)
    assert booked(slot) == 3


def test_smaller_parties_behind_are_not_held_up_by_a_large_one(cast: Cast, check_up: CheckUp) -> None:
    slot, bookings = full_slot(cast, check_up, 3)
    (large,) = wait(cast, slot, family(2))
    small, smaller = wait(cast, slot, count=2)
    services.cancel(booking_id=bookings[0].pk)
    assert states(large, small, smaller) == [Wait.WAITING, Wait.OFFERED, Wait.WAITING]
    for booking in bookings[1:]:  # two at once: the family is the first of those who wait, and it fits
        capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検")
        services.cancel(booking_id=booking.pk)
    capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検済", closed=False)
    offer_places()
    assert states(large, smaller) == [Wait.OFFERED, Wait.WAITING]


def test_who_comes_late_and_fits_is_offered_what_the_large_party_cannot_use(cast: Cast, check_up: CheckUp) -> None:
    slot, (booking, *_) = full_slot(cast, check_up, 2)
    (large,) = wait(cast, slot, family(2))
    services.cancel(booking_id=booking.pk)
    (late,) = wait(cast, slot)
    assert states(large, late) == [Wait.WAITING, Wait.OFFERED]


@pytest.mark.parametrize("end", ["lapse", "leave", "release"])
def test_an_offer_that_is_not_taken_goes_to_the_next(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, end: str
) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    first, second = wait(cast, slot, count=2)
    services.cancel(booking_id=booking.pk)
    first.refresh_from_db()
    assert first.booking is not None
    if end == "lapse":
        clock.shift(timedelta(hours=24, minutes=1))
        expire_holds()
        assert offer_places() == 1
    elif end == "leave":
        leave(entry_id=first.pk)
        leave(entry_id=first.pk)
    else:
        services.release(booking_id=first.booking.pk)
    assert states(first, second) == [Wait.LAPSED if end == "lapse" else Wait.DECLINED, Wait.OFFERED]
    assert booked(slot) == 1
    assert offer_places() == 0


def test_a_lapsed_offer_goes_on_though_no_job_ends_holds(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    first, second = wait(cast, slot, count=2)
    services.cancel(booking_id=booking.pk)
    clock.shift(timedelta(hours=25))
    assert offer_places() == 1
    assert states(first, second) == [Wait.LAPSED, Wait.OFFERED]


def test_when_nobody_waits_any_more_the_place_is_everybodys(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    services.cancel(booking_id=booking.pk)
    leave(entry_id=entry.pk)
    assert not Bucket.objects.filter(queued=True).exists()
    services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())


def test_the_deadline_of_an_offer_is_never_after_that_of_booking(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    Calendar.objects.update(book_days=7, waiting_hours=48)
    slot, (booking,) = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    deadline = slot.starts_at - timedelta(days=7)
    clock.move_to(deadline - timedelta(hours=3))
    services.cancel(booking_id=booking.pk)
    entry.refresh_from_db()
    assert entry.offered_until == deadline


def test_the_list_ends_with_the_time_to_book(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    clock.move_to(slot.starts_at)
    services.staff_cancel(booking_id=booking.pk, actor=cast.officer, reason="中止")
    offer_places()
    assert states(entry) == [Wait.ENDED]
    assert kinds(entry.application)[-1] == "waiting_ended"
    assert not Bucket.objects.filter(queued=True).exists()


def test_an_offer_that_is_declared_in_time_is_a_booking(cast: Cast, check_up: CheckUp) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    entry, *_ = wait(cast, slot, count=2)
    services.cancel(booking_id=booking.pk)
    entry.refresh_from_db()
    assert entry.booking is not None
    services.confirm(booking_id=entry.booking.pk)
    offer_places()
    assert states(entry) == [Wait.TAKEN]
    assert kinds(entry.application)[-1] == "slot_confirmed"


def test_the_party_may_be_corrected_within_an_offer_without_losing_its_time(cast: Cast, check_up: CheckUp) -> None:
    slot, bookings = full_slot(cast, check_up, 2)
    (entry,) = wait(cast, slot, family(2))
    for booking in bookings:
        services.cancel(booking_id=booking.pk)
    entry.refresh_from_db()
    assert entry.booking is not None
    services.change(booking_id=entry.booking.pk, slot_id=slot.pk, party=alone())
    assert entry.booking.hold_expires_at == Booking.objects.get(pk=entry.booking.pk).hold_expires_at


def test_who_moves_on_to_another_slot_gives_the_offer_up(cast: Cast, check_up: CheckUp) -> None:
    (other,) = add_slots(check_up, venue=check_up.other_venue)
    slot, (booking,) = full_slot(cast, check_up)
    first, second = wait(cast, slot, count=2)
    services.cancel(booking_id=booking.pk)
    first.refresh_from_db()
    assert first.booking is not None
    services.change(booking_id=first.booking.pk, slot_id=other.pk)
    assert states(first, second) == [Wait.DECLINED, Wait.OFFERED]


def test_who_waits_for_several_slots_is_offered_one_at_a_time(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 2)
    there = [
        services.confirm(booking_id=services.hold(application=each, slot_id=slot.pk, party=alone()).pk)
        for each, slot in zip(applications(cast.form, 2), slots, strict=True)
    ]
    (application,) = applications(cast.form, 1)
    first, second = (join(application=application, slot_id=slot.pk, party=alone()) for slot in slots)
    (behind,) = wait(cast, slots[1])
    for booking in there:
        services.cancel(booking_id=booking.pk)
    assert states(first, second, behind) == [Wait.OFFERED, Wait.WAITING, Wait.OFFERED]
    leave(entry_id=behind.pk)
    assert not bucket_of(slots[1]).queued  # who is busy with an offer keeps nobody else from the other slot
    assert first.booking is not None
    services.confirm(booking_id=first.booking.pk)
    offer_places()
    assert states(first, second) == [Wait.TAKEN, Wait.LEFT]


def test_nobody_gets_two_places_by_waiting_with_two_applications(cast: Cast, check_up: CheckUp) -> None:
    add_season(check_up)
    slot, bookings = full_slot(cast, check_up, 2)
    party = alone(person=person_key("ミホンハナコ"))
    first, again = wait(cast, slot, party, count=2)
    (other,) = wait(cast, slot)
    for booking in bookings:
        services.cancel(booking_id=booking.pk)
    assert states(first, again, other) == [Wait.OFFERED, Wait.WAITING, Wait.OFFERED]
    leave(entry_id=first.pk)
    assert states(again) == [Wait.OFFERED]


def test_it_is_kept_what_is_missing_and_nothing_else(cast: Cast, check_up: CheckUp) -> None:
    """The day's stomachs are full: who wants another examination may have the slot's places."""
    quota = add_quota(check_up, 1, item=check_up.stomach)
    slot, other = add_slots(check_up, 2, places=2)
    people = applications(cast.form, 4)
    there = services.hold(application=people[0], slot_id=other.pk, party=alone(check_up.stomach))
    entry = join(application=people[1], slot_id=slot.pk, party=alone(check_up.stomach))
    assert list(Bucket.objects.filter(queued=True)) == [quota.buckets.get()]
    services.hold(application=people[2], slot_id=slot.pk, party=alone(check_up.lungs))
    services.release(booking_id=there.pk)
    assert states(entry) == [Wait.OFFERED]
    with pytest.raises(Full):
        services.hold(application=people[3], slot_id=other.pk, party=alone(check_up.stomach))


@pytest.mark.parametrize("how", ["resize", "reopen", "expire"])
def test_however_a_place_comes_free_it_is_offered(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, how: str
) -> None:
    (slot,) = add_slots(check_up)
    (holder,) = applications(cast.form, 1)
    if how == "reopen":
        capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検")
    else:
        services.hold(application=holder, slot_id=slot.pk, party=alone())
    (entry,) = wait(cast, slot)
    if how == "resize":
        capacity.resize_slot(slot_id=slot.pk, public=2, total=2, actor=cast.officer)
    elif how == "reopen":
        capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検", closed=False)
    else:
        clock.shift(timedelta(minutes=16))
    assert offer_places() == 1
    assert states(entry) == [Wait.OFFERED]


def test_a_new_limit_tells_who_waits_in_the_moment_it_is_set(
    cast: Cast, check_up: CheckUp, django_capture_on_commit_callbacks: Any
) -> None:
    slot, _ = full_slot(cast, check_up)
    (entry,) = wait(cast, slot)
    with django_capture_on_commit_callbacks(execute=True):
        capacity.resize_slot(slot_id=slot.pk, public=2, total=2, actor=cast.officer)
    assert states(entry) == [Wait.OFFERED]


def test_an_offer_to_somebody_who_has_declared_wants_a_yes(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    """補欠: the application was received long ago, and must not be taken for a yes."""
    slot, (booking,) = full_slot(cast, check_up)
    first, second, third = wait(cast, slot, count=3)
    received = Application.objects.filter(pk__in=[first.application_id, second.application_id])
    for number, each in enumerate(received):
        Application.objects.filter(pk=each.pk).update(
            status=Status.SUBMITTED, reference=f"R{number}", received_at=timezone.now()
        )
    services.cancel(booking_id=booking.pk)
    clock.shift(timedelta(hours=25))
    offer_places()
    assert states(first, second) == [Wait.LAPSED, Wait.OFFERED]
    with pytest.raises(OfferGone):
        accept(entry_id=first.pk)
    with pytest.raises(OfferGone):
        accept(entry_id=third.pk)
    assert accept(entry_id=second.pk).state == Wait.TAKEN
    assert accept(entry_id=second.pk).state == Wait.TAKEN
    assert second.booking is not None
    second.booking.refresh_from_db()
    assert second.booking.state == State.CONFIRMED
    outbox.deliver_due()


def test_passing_on_twice_is_passing_on_once(cast: Cast, check_up: CheckUp) -> None:
    slot, (booking,) = full_slot(cast, check_up)
    wait(cast, slot, count=3)
    services.cancel(booking_id=booking.pk)
    assert pass_on(check_up.calendar.pk) == 0
    assert WaitingEntry.objects.filter(state=Wait.OFFERED).count() == 1
