"""Each answer is kept as it is typed: what came alone, never over what another page or device has kept since."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from applications.services import add_key, keep_answers
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, CITY, STEPS, Resident, boxes, leads_to
from tests.applications.test_resident_costs import STEP_POST, counted
from tests.support.cast import Cast, item, key_of, make_form

Json = dict[str, Any]


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


class OpenPage:
    """A page with the script on it: knows what the server had when it last spoke to it."""

    def __init__(self, resident: Resident, step: str, shown: Mapping[str, Any] | None = None) -> None:
        self.resident, self.step = resident, step
        self.shown: dict[str, Any] = dict(shown or {})
        self.revision = str(resident.draft.revision) if resident.key else ""

    def types(self, answers: Mapping[str, Any], **raw: str) -> Json:
        """Types answers, by name, or raw text into boxes, and waits until the page has sent it."""
        engine = self.resident.engine
        keys = [key_of(name) for name in answers] + [name.removeprefix("f-").partition("-")[0] for name in raw]
        data: dict[str, Any] = {"action": "keep", "whole": "1", "revision": self.revision, "came": keys}
        data |= {**boxes(engine, {**self.shown, **answers}), **raw}
        was = boxes(engine, {name: answer for name, answer in self.shown.items() if name in answers})
        response = self.resident.post(self.step, data | {f"was-{name}": text for name, text in was.items()})
        assert response.status_code == 200, response.headers
        answer: Json = response.json()
        self.shown |= answers
        self.revision = str(answer["revision"])
        return answer


def test_the_first_answer_begins_the_draft(resident: Resident) -> None:
    OpenPage(resident, "1").types({"氏名": APPLICANT["氏名"]})
    assert resident.answers == {"氏名": APPLICANT["氏名"]}
    assert leads_to(resident.get()) == "1"


def test_only_what_was_typed_is_kept(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    OpenPage(resident, "1", {"メール": APPLICANT["メール"]}).types({"メール": "new@example.jp"})
    assert resident.answers == {**APPLICANT, "メール": "new@example.jp"}


def test_what_cannot_be_taken_yet_is_kept_as_it_stands(resident: Resident) -> None:
    OpenPage(resident, "1").types({}, **{f"f-{key_of('メール')}": "hanako@"})
    assert resident.unfinished == {"メール": "hanako@"}


def test_the_page_hears_how_it_was_understood(resident: Resident) -> None:
    typed = {f"f-{key_of('住所')}-{part}": text for part, text in {**CITY, "postcode": "〒９５１－８５５０"}.items()}
    answer = OpenPage(resident, "1").types({}, **typed)
    assert answer["boxes"] == {f"f-{key_of('住所')}-postcode": "9518550"}


def test_a_name_is_never_altered(resident: Resident) -> None:
    name = {"family": "𠮷田", "given": "ﾊﾅｺ"}
    assert OpenPage(resident, "1").types({"氏名": name})["boxes"] == {}
    assert resident.answers["氏名"] == name


def test_an_old_page_does_not_overwrite_what_another_device_has_kept(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    page = OpenPage(resident, "1", {"メール": APPLICANT["メール"], "氏名": APPLICANT["氏名"]})
    keep_answers(resident.draft.pk, taken={key_of("メール"): "newer@example.jp"}, unfinished={})
    answer = page.types({"メール": "older@example.jp", "氏名": {"family": "見本", "given": "次郎"}})
    assert answer["elsewhere"] == [key_of("メール")]
    assert resident.answers["メール"] == "newer@example.jp"
    assert resident.answers["氏名"]["given"] == "次郎"  # which nobody else has changed


def test_two_devices_fill_in_different_items_at_once(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    other = Resident(resident.form, Client())
    kept = add_key(resident.draft.pk)
    other.client.cookies[f"mg-{resident.code}"] = f"{kept.application.public_id}.{kept.secret}"
    here, there = OpenPage(resident, "3"), OpenPage(resident, "1", {"メール": APPLICANT["メール"]})
    there.resident = other
    assert here.types({"備考": "こちら"})["elsewhere"] == []
    assert there.types({"メール": "there@example.jp"})["elsewhere"] == []
    assert here.types({"備考": "こちらの続き"})["elsewhere"] == []
    assert (resident.answers["備考"], resident.answers["メール"]) == ("こちらの続き", "there@example.jp")


def test_an_emptied_box_is_kept_as_empty(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    OpenPage(resident, "1", {"メール": APPLICANT["メール"]}).types({"メール": ""})
    assert "メール" not in resident.answers


def test_rows_are_kept_too(cast: Cast) -> None:
    group = item("repeat", "ご家族", word="ご家族", min=1, max=3, fields=[item("text", "続柄")])
    resident = Resident(make_form(cast.children, steps={"家族": [group]}))
    name, inner = f"f-{key_of('ご家族')}", key_of("続柄")
    data = {"action": "keep", "came": key_of("ご家族"), "revision": "", name: ["0", "1"]}
    resident.post("1", {**data, f"{name}.0.{inner}": "妻", f"{name}.1.{inner}": "子"})
    assert resident.answers["ご家族"] == [{inner: "妻"}, {inner: "子"}]


def test_the_page_hears_how_rows_were_understood_by_the_numbers_that_they_have_on_it(cast: Cast) -> None:
    fields = [item("kana_name", "フリガナ"), item("phone", "電話")]
    group = item("repeat", "ご家族", word="ご家族", min=0, max=4, fields=fields)
    resident = Resident(make_form(cast.children, steps={"家族": [group]}))
    name, kana, phone = f"f-{key_of('ご家族')}", key_of("フリガナ"), key_of("電話")
    rows = {name: ["0", "3", "1"]}  # the second was added and left empty, the third stood before it
    typed = {
        f"{name}.1.{kana}-family": "みほん",
        f"{name}.1.{kana}-given": "ﾊﾅｺ",
        f"{name}.1.{phone}": "０９０１２３４５６７８",
    }
    response = resident.post("1", {"action": "keep", "came": key_of("ご家族"), "revision": "", **rows, **typed})
    assert response.json()["boxes"] == {
        f"{name}.1.{kana}-family": "ミホン",
        f"{name}.1.{kana}-given": "ハナコ",
        f"{name}.1.{phone}": "090-1234-5678",
    }
    assert len(resident.answers["ご家族"]) == 1


def test_a_declared_application_stays_as_it_is(resident: Resident) -> None:
    resident.reaches_check()
    page = OpenPage(resident, "3", {"備考": ""})
    resident.declare()
    data = {"action": "keep", "came": key_of("備考"), "revision": page.revision, f"f-{key_of('備考')}": "おそい"}
    assert leads_to(resident.post("3", data)) == "done"
    assert "備考" not in resident.answers


def test_one_question_a_page_keeps_in_the_same_way(resident: Resident) -> None:
    OpenPage(resident, "1-1").types({"氏名": APPLICANT["氏名"]})
    assert resident.answers == {"氏名": APPLICANT["氏名"]}


def test_keeping_stays_within_the_budget_and_writes_nothing_twice(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    page = OpenPage(resident, "1", {"メール": APPLICANT["メール"]})
    with counted() as cost:
        page.types({"メール": "new@example.jp"})
    assert len(cost.queries) <= STEP_POST + 1 and len(cost.writes) == 1  # the test's own look at the form
    with counted() as cost:
        page.types({"メール": "new@example.jp"})
    assert cost.writes == []
