"""A postcode of several towns: each is offered, and fills in the boxes, without a script too."""

from pathlib import Path

import pytest
from django.test import Client

from formbuilder.japanese import postcode_table
from formbuilder.models import FormPage
from tests.applications.residents import STEPS, Resident, leads_to, value_of
from tests.support.cast import Cast, item, key_of, make_form

MANY = "4520961"  # 66 towns of 清須市
TWO = "4980000"  # of two prefectures
KEY = key_of("住所")
BOX = f"f-{KEY}"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def boxes(**parts: str) -> dict[str, str]:
    return {"whole": "1", **{f"{BOX}-{part}": text for part, text in parts.items()}}


def test_the_towns_are_offered_where_the_postcode_is(resident: Resident) -> None:
    response = resident.post("1", {**boxes(postcode=MANY), "lookup": KEY})
    assert leads_to(response) == f"?offers={KEY}"
    page = resident.client.get(response.headers["Location"])
    assert page.content.decode().count(f'name="lookup" value="{KEY}:') == 66
    assert "清須市春日一番割" in page.content.decode()
    assert value_of(page, f"{BOX}-city") == "清須市"


def test_the_one_that_is_chosen_fills_in_the_boxes(resident: Resident) -> None:
    response = resident.post("1", {**boxes(postcode=MANY), "lookup": f"{KEY}:1"})
    assert "offers" not in response.headers["Location"]
    page = resident.get("1")
    assert value_of(page, f"{BOX}-town") == "春日一番割"


def test_a_lot_number_that_was_typed_stays(resident: Resident) -> None:
    resident.post("1", {**boxes(postcode=MANY, town="春日一番割12-3"), "lookup": f"{KEY}:1"})
    assert value_of(resident.get("1"), f"{BOX}-town") == "春日一番割12-3"


def test_places_of_two_prefectures_are_told_apart(resident: Resident) -> None:
    resident.post("1", {**boxes(postcode=TWO), "lookup": f"{KEY}:1"})
    page = resident.get("1").content.decode()
    assert '<option selected value="三重県"' in page or 'value="三重県" selected' in page or "selected>三重県" in page


@pytest.mark.parametrize("nonsense", ["99", "-1", "x", "1:1", "９", "9" * 300])
def test_a_number_that_is_not_offered_is_only_a_look_up(resident: Resident, nonsense: str) -> None:
    assert resident.post("1", {**boxes(postcode=MANY), "lookup": f"{KEY}:{nonsense}"}).status_code == 302
    assert value_of(resident.get("1"), f"{BOX}-town") == ""


@pytest.mark.parametrize("asked", ["x", f"{KEY}.0.x", f"{KEY}.9.x", "", "%00", key_of("氏名")])
def test_nonsense_in_the_address_offers_nothing(resident: Resident, asked: str) -> None:
    page = resident.client.get(resident.url("1"), {"offers": asked})
    assert page.status_code == 200 and "mg-offers" not in page.content.decode()


def test_in_a_row_the_towns_are_offered_in_that_row(cast: Cast) -> None:
    group = item("repeat", "家族", word="家族", min=1, max=3, fields=[item("address", "住所")])
    resident = Resident(make_form(cast.children, steps={"家族": [group]}))
    name, inner = f"f-{key_of('家族')}", f"{key_of('家族')}.0.{KEY}"
    data = {"whole": "1", name: "0", f"f-{inner}-postcode": MANY}
    response = resident.post("1", {**data, "lookup": inner})
    page = resident.client.get(response.headers["Location"]).content.decode()
    assert page.count(f'value="{inner}:') == 66
    resident.post("1", {**data, "lookup": f"{inner}:1"})
    assert value_of(resident.get("1"), f"f-{inner}-town") == "春日一番割"


def test_what_is_looked_up_may_be_kept_by_anybody(form: FormPage) -> None:
    assert Client().get(f"/apply/postcode/{MANY}/")["Cache-Control"] == "public, max-age=86400"


def test_without_a_table_the_page_says_to_type_the_address_and_keeps_what_was_typed(
    resident: Resident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "postcodes.sqlite3"
    broken.write_bytes(b"no database at all, but long enough to be one" * 40)
    monkeypatch.setattr(postcode_table, "_path", broken)
    page = resident.post("1", {**boxes(postcode=MANY, town="春日一番割12-3"), "lookup": KEY})
    assert "住所の検索は、いま使えません。住所をそのまま入力してください。" in page.content.decode()
    assert value_of(resident.get("1"), f"{BOX}-town") == "春日一番割12-3"
    assert Client().get(f"/apply/postcode/{MANY}/").json()["places"] == []
