"""A resident mends something, turns out not to be eligible, or cannot go on; and who keeps the form open meanwhile."""

import html
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone
from pytest_django import Settings

from applications.models import Application
from applications.urls import urlpatterns
from demo import residents as sample
from formbuilder.models import RESERVED_CODES, FormPage, FormVersion
from formbuilder.package import PackageRefused
from tests.applications.residents import (
    ACCOUNT,
    APPLICANT,
    ELSEWHERE,
    STEPS,
    Resident,
    boxes,
    errors_of,
    leads_to,
    photo,
    text_of,
)
from tests.formbuilder.editing import inputs, send
from tests.support.cast import Cast, current_version, item, key_of, make_form, when

NAME = {"氏名": {"family": "見本", "given": "花子"}}
BACK = "確認画面へもどる"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


# --- 「修正する」 and back to the check page


def location(response: Any) -> str:
    return str(response.headers["Location"])


def mend(resident: Resident, step: str, answers: dict[str, Any], **others: str) -> Any:
    """Sends a step that was opened with 「修正する」."""
    return resident.fill(step, answers, **{"return": "check", **others})


def test_mending_one_step_leads_back_to_the_check_page(resident: Resident) -> None:
    resident.reaches_check()
    check = resident.get("check").content.decode()
    assert 'href="/apply/gift/1/?return=check">修正する' in check
    page = resident.client.get("/apply/gift/1/?return=check").content.decode()
    assert '<input type="hidden" name="return" value="check">' in page
    assert page.count(f">{BACK}</button>") == 2  # the one that is seen, and the one that the Enter key presses
    assert "次へ進む</button>" not in page
    sent = mend(resident, "1", {**APPLICANT, "メール": "hana@example.jp"})
    assert location(sent) == "/apply/gift/check/"
    assert resident.answers["メール"] == "hana@example.jp"


def test_a_step_that_is_opened_otherwise_goes_on_to_the_next(resident: Resident) -> None:
    resident.reaches_check()
    assert BACK not in resident.get("1").content.decode()
    assert location(resident.fill("1", APPLICANT)) == "/apply/gift/2/"


def test_what_became_incomplete_is_asked_on_the_way_back(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "多胎")],
        "二": [item("text", "備考", required=False)],
        "三": [item("number", "胎児の数", condition=when("多胎", "eq", "はい"))],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"多胎": False})
    resident.fill("2", {"備考": ""})
    resident.fill("3", {})
    sent = mend(resident, "1", {"多胎": True})
    assert location(sent) == "/apply/gift/3/?return=check"
    assert location(mend(resident, "3", {"胎児の数": "2"})) == "/apply/gift/check/"


def test_a_step_with_an_error_still_leads_back_once_it_is_mended(resident: Resident) -> None:
    resident.reaches_check()
    page = mend(resident, "1", {**APPLICANT, "氏名": {"family": "", "given": "花子"}})
    assert page.status_code == 200
    assert errors_of(page)
    assert '<input type="hidden" name="return" value="check">' in page.content.decode()


def test_removing_a_file_does_not_lose_the_way_back(resident: Resident) -> None:
    resident.reaches_check()
    first = resident.draft.attachments.get()
    sent = resident.post("2", {"return": "check", "remove": first.public_id, "whole": "1"})
    assert location(sent) == "/apply/gift/2/?return=check"
    assert location(mend(resident, "2", {"多胎": False, "表紙": [photo()]})) == "/apply/gift/check/"


def test_going_elsewhere_is_as_it_was(resident: Resident) -> None:
    resident.reaches_check()
    assert location(mend(resident, "2", {"多胎": False}, action="back")) == "/apply/gift/1/"
    assert location(mend(resident, "2", {"多胎": False}, action="goto:3")) == "/apply/gift/3/"


def test_mending_into_a_stop_leads_to_the_stop(resident: Resident) -> None:
    resident.reaches_check()
    assert location(mend(resident, "1", {**APPLICANT, "住所": ELSEWHERE})) == "/apply/gift/stop/"


# --- 対象外


def stop(name: str, **condition: Any) -> dict[str, Any]:
    return item("stop", name, message="<p>申請できません。</p>", **condition)


def either(*rows: tuple[str, str, str]) -> dict[str, Any]:
    found = [{"field": key_of(name), "operator": operator, "value": value} for name, operator, value in rows]
    return {"rows": found, "match": "any"}


def test_a_stop_of_a_later_step_is_met_where_its_answer_is_given(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "市民")],
        "二": [item("text", "備考", required=False)],
        "三": [stop("対象外です", condition=when("市民", "eq", "いいえ")), item("text", "連絡")],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    assert leads_to(resident.fill("1", {"市民": False})) == "stop"
    page = resident.get("stop")
    assert "申請できません。" in text_of(page)
    assert 'href="/apply/gift/1/"' in page.content.decode()
    for place in ("", "2", "3", "check"):
        assert leads_to(resident.get(place)) in ("stop", "gift")
    assert leads_to(resident.get()) == "stop"
    assert resident.get("1").status_code == 200
    assert leads_to(resident.fill("1", {"市民": True})) == "2"
    assert leads_to(resident.get("stop")) == "gift"


def test_a_stop_waits_for_the_last_answer_that_it_looks_at(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "市民")],
        "二": [item("text", "番号", required=False)],
        "三": [stop("対象外です", condition=either(("市民", "eq", "いいえ"), ("番号", "blank", "")))],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    assert leads_to(resident.fill("1", {"市民": True})) == "2"
    assert leads_to(resident.fill("2", {"番号": ""})) == "stop"
    assert 'href="/apply/gift/2/"' in resident.get("stop").content.decode()
    assert leads_to(resident.fill("2", {"番号": "7"})) == "3"


def test_mending_an_earlier_answer_that_a_stop_looks_at_too_leads_to_the_stop(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "市民")],
        "二": [item("text", "番号", required=False)],
        "三": [
            stop("対象外です", condition=either(("市民", "eq", "いいえ"), ("番号", "blank", ""))),
            item("text", "連絡"),
        ],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"市民": True})
    resident.fill("2", {"番号": "7"})
    assert leads_to(resident.fill("3", {"連絡": "夜"})) == "check"
    assert leads_to(mend(resident, "1", {"市民": False})) == "stop"
    assert leads_to(resident.get("check")) == "gift"
    assert leads_to(resident.declare()) == "gift"
    assert resident.draft.status == "draft"


def test_a_stop_on_a_calculation_is_met_at_the_answers_that_are_calculated_with(cast: Cast) -> None:
    steps = {
        "一": [item("number", "収入")],
        "二": [item("text", "備考", required=False)],
        "三": [
            item("computed", "年収", formula="［収入］ * 12"),
            stop("対象外です", condition=when("年収", "gt", "1200")),
        ],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    assert leads_to(resident.fill("1", {"収入": "101"})) == "stop"
    assert 'href="/apply/gift/1/"' in resident.get("stop").content.decode()
    assert leads_to(resident.fill("1", {"収入": "100"})) == "2"


def test_a_stop_in_a_hidden_step_does_not_count(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "市民"), item("yes_no", "代理")],
        "二": [item("text", "備考", required=False)],
        "三": [
            stop("対象外です", condition=when("市民", "eq", "いいえ")),
            item("text", "代理の方", required=False),
        ],
    }
    form = make_form(cast.children, steps=steps)
    hidden_step(form, 2, when("代理", "eq", "はい"))
    resident = Resident(form)
    assert leads_to(resident.fill("1", {"市民": False, "代理": False})) == "2"
    assert leads_to(resident.fill("2", {"備考": ""})) == "check"
    assert leads_to(resident.fill("1", {"市民": False, "代理": True})) == "stop"
    assert leads_to(resident.get("check")) == "gift"


def hidden_step(form: FormPage, number: int, condition: dict[str, Any]) -> None:
    """Publishes the form with a 表示条件 on a step."""
    form = form.get_latest_revision_as_object()
    raw = list(form.body.raw_data)
    raw[number]["value"]["condition"] = condition
    form.body = form.body.stream_block.to_python(raw)
    form.save_revision().publish()


# --- which version a first step may begin with


def begins_with(form: FormPage, shown: FormVersion) -> int:
    resident = Resident(form)
    resident.post("1", {"action": "next", "whole": "1", "version": shown.pk, **boxes(shown.engine, APPLICANT)})
    return resident.draft.version.number


def test_a_first_step_may_lie_open_for_two_days(cast: Cast, form: FormPage) -> None:
    first = current_version(form)
    make_form(cast.children, title="新しい様式", steps=STEPS)
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=1, hours=23)):
        assert begins_with(form, first) == 1
    with time_machine.travel(now + timedelta(days=2, hours=1)):
        assert begins_with(form, first) == 2


def test_a_version_before_the_last_is_as_old_as_its_own_successor(cast: Cast, form: FormPage) -> None:
    first = current_version(form)
    make_form(cast.children, title="二つめ", steps=STEPS)
    second = current_version(form)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        make_form(cast.children, title="三つめ", steps=STEPS)
        assert begins_with(form, first) == 3
        assert begins_with(form, second) == 2


# --- the key of the sealed answers is gone


def test_a_lost_key_is_told_on_every_page_and_loses_nothing(
    resident: Resident, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    resident.reaches_check()
    resident.fill("3", {"受取方法": "shitei", "口座": ACCOUNT, "通帳": [photo("通帳.jpg")]})
    assert resident.get("check").status_code == 200
    kept = Application.objects.values().get()
    keys, settings.VAULT_KEYS = settings.VAULT_KEYS, ["another"]
    for response in (
        *(resident.get(place) for place in ("", "1", "2", "3", "check", "stop")),
        resident.post("1", {"action": "next", "whole": "1"}),
        resident.post("check", {"revision": kept["revision"]}),
    ):
        assert response.status_code == 503
        assert "いまは続きを開けません" in text_of(response)
        assert "こども家庭課に問い合わせてください。" in text_of(response)
        assert "出産応援ギフト" in text_of(response)
    assert "no key" in caplog.text
    assert "見本" not in caplog.text
    assert Application.objects.values().get() == kept
    settings.VAULT_KEYS = keys
    assert "1234567" in text_of(resident.get("check"))


# --- the address of a form


def test_no_form_can_have_an_address_that_the_program_uses_itself(cast: Cast) -> None:
    taken = {str(each.pattern).split("/", 1)[0] for each in urlpatterns if isinstance(each, URLPattern)}
    assert {first for first in taken if not first.startswith("<")} == RESERVED_CODES
    for code in RESERVED_CODES:
        with pytest.raises(PackageRefused, match="システムが使う番地です"):
            make_form(cast.children, code=code)
        with pytest.raises(ValidationError, match="システムが使う番地です"):
            FormPage(code=code).clean_fields(exclude=["title", "slug"])
    assert not FormPage.objects.exists()


def test_the_address_of_a_published_form_cannot_be_changed(cast: Cast, form: FormPage, client: Client) -> None:
    client.force_login(cast.publisher)
    response = send(client, form, {**inputs(form), "code": "okurimono"}, "publish")
    assert "公開した申請フォームの番地は変えられません。「gift」にもどしてください。" in html.unescape(
        response.content.decode()
    )
    assert FormPage.objects.get(pk=form.pk).code == "gift"
    assert send(client, form, {**inputs(form), "summary": "変えた"}, "publish").status_code == 302
    assert FormPage.objects.get(pk=form.pk).summary == "変えた"


def test_an_older_revision_does_not_bring_back_another_address(form: FormPage) -> None:
    revision = form.get_latest_revision()
    revision.content["code"] = "mukashi"
    revision.save()
    revision.publish()
    assert FormPage.objects.get(pk=form.pk).code == "gift"


def test_the_address_of_a_draft_can_be_changed(cast: Cast, form: FormPage, client: Client) -> None:
    page = form.copy(update_attrs={"title": "写し", "slug": "utsushi"}, keep_live=False)
    client.force_login(cast.publisher)
    assert send(client, page, {**inputs(page), "code": "okurimono"}, "publish").status_code == 302
    assert FormPage.objects.get(pk=page.pk).code == "okurimono"


# --- what happens at its time


def test_a_form_that_no_longer_compiles_does_not_hold_up_the_others(
    cast: Cast, form: FormPage, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_form(cast.children, title="ほかの手続", code="other", steps={"一": [item("text", "備考")]})
    ends = make_form(cast.children, title="終わる手続", code="ends", steps={"一": [item("text", "備考")]})
    FormPage.objects.filter(pk=ends.pk).update(expire_at=timezone.now() + timedelta(minutes=30))
    for page, minutes in ((form, 1), (other, 2)):
        page = page.get_latest_revision_as_object()
        page.summary, page.go_live_at = "新しい", timezone.now() + timedelta(minutes=minutes)
        page.save_revision().publish()
    broken = form.revisions.exclude(approved_go_live_at=None).get()
    broken.content["body"] = "[]"
    broken.save()
    with time_machine.travel(timezone.now() + timedelta(hours=1)), caplog.at_level(logging.ERROR):
        call_command("work", "--once")
    assert FormPage.objects.get(pk=other.pk).summary == "新しい"
    assert FormPage.objects.get(pk=form.pk).summary == ""
    assert not FormPage.objects.get(pk=ends.pk).live
    assert "画面が一つもありません" in caplog.text
    assert "出産応援ギフト" in caplog.text
    broken.refresh_from_db()
    assert broken.approved_go_live_at is None  # whoever mends it sets a new date


# --- the sample


def test_a_sample_that_arrived_after_midnight_arrived_on_that_day_in_japan(
    form: FormPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = []

    def seen(_: object, arrived: Any) -> dict[str, Any]:
        days.append(arrived)
        raise StopIteration

    monkeypatch.setattr(sample, "_answers", seen)
    monkeypatch.setattr(random.Random, "randrange", lambda *_: 0)
    with time_machine.travel(datetime(2026, 7, 1, 16, tzinfo=UTC), tick=False), pytest.raises(StopIteration):
        sample.submit_smile_gifts(form, 1)  # 90 days before: 16:00 on 2 April in Greenwich
    assert days == [datetime(2026, 4, 3, tzinfo=UTC).date()]
