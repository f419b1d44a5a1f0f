"""What tests begin with is put back row by row: it must be what the program makes, and no more than that."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.models import Department, Role
from tests.support import rehearsed
from tests.support.cast import Cast, make_cast, make_department, make_staff, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unrehearsed() -> Iterator[None]:
    rehearsed.forget()
    yield
    rehearsed.forget()


def counts() -> dict[str, int]:
    """Rows of each table, but those in which SQLite keeps its full-text index: their number is its own affair."""
    tables = [table for table in connection.introspection.table_names() if "_fts" not in table]
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def put_back() -> Cast:
    """The cast and its form, made by the program and gone until both were looked at, and there again."""
    for _ in range(3):
        point = transaction.savepoint()
        made = make_cast()
        form, rows = made.form, counts()
        transaction.savepoint_rollback(point)
    again = make_cast()
    assert (again.form, again.children) == (form, made.children)
    assert counts() == rows
    return again


def test_the_same_rows_are_there_however_they_came() -> None:
    put_back()
    assert Page.find_problems() == ([], [], [], [], [])


def test_life_goes_on_with_rows_that_were_put_back() -> None:
    cast = put_back()
    assert make_staff("new", (cast.waste, Role.OFFICER)).pk
    assert make_department("税務課", "zeimu").pk
    assert submit(cast.form).reference


def test_where_something_else_is_there_already_the_program_makes_the_rows() -> None:
    for _ in range(3):
        point = transaction.savepoint()
        make_cast()
        transaction.savepoint_rollback(point)
    make_department("税務課", "zeimu")
    cast = make_cast()
    assert Department.objects.count() == 3
    assert cast.form.pk
    assert Page.find_problems() == ([], [], [], [], [])
