"""A process that is killed in the middle leaves nothing half done, and nobody waits for it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.utils import timezone

from reservations import services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Booking, State
from tests.reservations.scene import CheckUp, add_slots, alone, applications, booked, claimed, counters, make_check_up
from tests.support.cast import Cast, make_cast
from tests.support.processes import end, end_with_parent
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


def test_killed_anywhere_while_busy(cast: Cast, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 3, places=50, day=_soon())
    applications(cast.form, 2000)
    for moment in (0.02, 0.11, 0.23):
        with victim("loop", *(slot.pk for slot in slots)) as process:
            time.sleep(moment)
            kill(process)
        deadline = time.monotonic() + 5
        while counters() != claimed() and time.monotonic() < deadline:
            time.sleep(0.05)  # the server may still be busy with the last statement it was sent
        assert counters() == claimed()
        assert list(problems()) == []
    assert Booking.objects.filter(state=State.RELEASED).exists()


def _soon() -> date:
    return timezone.localdate() + timedelta(days=30)
