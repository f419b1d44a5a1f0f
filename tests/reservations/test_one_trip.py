"""The short way to the database says what Django's cursor says, also when something is wrong."""

from collections.abc import Callable, Sequence

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from reservations import services
from reservations.one_trip import Statement
from tests.reservations.scene import add_slots, alone, applications, booked, make_check_up
from tests.support.cast import make_cast

Way = Callable[[Statement, Sequence[str | None]], str]

pytestmark = pytest.mark.django_db(transaction=True)


def unwatched(statement: Statement, parameters: Sequence[str | None]) -> str:
    return statement.value(parameters)


def watched(statement: Statement, parameters: Sequence[str | None]) -> str:
    with CaptureQueriesContext(connection) as queries:
        value = statement.value(parameters)
    assert len(queries) == 1
    return value


def in_a_transaction(statement: Statement, parameters: Sequence[str | None]) -> str:
    with transaction.atomic():
        return statement.value(parameters)


def ways() -> list[Way]:
    """SQLite has no short one."""
    return [watched, in_a_transaction, *([unwatched] if connection.vendor == "postgresql" else [])]


def test_every_way_gives_the_same() -> None:
    statement = Statement("SELECT COALESCE(CAST(%s AS text), CAST(%s AS text))")
    for way in ways():
        assert way(statement, ["7", None]) == "7"
        assert way(statement, [None, "it's 100%"]) == "it's 100%"


def test_every_way_refuses_a_second_row_of_a_key() -> None:
    make_check_up(make_cast().children)
    again = Statement("INSERT INTO reservations_item SELECT * FROM reservations_item WHERE name > %s RETURNING id")
    for way in ways():
        with pytest.raises(IntegrityError):
            way(again, [""])


def test_a_text_that_would_end_early_is_refused() -> None:
    if connection.vendor == "postgresql":  # SQLite takes it as it is
        for way in ways():
            with pytest.raises(DataError):
                way(Statement("SELECT CAST(%s AS text)"), ["one\0two"])


def test_a_lost_connection_is_told_as_one_and_the_next_booking_has_another() -> None:
    cast = make_cast()
    (slot,) = add_slots(make_check_up(cast.children), places=5)
    first, second, third = applications(cast.form, 3)
    services.hold(application=first, slot_id=slot.pk, party=alone())
    if connection.vendor == "postgresql":
        with pytest.raises(OperationalError):
            Statement("SELECT pg_terminate_backend(pg_backend_pid())::text || %s").value([""])
        with pytest.raises(OperationalError):
            services.hold(application=second, slot_id=slot.pk, party=alone())
        connection.close_if_unusable_or_obsolete()  # as at the end of a request
    services.hold(application=third, slot_id=slot.pk, party=alone())
    assert booked(slot) == 2


def test_a_pool_that_forgets_what_was_prepared_is_borne() -> None:
    if connection.vendor == "postgresql":  # as of a pool that gives every transaction another server
        statement = Statement("SELECT CAST(%s AS text)")
        assert statement.value(["1"]) == "1"
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        assert [statement.value([text]) for text in ("2", "3")] == ["2", "3"]
        for _ in range(2):  # processes that the pool gives the same server
            other = Statement("SELECT CAST(%s AS text)")
            assert [other.value([text]) for text in ("4", "5")] == ["4", "5"]
