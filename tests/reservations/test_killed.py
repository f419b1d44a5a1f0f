"""A process that is killed in the middle leaves nothing half done, and nobody waits for it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from applications.models import Application
from applications.status import Status
from reservations import services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.lottery.draw import draw, open_lottery
from reservations.lottery.drawing import in_order
from reservations.lottery.entering import enter
from reservations.models import Booking, Lottery, LotteryEntry, State, Wait
from reservations.refusals import Full
from reservations.waiting.entries import join
from reservations.waiting.offers import offer_places
from tests.reservations.scene import CheckUp, add_slots, alone, applications, booked, claimed, counters, make_check_up
from tests.support.cast import Cast, make_cast
from tests.support.processes import end, end_with_parent
from tests.support.server import eventually
from tests.support.surroundings import ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock() -> None:
    """Of the machine: the victim has no other."""


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def check_up(cast: Cast) -> CheckUp:
    return make_check_up(cast.children)


@contextmanager
def victim(what: str, *numbers: int) -> Iterator[subprocess.Popen[bytes]]:
    """Running, and past the word that says it is in the middle."""
    command = [sys.executable, "-m", "tests.reservations.victim", what, *map(str, numbers)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"now\n"
        yield process
    finally:
        end(process, signal.SIGKILL)
        assert process.stdout is not None
        process.stdout.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    assert process.wait(10) == -signal.SIGKILL


def test_killed_in_the_middle_of_a_change(cast: Cast, check_up: CheckUp) -> None:
    slot, other = add_slots(check_up, 2, day=_soon())
    one, two = applications(cast.form, 2)
    booking = services.hold(application=one, slot_id=slot.pk, party=alone())
    with victim("change", booking.pk, other.pk) as process:
        kill(process)
    assert (booked(slot), booked(other)) == (1, 0)
    assert counters() == claimed()
    assert list(problems()) == []
    begun = time.monotonic()
    services.hold(application=two, slot_id=other.pk, party=alone())
    assert time.monotonic() - begun < 5


def test_killed_in_the_middle_of_a_booking_by_staff(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, day=_soon())
    one, two = applications(cast.form, 2)
    assert cast.officer.pk
    with victim("book", slot.pk, one.pk) as process:
        kill(process)
    assert not Booking.objects.exists()
    assert list(problems()) == []
    services.hold(application=two, slot_id=slot.pk, party=alone())


def test_killed_in_the_middle_of_the_job_that_ends_holds(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5, day=_soon())
    for application in applications(cast.form, 5):
        services.hold(application=application, slot_id=slot.pk, party=alone())
    Booking.objects.update(hold_expires_at=timezone.now())
    with victim("expire") as process:
        kill(process)
    assert Booking.objects.filter(state=State.HOLD).count() == 5
    assert list(problems()) == []
    assert expire_holds() == 5
    assert list(problems()) == []


def test_killed_in_the_middle_of_an_offer(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, day=_soon())
    one, two, three = applications(cast.form, 3)
    services.hold(application=one, slot_id=slot.pk, party=alone())
    first, second = (join(application=each, slot_id=slot.pk, party=alone()) for each in (two, three))
    Booking.objects.update(hold_expires_at=timezone.now())
    assert expire_holds() == 1
    with victim("offer") as process:
        kill(process)
    assert booked(slot) == 0
    first.refresh_from_db()
    assert first.state == Wait.WAITING
    with pytest.raises(Full):  # the place is kept for the list, whoever died
        services.hold(application=one, slot_id=slot.pk, party=alone())
    assert offer_places() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Wait.OFFERED, Wait.WAITING)
    assert list(problems()) == []


def test_killed_in_the_middle_of_a_draw(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=2, day=_soon())
    now = timezone.now()
    lottery = Lottery.objects.create(
        calendar=check_up.calendar,
        name="前期",
        first_day=slot.day,
        last_day=slot.day,
        opens_at=now - timedelta(days=2),
        closes_at=now + timedelta(hours=1),
    )
    lottery = open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    entries = [
        enter(lottery_id=lottery.pk, application=each, party=alone(), slots=[slot.pk])
        for each in applications(cast.form, 5)
    ]
    Application.objects.update(status=Status.PENDING)
    Lottery.objects.update(closes_at=now)
    with victim("draw", lottery.pk) as process:
        kill(process)
    assert not Booking.objects.exists()
    draw(lottery_id=lottery.pk)
    in_turn = LotteryEntry.objects.order_by("place").values_list("number", flat=True)
    assert list(in_turn) == in_order(lottery.seed, [entry.number for entry in entries])
    assert booked(slot) == 2
    assert list(problems()) == []


def test_killed_anywhere_while_busy(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 3, places=50, day=_soon())
    applications(cast.form, 2000)
    for moment in (0.02, 0.11, 0.23):
        before = _released()
        with victim("loop", *(slot.pk for slot in slots)) as process:
            eventually(_more_than(before), within=30)
            time.sleep(moment)
            kill(process)
        deadline = time.monotonic() + 5
        while counters() != claimed() and time.monotonic() < deadline:
            time.sleep(0.05)  # the server may still be busy with the last statement it was sent
        assert counters() == claimed()
        assert list(problems()) == []


def _released() -> int:
    return Booking.objects.filter(state=State.RELEASED).count()


def _more_than(before: int) -> Callable[[], bool]:
    def more_are_released() -> bool:
        return _released() > before

    return more_are_released


def _soon() -> date:
    return timezone.localdate() + timedelta(days=30)
