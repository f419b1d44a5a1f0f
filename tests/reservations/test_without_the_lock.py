"""The negative control: the rush with the lock left out. If these failed, test_rush would be blind."""

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection

from reservations import services, taking
from reservations.invariant import problems
from reservations.models import Booking, Slot
from tests.reservations.scene import (
    CheckUp,
    add_slots,
    alone,
    applications,
    at_once,
    booked,
    bucket_of,
    claimed,
    counters,
    make_check_up,
)
from tests.support.cast import Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)

PLACES, CLIENTS = 50, 200


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def check_up(cast: Cast) -> CheckUp:
    return make_check_up(cast.children)


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own way of booking, with nothing left out but the lock.

    PostgreSQL: the function as it is, but that it believes what it read when it began. SQLite: the
    counter is compared before the transaction that writes, as in every "check, then insert".
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('reservations_place'::regproc)")
            (source,) = cursor.fetchone()
            condition = "AND NOT closed AND taken + amounts[i] <= limit_public"
            assert condition in source
            # the pause makes a certainty of what is otherwise a matter of luck
            judged = "IF json_typeof"
            assert judged in source
            source = source.replace(judged, f"PERFORM pg_sleep(0.05); {judged}")
            cursor.execute(source.replace(condition, ""))
        return

    seen = taking.rooms_of

    def read_first(slot: int) -> list[taking.Room]:
        rooms = seen(slot)
        believed.update({room.id: room for room in rooms})
        return rooms

    believed: dict[int, taking.Room] = {}

    def believe(deltas: Any, rule: Any) -> int:
        moved = 0
        for bucket, n, _ in deltas:
            if believed[bucket].left(staff=rule["limit"] == "limit_total") >= n:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE reservations_bucket SET taken = taken + %s WHERE id = %s", [n, bucket])
                moved += 1
        return moved

    monkeypatch.setattr("reservations.moving.rooms_of", read_first)
    monkeypatch.setattr(taking, "_shift_one_by_one", believe)


def forget_the_backstop() -> None:
    """Without the CHECK of the database, too. SQLite cannot drop one, but can be told not to look."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reservations_bucket DROP CONSTRAINT never_oversold")


def rush(cast: Cast, slot: Slot, act: Any = services.hold) -> list[Any]:
    waiting = applications(cast.form, CLIENTS)
    return at_once([partial(act, application=each, slot_id=slot.pk, party=alone()) for each in waiting])


def unchecked(**request: Any) -> Booking:
    """As `hold`, on a connection that does not look at CHECK constraints."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
    return services.hold(**request)


def test_without_the_lock_places_are_sold_twice(cast: Cast, check_up: CheckUp, unlocked: None) -> None:
    (slot,) = add_slots(check_up, places=PLACES)
    if connection.vendor == "postgresql":
        forget_the_backstop()
        rush(cast, slot)
    else:
        rush(cast, slot, unchecked)
    assert booked(slot) > PLACES
    assert bucket_of(slot).taken > PLACES
    assert any(f"{PLACES}のところ" in sentence for sentence in problems())


def test_the_database_itself_lets_no_place_be_sold_twice(cast: Cast, check_up: CheckUp, unlocked: None) -> None:
    """The backstop: without the lock the program fails, and the places stay as many as they are."""
    (slot,) = add_slots(check_up, places=PLACES)
    results = rush(cast, slot)
    assert any(isinstance(result, IntegrityError) for result in results)
    assert booked(slot) <= PLACES
    assert counters() == claimed()
