"""Open data: what the municipality publishes of its procedures, and nothing that tells of a person."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from wagtail.models import Site

from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action
from cms.models import Role
from exports.opendata.datasets import PROCEDURES, STATISTICS, hidden
from exports.opendata.models import OpenData
from tests.support.cast import Cast, make_staff, submit

SPRING = datetime(2026, 4, 10, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


@pytest.fixture
def published(cast: Cast) -> OpenData:
    assert cast.form and cast.other_form
    return OpenData.objects.create(site=Site.objects.get(), is_on=True, municipality_code="151009")


def rows(client: Client, name: str) -> list[dict[str, str]]:
    response = client.get(f"/opendata/{name}.csv")
    assert response.status_code == 200 and response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_nothing_is_published_before_somebody_wants_it(cast: Cast, client: Client) -> None:
    for path in ("", "procedures.csv", "procedures.json", "statistics.csv"):
        assert client.get(f"/opendata/{path}").status_code == 404


def test_the_list_of_procedures_has_every_published_one(cast: Cast, published: OpenData, client: Client) -> None:
    cast.other_form.unpublish()
    (row,) = rows(client, "procedures")
    assert tuple(row) == PROCEDURES
    assert (row["全国地方公共団体コード"], row["ID"], row["名称"]) == ("151009", "gift", "出産応援ギフト")
    assert row["所管課"] == "こども家庭課" and row["URL"].startswith("http")
    assert client.get("/opendata/procedures.json").json()["データ"] == [row]


def test_it_may_be_read_by_any_page_and_kept_for_a_while(published: OpenData, client: Client) -> None:
    for path in ("", "procedures.csv", "procedures.json"):
        response = client.get(f"/opendata/{path}")
        assert response["Cache-Control"] == "public, max-age=3600"
        assert response["Access-Control-Allow-Origin"] == "*" and not response.cookies
    assert client.post("/opendata/").status_code == 405
    for path in ("other.csv", "procedures.xml", "procedures.csv/"):
        assert client.get(f"/opendata/{path}").status_code == 404


def test_files_that_are_asked_for_often_are_made_once(
    published: OpenData, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.get("/opendata/statistics.csv")
    with django_assert_max_num_queries(3):
        client.get("/opendata/statistics.csv")


def arrive(cast: Cast, count: int, decided: Action | None = None) -> None:
    boss = make_staff("boss", (cast.children, Role.APPROVER))
    for _ in range(count):
        application = submit(cast.form)
        if decided:
            move(application.pk, Action.REVIEW, actor=boss)
            move(application.pk, decided, actor=boss)
    Application.objects.update(received_at=SPRING)
    Event.objects.update(at=SPRING)


def test_numbers_of_a_month_are_counted_and_small_ones_are_not_told(
    cast: Cast, published: OpenData, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.opendata.datasets.SMALLEST", 3)
    arrive(cast, 3, Action.APPROVE)
    move(Application.objects.first().pk, Action.REOPEN)  # type: ignore[union-attr]  # there is one
    move(Application.objects.first().pk, Action.REJECT)  # type: ignore[union-attr]  # as above
    Event.objects.update(at=SPRING)
    (row,) = rows(client, "statistics")
    assert tuple(row) == STATISTICS
    assert (row["年月"], row["受付件数"], row["決定件数"], row["不承認件数"]) == ("2026-04", "3", "3", "X")
    assert row["備考"] and "見本" not in json.dumps(row, ensure_ascii=False)


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (1, "X"), (9, "X"), (10, "10"), (1234, "1234")])
def test_few_are_nobodys_business(number: int, shown: str) -> None:
    assert hidden(number) == shown


def test_a_month_that_goes_on_is_not_told(cast: Cast, published: OpenData, client: Client) -> None:
    submit(cast.form)
    assert rows(client, "statistics") == []


def test_the_numbers_can_be_left_out(published: OpenData, client: Client) -> None:
    assert len(client.get("/opendata/").json()["データセット"]) == 2
    OpenData.objects.update(has_statistics=False)
    assert client.get("/opendata/statistics.csv").status_code == 404
    assert len(client.get("/opendata/").json()["データセット"]) == 1


@pytest.mark.parametrize("role", ["officer", "editor", "other_officer"])
def test_only_an_administrator_switches_it(cast: Cast, client: Client, role: str) -> None:
    site = Site.objects.get().pk
    client.force_login(getattr(cast, role))
    assert client.get(f"/admin/settings/exports/opendata/{site}/").status_code in (302, 403)
    client.force_login(cast.admin)
    page = f"/admin/settings/exports/opendata/{site}/"
    assert client.get(page).status_code == 200
    client.post(page, {"is_on": "on", "municipality_code": "15100", "licence": "CC BY 4.0"})
    assert not OpenData.objects.filter(is_on=True).exists()
    client.post(page, {"is_on": "on", "municipality_code": "151009", "licence": "CC BY 4.0"})
    assert OpenData.objects.get().is_on
