"""A resident holds places, lets them go, or makes them a booking; staff book at once."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from applications.models import Channel, Event
from reservations import services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.known import known_slot
from reservations.models import Attendee, Booking, State
from reservations.party import Person, digest, person_key
from reservations.refusals import (
    AlreadyBooked,
    Full,
    HasBooking,
    HoldGone,
    NotActive,
    NotOpenYet,
    SlotGone,
    TooLate,
    TooMany,
)
from reservations.relayout import remove_slots
from tests.reservations.scene import (
    CheckUp,
    add_quota,
    add_season,
    add_slots,
    alone,
    applications,
    booked,
    bucket_of,
    family,
    moment,
)
from tests.support.cast import Cast


def test_a_hold_takes_its_place_for_fifteen_minutes(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=2)
    (application,) = applications(cast.form, 1)
    booking = services.hold(application=application, slot_id=slot.pk, party=alone(name="見本 花子"))
    stored = Booking.objects.get()
    assert (stored.pk, stored.state, stored.slot_id, stored.channel) == (booking.pk, State.HOLD, slot.pk, Channel.WEB)
    assert stored.hold_expires_at is not None
    assert stored.hold_expires_at == booking.hold_expires_at
    left = (stored.hold_expires_at - timezone.now()).total_seconds()
    assert 14 * 60 < left <= 15 * 60
    assert bucket_of(slot).taken == 1
    assert [row.name for row in stored.attendees.all()] == ["見本 花子"]
    assert list(problems()) == []


def test_the_whole_party_takes_from_every_bucket(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 40, item=check_up.stomach)
    add_quota(check_up, 30, venue=check_up.venue)
    add_quota(check_up, 20, venue=check_up.other_venue)
    add_season(check_up, 1000)
    (slot,) = add_slots(check_up, places=12, items={check_up.lungs: 5})
    (application,) = applications(cast.form, 1)
    party = alone(check_up.stomach, check_up.lungs) + alone(check_up.stomach) + alone()
    services.hold(application=application, slot_id=slot.pk, party=party)
    taken = {(b.scope, b.item_id): b.taken for b in slot.buckets.all()}
    assert taken == {
        ("slot", None): 3,
        ("slot_item", check_up.lungs.pk): 1,
        ("day", check_up.stomach.pk): 2,
        ("day", None): 3,
        ("season", None): 3,
    }
    assert list(problems()) == []


@pytest.mark.parametrize("short", ["slot", "item", "day", "season"])
def test_if_one_bucket_is_short_nothing_is_taken_of_any(cast: Cast, check_up: CheckUp, short: str) -> None:
    add_quota(check_up, 2 if short == "day" else 40, item=check_up.stomach)
    add_season(check_up, 2 if short == "season" else 1000)
    (slot,) = add_slots(
        check_up, places=2 if short == "slot" else 12, items={check_up.stomach: 2 if short == "item" else 12}
    )
    (application,) = applications(cast.form, 1)
    with pytest.raises(Full) as refused:
        services.hold(application=application, slot_id=slot.pk, party=family(3, check_up.stomach))
    assert [shortage.left for shortage in refused.value.shortages] == [2]
    assert ("胃" in refused.value.message) is (short in ("item", "day"))
    assert not Booking.objects.exists()
    assert not any(slot.buckets.values_list("taken", flat=True))


def test_the_same_choice_again_is_the_first_hold_even_when_it_took_the_last_place(
    cast: Cast, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=1)
    (application,) = applications(cast.form, 1)
    first = services.hold(application=application, slot_id=slot.pk, party=alone(), key="tap")
    assert services.hold(application=application, slot_id=slot.pk, party=alone(), key="tap") == first
    assert services.hold(application=application, slot_id=slot.pk, party=alone()) == first
    assert booked(slot) == 1


def test_a_key_of_somebody_else_opens_nothing(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=2)
    one, other = applications(cast.form, 2)
    first = services.hold(application=one, slot_id=slot.pk, party=alone(), key="tap")
    assert services.hold(application=other, slot_id=slot.pk, party=alone(), key="tap") != first


def test_another_choice_needs_a_change(cast: Cast, check_up: CheckUp) -> None:
    slot, other = add_slots(check_up, 2)
    (application,) = applications(cast.form, 1)
    first = services.hold(application=application, slot_id=slot.pk, party=alone())
    with pytest.raises(HasBooking) as refused:
        services.hold(application=application, slot_id=other.pk, party=alone())
    assert refused.value.booking == first
    assert (booked(slot), booked(other)) == (1, 0)


def test_a_hold_expires_and_its_place_is_free_again(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    one, other = applications(cast.form, 2)
    hold = services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=14))
    assert expire_holds() == 0
    clock.shift(timedelta(minutes=2))
    assert expire_holds() == 1
    assert expire_holds() == 0
    hold.refresh_from_db()
    assert (hold.state, hold.hold_expires_at) == (State.EXPIRED, None)
    assert services.hold(application=other, slot_id=slot.pk, party=alone()).state == State.HOLD
    assert list(problems()) == []


def test_a_dead_hold_is_in_nobodys_way_though_no_job_runs(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    one, other = applications(cast.form, 2)
    hold = services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=16))
    services.hold(application=other, slot_id=slot.pk, party=alone())
    hold.refresh_from_db()
    assert hold.state == State.EXPIRED
    assert booked(slot) == 1


def test_ones_own_dead_hold_is_in_no_way_either(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    slot, other = add_slots(check_up, 2)
    (application,) = applications(cast.form, 1)
    key = person_key("ミホンハナコ 1950-01-01")
    services.hold(application=application, slot_id=slot.pk, party=alone(person=key))
    clock.shift(timedelta(minutes=16))
    services.hold(application=application, slot_id=other.pk, party=alone(person=key))
    assert (booked(slot), booked(other)) == (0, 1)


def test_a_hold_is_extended_once(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    (slot,) = add_slots(check_up)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=10))
    extended = services.extend(booking_id=hold.pk)
    assert _minutes_left(extended) == 15
    clock.shift(timedelta(minutes=10))
    assert _minutes_left(services.extend(booking_id=hold.pk)) == 5
    clock.shift(timedelta(minutes=6))
    expire_holds()
    with pytest.raises(HoldGone):
        services.extend(booking_id=hold.pk)


def _minutes_left(booking: Booking) -> int:
    assert booking.hold_expires_at is not None
    return round((booking.hold_expires_at - timezone.now()).total_seconds() / 60)


def test_a_confirmed_hold_is_a_booking_and_never_expires(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone(name="見本"))
    booking = services.confirm(booking_id=hold.pk, names=["見本 花子"])
    assert (booking.state, booking.hold_expires_at) == (State.CONFIRMED, None)
    assert services.confirm(booking_id=hold.pk).state == State.CONFIRMED
    clock.shift(timedelta(days=1))
    assert expire_holds() == 0
    event = Event.objects.get()
    assert (event.kind, event.data["slot"]["venue"]) == ("slot_confirmed", "あすぱる")
    assert Attendee.objects.get().name == "見本 花子"
    assert services.extend(booking_id=hold.pk).state == State.CONFIRMED


def test_an_expired_hold_is_confirmed_if_its_place_is_still_free(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    one, other = applications(cast.form, 2)
    key = person_key("ミホン")
    hold = services.hold(application=one, slot_id=slot.pk, party=alone(person=key))
    clock.shift(timedelta(minutes=16))
    expire_holds()
    assert services.confirm(booking_id=hold.pk).state == State.CONFIRMED
    assert bucket_of(slot).taken == 1
    with pytest.raises(Full):
        services.hold(application=other, slot_id=slot.pk, party=alone())
    assert list(problems()) == []


def test_an_expired_hold_is_not_confirmed_if_somebody_else_has_the_place(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    one, other = applications(cast.form, 2)
    hold = services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=16))
    services.hold(application=other, slot_id=slot.pk, party=alone())
    with pytest.raises(Full):
        services.confirm(booking_id=hold.pk)
    assert booked(slot) == 1
    assert list(problems()) == []


def test_an_expired_hold_is_not_confirmed_beside_a_newer_booking_of_the_same_person(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, other = add_slots(check_up, 2)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=16))
    services.hold(application=application, slot_id=other.pk, party=alone())
    with pytest.raises(AlreadyBooked):
        services.confirm(booking_id=hold.pk)
    assert (booked(slot), booked(other)) == (0, 1)


def test_a_released_hold_is_gone(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    assert services.release(booking_id=hold.pk).state == State.RELEASED
    assert services.release(booking_id=hold.pk).state == State.RELEASED
    assert bucket_of(slot).taken == 0
    with pytest.raises(NotActive):
        services.confirm(booking_id=hold.pk)
    assert services.hold(application=application, slot_id=slot.pk, party=alone()).pk != hold.pk


def test_a_booking_is_not_released_but_cancelled(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    (application,) = applications(cast.form, 1)
    hold = services.hold(application=application, slot_id=slot.pk, party=alone())
    services.confirm(booking_id=hold.pk)
    assert services.release(booking_id=hold.pk).state == State.CONFIRMED
    cancelled = services.cancel(booking_id=hold.pk)
    assert (cancelled.state, cancelled.sequence) == (State.CANCELLED, 1)
    assert services.cancel(booking_id=hold.pk).sequence == 1
    assert bucket_of(slot).taken == 0
    assert list(Event.objects.values_list("kind", flat=True)) == ["slot_confirmed", "slot_cancelled"]
    assert list(problems()) == []


def test_staff_book_up_to_the_whole_capacity_and_residents_up_to_their_share(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=3, public=2)
    residents = applications(cast.form, 3)
    for application in residents[:2]:
        services.hold(application=application, slot_id=slot.pk, party=alone())
    with pytest.raises(Full):
        services.hold(application=residents[2], slot_id=slot.pk, party=alone())
    booking = services.staff_book(
        application=residents[2], slot_id=slot.pk, party=alone(name="電話の方"), actor=cast.officer
    )
    assert (booking.state, booking.staff) == (State.CONFIRMED, cast.officer)
    assert Event.objects.get().actor == cast.officer
    with pytest.raises(Full):
        services.staff_book(
            application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone(), actor=cast.officer
        )
    assert booked(slot) == 3
    assert list(problems()) == []


def test_nobody_books_twice_in_a_season(cast: Cast, check_up: CheckUp) -> None:
    add_season(check_up)
    add_season(check_up, year=2028, name="2028年度")
    (slot,) = add_slots(check_up, places=5)
    (later,) = add_slots(check_up, places=5, day=slot.day.replace(month=7, day=5))
    (next_year,) = add_slots(check_up, places=5, day=slot.day.replace(year=2028, day=5))
    one, other, third = applications(cast.form, 3)
    key = person_key("ミホンハナコ 1950-01-01")
    first = services.hold(application=one, slot_id=slot.pk, party=alone(person=key))
    for again in (slot, later):
        with pytest.raises(AlreadyBooked):
            services.hold(application=other, slot_id=again.pk, party=alone() + alone(person=key))
    services.hold(application=third, slot_id=next_year.pk, party=alone(person=key))
    services.release(booking_id=first.pk)
    services.hold(application=other, slot_id=later.pk, party=alone(person=key))
    assert (booked(slot), booked(later), booked(next_year)) == (0, 1, 1)
    assert list(problems()) == []


def test_the_window_opens_and_closes_for_residents_and_never_for_staff(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    calendar = check_up.calendar
    calendar.opens_at = moment(date(2027, 4, 20))
    calendar.book_days, calendar.book_time = 7, time(17)
    calendar.save()
    (slot,) = add_slots(check_up, places=9)
    one, two, three = applications(cast.form, 3)
    with pytest.raises(NotOpenYet, match="4月20日 9:00"):
        services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.move_to("2027-05-31T16:59:59+09:00", tick=False)
    services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.move_to("2027-05-31T17:00:00+09:00", tick=False)
    with pytest.raises(TooLate, match="5月31日 17:00"):
        services.hold(application=two, slot_id=slot.pk, party=alone())
    services.staff_book(application=three, slot_id=slot.pk, party=alone(), actor=cast.officer)


@pytest.mark.django_db(transaction=True)  # within one transaction, PostgreSQL gives a row no new version
def test_changed_rules_count_at_once_for_who_remembered_the_old_ones(cast: Cast, check_up: CheckUp) -> None:
    calendar = check_up.calendar
    (slot,) = add_slots(check_up, places=9)
    one, two, three, four = applications(cast.form, 4)
    services.hold(application=one, slot_id=slot.pk, party=alone())  # from here on this process knows the slot
    calendar.opens_days = 7
    calendar.save()
    with pytest.raises(NotOpenYet):
        services.hold(application=two, slot_id=slot.pk, party=alone())
    calendar.opens_days, calendar.hold_minutes = None, 40
    calendar.save()
    assert _minutes_left(services.hold(application=two, slot_id=slot.pk, party=alone())) == 40
    type(calendar).objects.update(hold_minutes=50, max_places=2)  # whoever changes it, and however
    assert _minutes_left(services.hold(application=three, slot_id=slot.pk, party=family(2))) == 50
    with pytest.raises(TooMany, match="2"):
        services.hold(application=four, slot_id=slot.pk, party=family(3))


def test_a_slot_that_was_removed_is_gone_for_who_remembered_it(cast: Cast, check_up: CheckUp) -> None:
    slot, other = add_slots(check_up, 2)
    (application,) = applications(cast.form, 1)
    known_slot(slot.pk)
    remove_slots(slot_ids=[slot.pk])
    with pytest.raises(SlotGone):
        services.hold(application=application, slot_id=slot.pk, party=alone())
    services.hold(application=application, slot_id=other.pk, party=alone())


def test_too_many_at_once_and_a_slot_that_is_gone_are_refused(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=50)
    (application,) = applications(cast.form, 1)
    with pytest.raises(TooMany, match="10"):
        services.hold(application=application, slot_id=slot.pk, party=(Person(places=11),))
    with pytest.raises(SlotGone):
        services.hold(application=application, slot_id=slot.pk + 1, party=alone())


def test_no_place_is_taken_inside_a_longer_transaction(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    (application,) = applications(cast.form, 1)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        services.hold(application=application, slot_id=slot.pk, party=alone())


def test_a_party_is_told_by_what_it_takes_and_not_by_its_names() -> None:
    assert digest((Person("見本"),)) == digest((Person("見木"),))
    assert digest((Person(items=frozenset({2, 10, 1})),)) == digest((Person(items=frozenset({10, 1, 2})),))
    different = {
        digest(party) for party in ((Person(),), (Person(places=2),), (Person(), Person()), (Person(person="a"),))
    }
    assert len(different) == 4


def test_a_person_is_the_same_however_the_name_is_typed() -> None:
    assert person_key("ﾐﾎﾝ ﾊﾅｺ 1950-01-01") == person_key("みほん　はなこ1950-01-01")
    assert person_key("ミホンハナコ1950-01-01") != person_key("ミホンハナコ1950-01-02")
