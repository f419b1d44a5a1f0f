"""長い一覧から探す: by the button without a script, and by what the script asks."""

import pytest
from django.test import Client

from formbuilder.models import FormPage
from tests.applications.residents import Resident, leads_to
from tests.support.cast import Cast, current_version, item, key_of, make_form

SCHOOLS = "101,見本小学校,みほん\n102,見本北小学校,みほんきた\n201,赤塚中学校,あかつか"
KEY = key_of("学校")
ROW = item("listed", "行の学校", key="row", table=SCHOOLS)


@pytest.fixture
def form(cast: Cast) -> FormPage:
    group = item("repeat", "きょうだい", key="kin", required=False, fields=[ROW])
    return make_form(
        cast.children, steps={"学校": [item("listed", "学校", table=SCHOOLS), group], "次": [item("text", "備考")]}
    )


def press(resident: Resident, words: str, button: str = KEY) -> str:
    """The page that comes after the button."""
    response = resident.post("1", {f"f-{KEY}-name": words, "lookup": button, "whole": "1"})
    return (resident.client.get(response.url) if response.status_code == 302 else response).content.decode()


def test_the_button_offers_what_there_is_and_a_press_fills_it_in(form: FormPage) -> None:
    resident = Resident(form)
    page = press(resident, "見本")
    assert f'value="{KEY}:1"' in page and "見本北小学校" in page
    assert 'value="見本北小学校"' in press(resident, "見本", f"{KEY}:1")
    assert leads_to(resident.post("1", {f"f-{KEY}-name": "見本北小学校", "action": "next", "whole": "1"})) == "2"


def test_the_only_one_is_filled_in_and_none_is_said(form: FormPage) -> None:
    assert 'value="赤塚中学校"' in press(Resident(form), "あかつか")
    assert "当てはまるものがありません" in press(Resident(form), "高校")


def ask(client: Client, version: int, **query: str) -> object:
    response = client.get(f"/apply/list/{version}/", query)
    return response.json()["names"] if response.status_code == 200 else response.status_code


def test_the_script_is_told_names_of_a_published_form_alone(form: FormPage, client: Client) -> None:
    version = current_version(form).pk
    assert ask(client, version, item=KEY, q="みほん") == ["見本小学校", "見本北小学校"]
    assert ask(client, version, item="kin.0.row", q="201") == ["赤塚中学校"]
    assert ask(client, version, item=KEY, q="") == []
    for wrong in ("", key_of("備考"), "kin", "kin.0.no"):
        assert ask(client, version, item=wrong, q="a") == 404
    form.unpublish()
    assert ask(client, version, item=KEY, q="みほん") == 404
