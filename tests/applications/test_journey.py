"""Where a resident may go, and where the program sends everybody else."""

import pytest
from django.test import Client

from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from tests.applications.residents import APPLICANT, CITY, ELSEWHERE, STEPS, Resident, leads_to, photo, text_of
from tests.support.cast import Cast, item, load_form, make_form, when


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def test_a_visit_begins_at_the_first_step(resident: Resident) -> None:
    assert leads_to(resident.get()) == "1"


def test_a_visit_goes_on_at_the_first_step_that_is_not_done(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    assert leads_to(resident.get()) == "2"
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    assert leads_to(resident.get()) == "3"
    resident.fill("3", {"受取方法": "koukin"})
    assert leads_to(resident.get()) == "check"


@pytest.mark.parametrize("place", ["2", "3", "check", "stop", "done"])
def test_nobody_skips_ahead_by_address(resident: Resident, place: str) -> None:
    assert leads_to(resident.get(place)) == resident.code
    resident.fill("1", {"氏名": {"family": "見本", "given": ""}})
    assert leads_to(resident.get(place)) == resident.code


@pytest.mark.parametrize("place", ["0", "4", "-1", "99999999999999999999", "next", "1x", "\u0661", "一"])
def test_a_step_that_does_not_exist_leads_back_to_the_path_or_nowhere(resident: Resident, place: str) -> None:
    response = resident.get(place)
    assert response.status_code == 404 or leads_to(response) == resident.code


@pytest.mark.parametrize(
    "path", ["1/../check/", "1/%2e%2e/check/", "1//", "1/check/", "1/1/", ".%2f1/", "1%00/", "%00/"]
)
def test_a_bent_address_is_no_way_past_a_step(resident: Resident, path: str) -> None:
    response = resident.client.get(f"/apply/{resident.code}/{path}")
    assert response.status_code == 404 or leads_to(response) == resident.code


def test_what_is_posted_to_a_later_step_is_kept_but_the_step_before_comes_first(resident: Resident) -> None:
    assert leads_to(resident.fill("3", {"受取方法": "koukin", "備考": "よろしく"})) == resident.code
    assert leads_to(resident.get()) == "1"
    assert resident.answers == {"受取方法": "koukin", "備考": "よろしく"}
    assert leads_to(resident.get("3")) == resident.code


def test_an_application_with_a_step_missing_is_not_declared_by_posting_to_the_check_page(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    resident.fill("3", {"受取方法": "koukin"})
    assert leads_to(resident.declare()) == resident.code
    assert resident.draft.status == "draft"


def test_who_is_not_eligible_is_told_why_and_gets_no_further(resident: Resident) -> None:
    assert leads_to(resident.fill("1", {**APPLICANT, "住所": ELSEWHERE})) == "stop"
    page = resident.get("stop")
    assert page.status_code == 200
    assert "新潟市の方が対象です。" in text_of(page)
    assert "申請は送られていません" in text_of(page)
    assert leads_to(resident.get()) == "stop"
    for place in ("2", "3", "check"):
        assert leads_to(resident.get(place)) == resident.code
    assert leads_to(resident.declare()) == resident.code
    assert resident.draft.status == "draft"


def test_a_slip_that_ended_in_a_stop_can_be_mended(resident: Resident) -> None:
    resident.fill("1", {**APPLICANT, "住所": ELSEWHERE})
    assert 'href="/apply/gift/1/"' in resident.get("stop").content.decode()
    assert "長岡市" in resident.get("1").content.decode()
    assert leads_to(resident.fill("1", {**APPLICANT, "住所": CITY})) == "2"
    assert leads_to(resident.get("stop")) == resident.code


def test_who_is_eligible_has_no_stop_page(resident: Resident) -> None:
    assert leads_to(resident.get("stop")) == resident.code


def form_with_a_step_for_parents(cast: Cast) -> FormPage:
    data = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "分かれ道", "code": "fork"},
        "steps": [
            {"id": "s1", "title": "はじめに", "fields": [item("yes_no", "子がいる")]},
            {
                "id": "s2",
                "title": "子",
                "fields": [item("text", "子の名")],
                "condition": when("子がいる", "eq", "はい"),
            },
            {"id": "s3", "title": "おわり", "fields": [item("text", "備考", required=False)]},
        ],
    }
    return load_form(data, cast.children)


def test_a_step_exists_only_for_those_it_concerns(cast: Cast) -> None:
    resident = Resident(form_with_a_step_for_parents(cast))
    assert leads_to(resident.fill("1", {"子がいる": True})) == "2"
    assert leads_to(resident.fill("2", {"子の名": "太郎"})) == "3"
    assert "全3画面中 3画面目" in text_of(resident.get("3"))
    assert leads_to(resident.fill("1", {"子がいる": False})) == "3"
    assert "全2画面中 2画面目" in text_of(resident.get("3"))
    assert leads_to(resident.get("2")) == resident.code
    resident.fill("3", {})
    page = text_of(resident.get("check"))
    assert "子の名" not in page
    assert "太郎" not in page


def test_a_step_that_is_gone_by_the_time_it_is_sent_leads_on(cast: Cast) -> None:
    resident = Resident(form_with_a_step_for_parents(cast))
    resident.fill("1", {"子がいる": True})
    resident.fill("1", {"子がいる": False})  # in another window
    assert leads_to(resident.fill("2", {"子の名": "太郎"})) == resident.code
    assert leads_to(resident.get()) == "check"


def test_a_form_that_does_not_exist_is_not_found(client: Client, cast: Cast) -> None:
    for place in ("", "1/", "check/", "stop/", "done/", "files/x/"):
        response = client.get(f"/apply/no-such-form/{place}")
        assert response.status_code == 404
        assert "ページが見つかりません" in text_of(response)
