"""Nothing that a resident typed is lost: by a mistake, by going back, by two windows, by another day."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from applications.models import Application
from applications.services import keep_answers
from formbuilder.models import FormPage
from tests.applications.residents import (
    ACCOUNT,
    APPLICANT,
    CITY,
    STEPS,
    Resident,
    boxes,
    errors_of,
    leads_to,
    photo,
    text_of,
    value_of,
)
from tests.support.cast import Cast, item, key_of, make_form


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def box(name: str, part: str = "") -> str:
    return f"f-{key_of(name)}-{part}" if part else f"f-{key_of(name)}"


def test_what_is_right_is_kept_although_something_else_is_wrong(resident: Resident) -> None:
    page = resident.fill("1", {**APPLICANT, "メール": "hanako＠"})
    (line,) = errors_of(page)
    assert line.startswith("メールアドレスを半角の英数字で、@ の前と後まで入力してください")
    assert resident.answers == {"氏名": {"family": "見本", "given": "花子"}, "住所": CITY}
    assert resident.unfinished == {"メール": "hanako＠"}


def test_what_could_not_be_taken_is_still_there_after_the_error(resident: Resident) -> None:
    page = resident.fill("1", {**APPLICANT, "氏名": {"family": "見本", "given": ""}, "メール": "hanako＠"})
    assert len(errors_of(page)) == 2
    assert value_of(page, box("メール")) == "hanako＠"
    assert value_of(page, box("氏名", "family")) == "見本"
    assert value_of(page, box("住所", "town")) == "学校町通1-602-1"


def test_what_could_not_be_taken_is_still_there_after_going_back_and_coming_again(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    assert leads_to(resident.fill("2", {"多胎": True, "胎児の数": "9"}, action="back")) == "1"
    assert value_of(resident.get("2"), box("胎児の数")) == "9"
    assert leads_to(resident.get()) == "2"


def test_what_could_not_be_taken_is_still_there_on_another_day(resident: Resident) -> None:
    resident.fill("1", {**APPLICANT, "メール": "hanako＠"})
    another_day = Client()
    another_day.cookies[f"mg-{resident.code}"] = resident.key
    page = another_day.get(resident.url("1"))
    assert value_of(page, box("メール")) == "hanako＠"
    assert value_of(page, box("氏名", "given")) == "花子"


def test_going_back_from_an_empty_page_is_no_mistake(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    assert leads_to(resident.fill("2", {}, action="back")) == "1"
    assert resident.unfinished == {}


def test_there_is_no_way_back_from_the_first_step_and_what_was_typed_is_kept(resident: Resident) -> None:
    assert leads_to(resident.fill("1", APPLICANT, action="back")) == "1"
    assert resident.answers["氏名"]["family"] == "見本"


def test_a_step_of_the_navigation_keeps_what_was_typed_before_it_leads_there(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    page = resident.get("2").content.decode()
    assert '<button class="mg-steps__link" type="submit" form="mg-step" name="action" value="goto:1">' in page
    assert leads_to(resident.fill("2", {"多胎": True, "胎児の数": "9"}, action="goto:1")) == "1"
    assert (resident.answers["多胎"], resident.unfinished["胎児の数"]) == (True, "9")


def test_the_navigation_leads_onward_only_from_a_step_without_mistakes(resident: Resident) -> None:
    resident.reaches_check()
    assert leads_to(resident.fill("1", APPLICANT, action="goto:3")) == "3"
    page = resident.fill("1", {**APPLICANT, "メール": "hanako＠"}, action="goto:3")
    assert len(errors_of(page)) == 1
    for nonsense in ("goto:", "goto:99", "goto:check", "goto", "\x00", "𠮷" * 9000):
        assert leads_to(resident.fill("1", APPLICANT, action=nonsense)) == "2"


def test_the_enter_key_goes_on_and_nowhere_else(resident: Resident) -> None:
    """A browser presses the first button of the form in the page."""
    resident.fill("1", APPLICANT)
    page = resident.get("2").content.decode()
    first = page.partition('type="submit"')[2].partition(">")[0]
    assert 'form="mg-step"' in first
    assert 'value="next"' in first


def test_an_answer_can_be_emptied(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    assert leads_to(resident.fill("1", {**APPLICANT, "メール": ""})) == "2"
    assert "メール" not in resident.answers


def test_a_tick_that_is_taken_away_is_gone(cast: Cast) -> None:
    """A browser says nothing of a box that is not ticked."""
    options = [{"label": "一"}, {"label": "二"}]
    steps = {"一": [item("choices", "種類", choices=options, required=False), item("consent", "同意", required=False)]}
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"種類": ["一", "二"], "同意": True})
    assert resident.answers == {"種類": ["一", "二"], "同意": True}
    resident.fill("1", {})
    assert resident.answers == {}


def test_a_correction_replaces_what_could_not_be_taken(resident: Resident) -> None:
    resident.fill("1", {**APPLICANT, "メール": "hanako＠"})
    resident.fill("1", APPLICANT)
    assert resident.unfinished == {}
    assert resident.answers["メール"] == "hanako@example.jp"


def test_two_windows_on_different_steps_do_not_undo_each_other(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    one, other = resident, Resident(resident.form, Client())
    other.client.cookies[f"mg-{resident.code}"] = resident.key
    one.fill("3", {"受取方法": "koukin"})
    other.fill("1", {**APPLICANT, "氏名": {"family": "別", "given": "人"}})
    assert one.answers["受取方法"] == "koukin"
    assert one.answers["氏名"] == {"family": "別", "given": "人"}
    assert len(one.answers["表紙"]) == 1


def test_answers_are_merged_item_by_item(cast: Cast, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    pk = resident.draft.pk
    keep_answers(pk, taken={key_of("備考"): "一"}, unfinished={})
    keep_answers(pk, taken={key_of("受取方法"): "koukin"}, unfinished={key_of("胎児の数"): "九"})
    keep_answers(pk, taken={key_of("備考"): None}, unfinished={})
    assert resident.answers == {**APPLICANT, "受取方法": "koukin"}
    assert resident.unfinished == {"胎児の数": "九"}


def test_sending_the_same_again_changes_nothing(resident: Resident) -> None:
    resident.fill("1", {**APPLICANT, "メール": "x"})
    before = resident.draft
    resident.fill("1", {**APPLICANT, "メール": "x"})
    after = resident.draft
    assert (after.revision, after.updated_at) == (before.revision, before.updated_at)


def test_what_is_refused_of_a_sensitive_item_is_sealed_as_its_answer_would_be(resident: Resident) -> None:
    resident.reaches_check()
    page = resident.fill("3", {"受取方法": "shitei", "口座": {**ACCOUNT, "number": "12345678901"}, "通帳": [photo()]})
    assert any("口座番号" in line for line in errors_of(page))
    assert "12345678901" not in str(Application.objects.values_list("unfinished", flat=True).get(pk=resident.draft.pk))
    assert value_of(resident.get("3"), box("口座", "number")) == "12345678901"


def test_the_address_is_looked_up_without_a_script_and_the_rest_stays(resident: Resident) -> None:
    answers = {**APPLICANT, "住所": {"postcode": "951-8550"}, "メール": "hanako＠"}
    response = resident.fill("1", answers, action="", lookup=key_of("住所"))
    assert response.headers["Location"] == f"/apply/gift/1/#{box('住所', 'town')}"
    page = resident.get("1")
    assert value_of(page, box("住所", "city")) == "新潟市中央区"
    assert value_of(page, box("メール")) == "hanako＠"
    assert value_of(page, box("氏名", "given")) == "花子"


@pytest.mark.parametrize(
    ("postcode", "message"),
    [
        ("", "郵便番号を入力してください。"),
        ("951", "郵便番号"),
        ("0000000", "この郵便番号の住所が見つかりませんでした。番号を確かめるか、住所をそのまま入力してください。"),
    ],
)
def test_a_postcode_that_leads_nowhere_is_told_and_nothing_else(
    resident: Resident, postcode: str, message: str
) -> None:
    page = resident.fill("1", {"住所": {"postcode": postcode}}, action="", lookup=key_of("住所"))
    (line,) = errors_of(page)
    assert message in line
    assert f'href="#{box("住所", "postcode")}"' in page.content.decode()


def test_a_look_up_of_something_else_is_just_the_next_step(resident: Resident) -> None:
    for nonsense in ("", "x", key_of("氏名") + "\r\nX: 1", key_of("多胎"), "x" * 100_000):
        assert leads_to(resident.fill("1", APPLICANT, lookup=nonsense)) == "2"


def test_the_key_of_a_draft_lives_as_long_as_the_draft(resident: Resident) -> None:
    """Both count from the last change."""
    resident.fill("1", APPLICANT)
    response = resident.fill("2", {"多胎": False})
    cookie = response.cookies[f"mg-{resident.code}"]
    assert cookie.value == resident.key
    assert cookie["max-age"] == 30 * 86_400
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/apply/gift/", True, "Lax")


def test_the_page_says_what_is_saved_and_how_long(resident: Resident) -> None:
    note = text_of(resident.get("1"))
    assert "「次へ進む」か「戻る」を押すと保存されます" in note
    assert "30日のあいだ" in note


def test_boxes_that_did_not_arrive_because_the_connection_broke_off_are_not_empty(resident: Resident) -> None:
    resident.reaches_check()
    resident.fill("3", {"受取方法": "shitei", "口座": ACCOUNT, "備考": "まえ", "通帳": [photo("通帳.jpg", "blue")]})
    before = resident.answers
    page = resident.get("3").content.decode()
    last = page.rpartition("<input ")[2].partition(">")[0]
    assert last == 'type="hidden" name="whole" value="1"'
    broken_off = boxes(resident.engine, {"備考": "あと"})
    resident.post("3", broken_off)
    assert resident.answers == {**before, "備考": "あと"}
    for nothing in (b"", b"{}", b"--x\r\nCont"):
        resident.client.generic("POST", resident.url("3"), nothing, content_type="multipart/form-data; boundary=x")
    assert resident.answers == {**before, "備考": "あと"}
    assert resident.draft.attachments.count() == 2


def test_declared_in_another_window_the_page_that_is_still_open_leads_to_the_receipt(resident: Resident) -> None:
    resident.reaches_check()
    before = resident.answers
    resident.declare()
    assert leads_to(resident.fill("1", {**APPLICANT, "メール": "other@example.jp"})) == "done"
    assert leads_to(resident.fill("2", {"表紙": [photo(color="blue")]})) == "done"
    assert resident.answers == before


@pytest.mark.parametrize("step", ["1", "2"])
def test_when_every_cookie_is_gone_before_a_page_is_sent_what_it_brings_is_kept(resident: Resident, step: str) -> None:
    """A session that ended, a browser that tidied up: the page that is still open begins a draft anew."""
    resident.fill("1", APPLICANT)
    resident.client.cookies.clear()
    second = {"多胎": True, "胎児の数": "2", "表紙": [photo()]}
    brought: dict[str, Any] = APPLICANT if step == "1" else second
    assert resident.fill(step, brought).status_code == 302
    assert Application.objects.count() == 2
    kept = resident.answers
    assert {name: kept[name] for name in brought if name != "表紙"} == {
        name: answer for name, answer in brought.items() if name != "表紙"
    }
    assert resident.draft.attachments.count() == (1 if step == "2" else 0)


def test_a_form_that_was_closed_meanwhile_keeps_what_was_typed_and_says_so(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    resident.form.unpublish()
    page = resident.fill("2", {"多胎": True, "胎児の数": "2"})
    assert page.status_code == 410
    assert "いまは受け付けていません" in text_of(page)
    assert "残してあります" in text_of(page)
    assert resident.answers["胎児の数"] == "2"
    for place in ("", "1", "2", "check"):
        assert resident.get(place).status_code == 410
    assert resident.declare().status_code == 410
    assert resident.draft.status == "draft"


def test_a_form_that_opens_again_goes_on_where_it_was_left(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    resident.form.unpublish()
    resident.form.get_latest_revision().publish()
    assert leads_to(resident.get()) == "2"
    assert value_of(resident.get("1"), box("メール")) == "hanako@example.jp"


def test_nobody_begins_on_a_closed_form(resident: Resident) -> None:
    resident.form.unpublish()
    for response in (resident.get(), resident.get("1"), resident.fill("1", APPLICANT)):
        assert response.status_code == 410
        assert "残してあります" not in text_of(response)
    assert not Application.objects.exists()


def test_the_receipt_of_a_form_that_was_closed_afterwards_stays(resident: Resident) -> None:
    resident.reaches_check()
    resident.declare()
    resident.form.unpublish()
    assert resident.reference in text_of(resident.get("done"))
    for place in ("", "1", "check"):
        assert leads_to(resident.get(place)) == "done"


def test_a_day_that_passes_may_unmake_an_answer_and_the_resident_is_led_there(
    cast: Cast, time_machine: TimeMachineFixture
) -> None:
    """Answers are judged on the day on which they are declared."""
    form = make_form(cast.children, steps={"希望": [item("date", "希望日", not_past=True)]})
    resident, today = Resident(form), timezone.localdate()
    assert leads_to(resident.fill("1", {"希望日": today.isoformat()})) == "check"
    assert "入力内容の確認" in text_of(resident.get("check"))
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert leads_to(resident.declare()) == resident.code
    assert leads_to(resident.get()) == "1"
    page = resident.fill("1", {"希望日": today.isoformat()})
    assert "からの日付を入力してください" in errors_of(page)[0]
