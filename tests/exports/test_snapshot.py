"""A file is of one moment, whatever happens while it is made."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from applications.models import Application
from applications.status import Status
from exports.making import Making
from tests.exports.many import copy
from tests.exports.reading import sheet_rows
from tests.exports.waiting import make, received
from tests.support.cast import Cast, item, make_cast, make_form, submit

COPIES = 1_200  # more than are read at once
TITLE = "出産応援ギフト"


def family(number: int) -> dict[str, Any]:
    return {"家族": [{"who": f"第{number}"}]}


def change_everything(cast: Cast) -> None:
    """As a colleague does, on a connection of their own, in the middle of a sheet."""
    try:
        (key,) = Application.objects.latest("pk").answers
        Application.objects.update(answers={key: [{"who": "第2"}]}, status=Status.IN_REVIEW)
        submit(cast.form)
    finally:
        connection.close()


def sheets(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[str]], list[list[str]]]:
    """(rows of the applications, rows of the group) of an Excel file in whose making everything changes."""
    cast = make_cast()
    client.force_login(cast.officer)
    group = item("repeat", "家族", max=2, fields=[item("text", "氏名", key="who")])
    copy(submit(make_form(cast.children, steps={"内容": [group]}), family(1)), COPIES)
    watched = Making._watched

    def disturbed(self: Making, things: Iterator[Any]) -> Iterator[Any]:
        for number, thing in enumerate(watched(self, things), start=1):
            yield thing
            if number == COPIES // 2:
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(change_everything, cast).result()

    monkeypatch.setattr(Making, "_watched", disturbed)
    book = load_workbook(io.BytesIO(received(client, make(client, "xlsx"))))
    return sheet_rows(book, TITLE)[1:], sheet_rows(book, f"{TITLE}・家族")[1:]


@pytest.mark.django_db(transaction=True)
def test_what_changes_and_arrives_meanwhile_is_not_in_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    applications, people = sheets(client, monkeypatch)
    assert len(applications) == len(people) == COPIES + 1
    assert {(row[2], row[5]) for row in applications} == {("受付済", "第1")}
    assert {row[2] for row in people} == {"第1"}


@pytest.mark.django_db(transaction=True)
def test_without_a_snapshot_it_would_be_of_two_moments(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above would see if it did not hold."""
    monkeypatch.setattr("exports.jobs.snapshot", nullcontext)
    applications, people = sheets(client, monkeypatch)
    assert "第1" in {row[5] for row in applications}
    assert "第2" in {row[2] for row in people}
