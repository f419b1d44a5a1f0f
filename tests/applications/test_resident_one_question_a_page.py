"""The same form, one question a page: by the editor's choice or the resident's, with nothing else changed."""

import pytest

from formbuilder.definition import Presentation
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, CITY, ELSEWHERE, STEPS, Resident, leads_to, photo, text_of
from tests.applications.test_resident_costs import STEP_GET, STEP_POST, counted
from tests.support.cast import Cast, item, key_of, make_form, when


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    """Has asked for one question at a time."""
    resident = Resident(form)
    response = resident.post("1", {"action": "ask:questions", "whole": "1"})
    assert leads_to(response) == "1-1"
    return resident


def choose(form: FormPage, presentation: Presentation) -> FormPage:
    form.presentation = presentation
    form.save_revision().publish()
    return form


def test_the_editor_chooses_what_residents_meet_first(form: FormPage) -> None:
    resident = Resident(choose(form, Presentation.QUESTIONS))
    assert leads_to(resident.get()) == "1-1"
    page = text_of(resident.get("1-1"))
    assert "質問 1 / 7 ほど" in page and "氏名" in page and "住所" not in page


def test_each_question_leads_to_the_next_and_the_last_to_the_check_page(resident: Resident) -> None:
    assert leads_to(resident.fill("1-1", {"氏名": APPLICANT["氏名"]})) == "1-2"
    assert leads_to(resident.fill("1-2", {"住所": CITY})) == "1-3"
    assert leads_to(resident.fill("1-3", {"メール": ""})) == "2-1"
    assert leads_to(resident.fill("2-1", {"多胎": False})) == "2-3"  # how many is not asked
    assert leads_to(resident.fill("2-3", {"表紙": [photo()]})) == "3-1"
    assert leads_to(resident.fill("3-1", {"受取方法": "koukin"})) == "3-2"
    assert leads_to(resident.fill("3-2", {"備考": ""})) == "check"
    assert leads_to(resident.declare()) == "done"


def test_a_question_that_an_answer_asks_for_comes_next(resident: Resident) -> None:
    resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    resident.fill("1-2", {"住所": CITY})
    resident.fill("1-3", {"メール": ""})
    assert leads_to(resident.fill("2-1", {"多胎": True})) == "2-2"
    assert "質問 5 / 8 ほど" in text_of(resident.get("2-2"))


def test_a_wrong_answer_stays_on_its_page_and_nothing_of_it_is_lost(resident: Resident) -> None:
    resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    resident.fill("1-2", {"住所": CITY})
    response = resident.fill("1-3", {"メール": "まちがい"})
    assert response.status_code == 200 and "まちがい" in response.content.decode()
    assert resident.unfinished == {"メール": "まちがい"}


def test_no_page_is_met_before_those_that_come_first(resident: Resident) -> None:
    assert leads_to(resident.get("3-1")) == resident.code
    assert leads_to(resident.get()) == "1-1"


def test_back_keeps_what_was_typed(resident: Resident) -> None:
    resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    assert leads_to(resident.fill("1-2", {"住所": CITY}, action="back")) == "1-1"
    assert resident.answers["住所"]["town"] == CITY["town"]


def test_a_stop_ends_the_way_after_its_question(resident: Resident) -> None:
    resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    assert leads_to(resident.fill("1-2", {"住所": ELSEWHERE})) == "stop"
    assert "/1-2/" in resident.get("stop").content.decode()


def test_the_check_page_mends_one_question_and_comes_back(resident: Resident) -> None:
    resident.reaches_check()  # on whole screens, as a second tab would
    page = resident.get("check").content.decode()
    assert f"/apply/{resident.code}/1-2/?return=check" in page
    assert f"/apply/{resident.code}/1/?return=check" not in page
    assert leads_to(resident.fill("1-2", {"住所": CITY}, **{"return": "check"})) == "check"


def test_the_choice_goes_with_the_draft_and_can_be_taken_back(resident: Resident) -> None:
    resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    assert leads_to(resident.get()) == "1-2"
    assert leads_to(resident.fill("1-2", {"住所": CITY}, action="ask:steps")) == "1"
    assert leads_to(resident.get()) == "2"
    assert resident.answers["住所"]["town"] == CITY["town"]


def test_a_page_of_either_kind_is_taken_whatever_was_chosen_meanwhile(resident: Resident) -> None:
    assert leads_to(resident.fill("1", APPLICANT)) == "2"
    assert resident.answers["氏名"] == APPLICANT["氏名"]


def test_pages_stay_within_the_budgets(resident: Resident) -> None:
    with counted() as cost:
        resident.get("1-1")
    assert len(cost.queries) <= STEP_GET
    with counted() as cost:
        resident.fill("1-1", {"氏名": APPLICANT["氏名"]})
    assert len(cost.queries) <= STEP_POST and len(cost.writes) == 1


def test_headings_and_texts_stand_on_every_page_they_are_about(cast: Cast) -> None:
    items = [
        item("heading", "お子さま"),
        item("rich_text", "説明", html="<p>出生届のとおりに。</p>"),
        item("text", "旧姓", required=False, condition=when("旧姓あり", "eq", "はい")),
        item("text", "名前"),
        item("text", "ほか", required=False),
        item("computed", "合計", formula="=1000"),
    ]
    resident = Resident(make_form(cast.children, steps={"はじめ": [item("yes_no", "旧姓あり")], "子": items}))
    resident.post("1", {"action": "ask:questions", "whole": "1"})
    assert leads_to(resident.fill("1-1", {"旧姓あり": False})) == "2-2"
    page = text_of(resident.get("2-2"))
    assert "お子さま" in page and "出生届のとおりに。" in page
    resident.fill("2-2", {"名前": "太郎"})
    page = text_of(resident.get("2-3"))
    assert "お子さま" in page and "出生届のとおりに。" not in page and "1,000" in page


def test_both_presentations_make_the_same_of_the_same_answers(form: FormPage) -> None:
    resident = Resident(form)
    resident.reaches_check()
    engine, answers, today = resident.engine, resident.draft.answers, resident.draft.created_at.date()
    one, other = engine.state(answers, today), engine.questions.state(answers, today)
    assert (one.answers, one.visible, one.required) == (other.answers, other.visible, other.required)


def test_rows_stand_together_on_one_page(cast: Cast) -> None:
    group = item("repeat", "ご家族", word="ご家族", min=1, max=3, fields=[item("text", "続柄")])
    resident = Resident(make_form(cast.children, steps={"家族": [group, item("text", "備考", required=False)]}))
    resident.post("1", {"action": "ask:questions", "whole": "1"})
    name = f"f-{key_of('ご家族')}"
    boxes = {name: "0", f"{name}.0.{key_of('続柄')}": "妻", "whole": "1"}
    assert resident.post("1-1", {**boxes, "add": key_of("ご家族")}).headers["Location"].startswith(resident.url("1-1"))
    assert leads_to(resident.post("1-1", {**boxes, "action": "next"})) == "1-2"
    assert len(resident.answers["ご家族"]) == 1
