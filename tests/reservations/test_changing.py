"""Residents move and cancel until the deadline, staff always; the new place is had before the old one is given up."""

from datetime import time, timedelta

import pytest
import time_machine

from applications.models import Event
from reservations import services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Attendee, Booking, Claim, Slot, State
from reservations.party import Party, person_key
from reservations.refusals import AlreadyBooked, Changed, Full, HoldGone, NotActive, NotOpenYet, SlotGone, TooLate
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
    make_check_up,
)
from tests.support.cast import Cast


def confirmed(cast: Cast, slot: Slot, party: Party) -> Booking:
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=party)
    return services.confirm(booking_id=hold.pk)


def test_a_booking_moves_with_everything_it_has(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 2, item=check_up.stomach)
    slot, other = add_slots(check_up, 2, places=5, items={check_up.lungs: 2})
    booking = confirmed(cast, slot, family(2, check_up.stomach, check_up.lungs))
    # the day's quota is used up, by this booking itself: moving within the day takes no more of it
    moved = services.change(booking_id=booking.pk, slot_id=other.pk)
    assert (moved.pk, moved.slot, moved.sequence) == (booking.pk, other, 1)
    assert (booked(slot), booked(other)) == (0, 2)
    assert bucket_of(slot, check_up.lungs).taken == 0
    assert bucket_of(other, check_up.lungs).taken == 2
    event = Event.objects.latest("pk")
    assert event.kind == "slot_changed"
    assert (event.data["before"]["id"], event.data["slot"]["id"]) == (slot.pk, other.pk)
    assert list(problems()) == []


def test_the_old_place_is_kept_when_the_new_one_cannot_be_had(cast: Cast, check_up: CheckUp) -> None:
    slot, other = add_slots(check_up, 2)
    booking = confirmed(cast, slot, alone())
    confirmed(cast, other, alone())
    before = list(Claim.objects.values())
    with pytest.raises(Full):
        services.change(booking_id=booking.pk, slot_id=other.pk)
    booking.refresh_from_db()
    assert (booking.slot, booking.sequence, booking.state) == (slot, 0, State.CONFIRMED)
    assert list(Claim.objects.values()) == before
    assert list(problems()) == []


def test_a_party_grows_and_shrinks_in_place(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=3)
    booking = confirmed(cast, slot, family(2))
    assert services.change(booking_id=booking.pk, slot_id=slot.pk, party=family(3)).sequence == 1
    assert (booked(slot), bucket_of(slot).taken) == (3, 3)
    with pytest.raises(Full):
        services.change(booking_id=booking.pk, slot_id=slot.pk, party=family(4))
    services.change(booking_id=booking.pk, slot_id=slot.pk, party=alone(check_up.stomach, name="見本"))
    assert (booked(slot), bucket_of(slot).taken) == (1, 1)
    assert Attendee.objects.get().items.get() == check_up.stomach
    assert list(problems()) == []


def test_the_same_choice_changes_nothing(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    booking = confirmed(cast, slot, alone())
    assert services.change(booking_id=booking.pk, slot_id=slot.pk, party=alone()).sequence == 0
    assert Event.objects.count() == 1


def test_a_page_that_shows_an_older_state_changes_nothing(cast: Cast, check_up: CheckUp) -> None:
    slot, other, third = add_slots(check_up, 3)
    booking = confirmed(cast, slot, alone())
    services.change(booking_id=booking.pk, slot_id=other.pk, sequence=0)
    with pytest.raises(Changed):
        services.change(booking_id=booking.pk, slot_id=third.pk, sequence=0)
    assert booked(other) == 1


def test_residents_change_and_cancel_until_the_deadline_and_staff_always(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    calendar = check_up.calendar
    calendar.change_days, calendar.change_time = 7, time(17)
    calendar.cancel_hours = 48
    calendar.save()
    slot, other = add_slots(check_up, 2)
    booking = confirmed(cast, slot, alone())
    clock.move_to("2027-05-31T17:00:00+09:00", tick=False)
    with pytest.raises(TooLate, match="5月31日 17:00"):
        services.change(booking_id=booking.pk, slot_id=other.pk)
    services.staff_change(booking_id=booking.pk, slot_id=other.pk, actor=cast.officer, reason="電話での申し出")
    event = Event.objects.latest("pk")
    assert (event.actor, event.data["reason"]) == (cast.officer, "電話での申し出")
    clock.move_to("2027-06-05T06:30:00+09:00", tick=False)
    with pytest.raises(TooLate, match="6月5日 6:30"):
        services.cancel(booking_id=booking.pk)
    cancelled = services.staff_cancel(booking_id=booking.pk, actor=cast.officer, reason="体調不良")
    assert cancelled.state == State.CANCELLED
    assert Event.objects.latest("pk").data["reason"] == "体調不良"
    assert booked(other) == 0


def test_a_change_to_a_slot_that_is_not_open_is_refused(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    calendar = check_up.calendar
    calendar.opens_days, calendar.book_days = 70, 7
    calendar.save()
    (slot,) = add_slots(check_up)
    (too_far,) = add_slots(check_up, day=FIRST_DAY + timedelta(days=30))
    booking = confirmed(cast, slot, alone())
    with pytest.raises(NotOpenYet):
        services.change(booking_id=booking.pk, slot_id=too_far.pk)


def test_staff_move_into_the_places_that_residents_may_not_have(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    (kept,) = add_slots(check_up, places=1, public=0, day=FIRST_DAY + timedelta(days=1))
    booking = confirmed(cast, slot, alone())
    with pytest.raises(Full):
        services.change(booking_id=booking.pk, slot_id=kept.pk)
    services.staff_change(booking_id=booking.pk, slot_id=kept.pk, actor=cast.officer, reason="配慮")
    assert booked(kept) == 1


def test_what_ended_does_not_move(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    slot, other = add_slots(check_up, 2)
    booking = confirmed(cast, slot, alone())
    services.cancel(booking_id=booking.pk)
    with pytest.raises(NotActive):
        services.change(booking_id=booking.pk, slot_id=other.pk)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=16))
    expire_holds()
    with pytest.raises(HoldGone):
        services.change(booking_id=hold.pk, slot_id=other.pk)
    assert list(problems()) == []


def test_another_choice_starts_the_time_of_a_hold_anew(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, other = add_slots(check_up, 2)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=10))
    services.change(booking_id=hold.pk, slot_id=other.pk)
    clock.shift(timedelta(minutes=10))
    assert expire_holds() == 0
    assert not Event.objects.exists()  # what is only held is nobody's history yet


def test_a_booking_does_not_move_to_another_reception(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    booking = confirmed(cast, slot, alone())
    check_up.calendar.code = "older"
    check_up.calendar.save()
    (foreign,) = add_slots(make_check_up(cast.waste))
    with pytest.raises(SlotGone):
        services.change(booking_id=booking.pk, slot_id=foreign.pk)


def test_the_season_goes_along_with_the_slot(cast: Cast, check_up: CheckUp) -> None:
    add_season(check_up)
    add_season(check_up, year=2028, name="2028年度")
    (slot,) = add_slots(check_up, places=2)
    (next_year,) = add_slots(check_up, places=2, day=FIRST_DAY.replace(year=2028, day=5))
    key = person_key("ミホンハナコ")
    booking = confirmed(cast, slot, alone(person=key))
    other = confirmed(cast, next_year, alone(person=key))
    with pytest.raises(AlreadyBooked):
        services.change(booking_id=other.pk, slot_id=slot.pk)
    services.cancel(booking_id=booking.pk)
    services.change(booking_id=other.pk, slot_id=slot.pk)
    assert Attendee.objects.get(booking=other).once == f"{slot.season_id}:{key}"
    assert list(problems()) == []
