"""A unit of work that the database gave up on is done once more, as a whole; one that waits too long says so."""

from collections.abc import Iterator
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from reservations.again import TRIES, again
from reservations.models import Bucket
from reservations.refusals import Busy
from tests.reservations.scene import add_slots, at_once, bucket_of, deadlocks, make_check_up, unexpected
from tests.support.cast import make_cast


class Given(Exception):
    """As the driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def failing(*states: str) -> Any:
    """Fails as often as there are states, then gives 7."""
    left: Iterator[str] = iter(states)

    @again
    def work() -> int:
        for state in left:
            raise OperationalError(state) from Given(state)
        return 7

    return work


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_again_from_the_beginning() -> None:
    assert failing("40P01", "40001")() == 7
    with pytest.raises(Busy):
        failing(*["40P01"] * TRIES)()


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_takes_too_long_is_not_waited_for_again() -> None:
    with pytest.raises(Busy, match="混み合って"):
        failing("55P03")()


@pytest.mark.django_db(transaction=True)
def test_any_other_error_is_nobodys_to_hide() -> None:
    with pytest.raises(OperationalError):
        failing("53300")()


@again
def move_both(first: int, second: int, meetings: list[Barrier]) -> int:
    """Two buckets in the order in which they are named: what no code of the product may do."""
    with transaction.atomic():
        Bucket.objects.filter(pk=first).update(closed=False)
        if meetings:
            meetings.pop().wait(timeout=30)
        Bucket.objects.filter(pk=second).update(closed=False)
    return first


@pytest.mark.django_db(transaction=True)
def test_locks_in_no_order_block_each_other_and_the_server_counts_it(caplog: pytest.LogCaptureFixture) -> None:
    """The negative control of the rush's fixture, which would see a deadlock."""
    a, b = (bucket_of(slot).pk for slot in add_slots(make_check_up(make_cast().children), 2))
    is_postgres = connection.vendor == "postgresql"
    both, before = Barrier(2), deadlocks()
    meetings = [both, both] if is_postgres else []  # each side meets the other once; the second try meets nobody
    results = at_once([lambda: move_both(a, b, meetings), lambda: move_both(b, a, meetings)])
    assert unexpected(results) == []
    assert set(results) == {a, b}
    assert deadlocks() - before == is_postgres
    assert ("40P01" in caplog.text) is is_postgres  # SQLite has one writer at a time, and nobody to block


def test_the_backstop_is_no_reason_to_try_again(db: None) -> None:
    @again
    def work() -> None:
        raise IntegrityError("never_oversold")

    with pytest.raises(IntegrityError):
        work()
