"""What is free, as people see it; the check of the counters; the commands for cron."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reservations import capacity, services
from reservations.availability import choices, nearest
from reservations.invariant import problems
from reservations.models import Attendee, Booking, Bucket, Claim, State
from reservations.party import person_key
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_quota,
    add_slots,
    alone,
    applications,
    bucket_of,
    family,
)
from tests.support.cast import Cast


def test_what_is_left_is_what_every_limit_leaves(cast: Cast, check_up: CheckUp) -> None:
    add_quota(check_up, 6)
    add_quota(check_up, 3, item=check_up.stomach)
    slot, other = add_slots(check_up, 2, places=5, items={check_up.lungs: 2})
    people = applications(cast.form, 2)
    services.hold(application=people[0], slot_id=slot.pk, party=family(2, check_up.stomach))
    services.hold(application=people[1], slot_id=other.pk, party=family(1, check_up.lungs))
    first, second = choices(calendar=check_up.calendar, first=FIRST_DAY, last=FIRST_DAY)
    assert (first.slot, first.left, second.slot, second.left) == (slot, 3, other, 3)
    assert first.items == {check_up.stomach.pk: 1, check_up.lungs.pk: 2}
    assert second.items == {check_up.stomach.pk: 1, check_up.lungs.pk: 1}
    assert first.fits(family(3))
    assert not first.fits(family(4))
    assert first.fits(alone(check_up.stomach) + family(2))
    assert not first.fits(family(2, check_up.stomach))


def test_what_is_closed_or_not_open_cannot_be_chosen(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, _ = add_slots(check_up, 2, places=5, public=4)
    capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検")
    days: dict[str, Any] = {"calendar": check_up.calendar, "first": FIRST_DAY, "last": FIRST_DAY}
    assert [choice.left for choice in choices(**days)] == [0, 4]
    assert [choice.left for choice in choices(**days, staff=True)] == [0, 5]
    clock.move_to("2027-06-07T06:30:00+09:00", tick=False)
    late = choices(**days)[1]
    assert "終わりました" in late.refusal
    assert not late.fits(alone())
    assert choices(**days, staff=True)[1].fits(alone())


def test_dead_holds_and_ones_own_booking_are_shown_as_free(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=2)
    one, other = applications(cast.form, 2)
    services.hold(application=one, slot_id=slot.pk, party=alone())
    clock.shift(timedelta(minutes=16))
    mine = services.hold(application=other, slot_id=slot.pk, party=alone())
    days: dict[str, Any] = {"calendar": check_up.calendar, "first": FIRST_DAY, "last": FIRST_DAY}
    assert choices(**days)[0].left == 1
    assert choices(**days, mine=mine)[0].left == 2
    assert bucket_of(slot).taken == 2  # nothing was written for it


def test_the_nearest_free_slots_are_offered(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 6, places=1)
    people = applications(cast.form, 3)
    for number, application in zip((2, 3, 5), people, strict=True):
        services.hold(application=application, slot_id=slots[number].pk, party=alone())
    slots[2].calendar = check_up.calendar
    offered = nearest(slot=slots[2], party=alone(), count=3)
    assert [choice.slot for choice in offered] == [slots[1], slots[0], slots[4]]
    assert nearest(slot=slots[2], party=family(2)) == []


@pytest.fixture
def booking(cast: Cast, check_up: CheckUp) -> Booking:
    add_quota(check_up, 9, item=check_up.stomach)
    (slot,) = add_slots(check_up, places=5)
    (application,) = applications(cast.form, 1)
    party = alone(check_up.stomach, person=person_key("ミホン"))
    return services.hold(application=application, slot_id=slot.pk, party=party)


def test_the_check_finds_nothing_where_nothing_is_wrong(booking: Booking, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reservations_check")
    assert "食い違いはありません" in capsys.readouterr().out


def miscount(booking: Booking) -> None:
    Bucket.objects.filter(slot=booking.slot).update(taken=3)


def lose_a_claim(booking: Booking) -> None:
    Claim.objects.filter(booking=booking, bucket__item__isnull=False).delete()


def end_it_by_hand(booking: Booking) -> None:
    Booking.objects.update(state=State.CANCELLED, hold_expires_at=None)


def forget_the_person(booking: Booking) -> None:
    Attendee.objects.update(once=None)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (miscount, "数は3、予約の合計は1"),
        (lose_a_claim, "を持つはずが"),
        (lose_a_claim, "数は1、予約の合計は0"),
        (end_it_by_hand, "終わったのに"),
        (end_it_by_hand, "ほかの予約を妨げています"),
        (forget_the_person, "重複の確かめ"),
    ],
)
def test_the_check_finds_whatever_is_wrong(
    booking: Booking, damage: object, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(damage)
    damage(booking)
    assert any(told in sentence for sentence in problems())
    with pytest.raises(CommandError, match="食い違いがあります") as failed:
        call_command("reservations_check")
    assert failed.value.returncode == 1
    assert told in capsys.readouterr().out


def test_the_job_ends_dead_holds(
    booking: Booking, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    clock.shift(timedelta(minutes=16))
    call_command("reservations_expire")
    assert "1件" in capsys.readouterr().out
    booking.refresh_from_db()
    assert booking.state == State.EXPIRED
