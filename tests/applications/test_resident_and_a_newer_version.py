"""The form changes while a resident fills it in: nothing is lost, and moving over is the resident's own decision."""

from typing import Any

import pytest

from applications.models import Application, Attachment
from formbuilder.models import FormPage, FormVersion
from tests.applications.residents import (
    ACCOUNT,
    APPLICANT,
    STEPS,
    Resident,
    boxes,
    errors_of,
    leads_to,
    photo,
    text_of,
    value_of,
)
from tests.support.cast import Cast, Steps, current_version, item, key_of, make_form

NEWER = "この申請の様式が新しくなりました"


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    return Resident(form)


def publish(cast: Cast, steps: Steps) -> FormVersion:
    return current_version(make_form(cast.children, steps=steps))


def without(name: str) -> Steps:
    """The form without an item."""
    return {step: [each for each in items if each["settings"]["label"] != name] for step, items in STEPS.items()}


def changed(name: str, type_: str, **settings: Any) -> Steps:
    """The form with an item of another type under the same key."""
    return {
        step: [item(type_, name, **settings) if each["settings"]["label"] == name else each for each in items]
        for step, items in STEPS.items()
    }


def test_a_draft_keeps_its_version_and_the_resident_is_told(cast: Cast, resident: Resident) -> None:
    assert NEWER not in text_of(resident.get("1"))
    resident.fill("1", APPLICANT)
    before = resident.draft.version_id
    publish(cast, without("備考"))
    for place in ("1", "2"):
        assert NEWER in text_of(resident.get(place))
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    resident.fill("3", {"受取方法": "koukin", "備考": "残ります"})
    assert NEWER in text_of(resident.get("check"))
    resident.declare()
    assert (resident.draft.version_id, resident.draft.status) == (before, "submitted")
    assert resident.answers["備考"] == "残ります"


def test_what_was_typed_on_a_page_of_an_older_version_is_kept_as_it_was_shown(cast: Cast, resident: Resident) -> None:
    """The first step was open, and no draft begun, when the form changed."""
    shown = current_version(resident.form)
    posted = {**boxes(shown.engine, APPLICANT), "version": shown.pk}
    publish(cast, without("メール"))
    resident.post("1", posted)
    assert resident.draft.version_id == shown.pk
    assert resident.answers["メール"] == "hanako@example.jp"
    assert NEWER in text_of(resident.get("2"))


@pytest.mark.parametrize("version", ["", "0", "-1", "x", "9" * 16, "9" * 5000, "\x00", "１", "1 OR 1=1"])
def test_a_page_that_says_nonsense_of_its_version_is_taken_for_one_of_the_present(
    resident: Resident, version: str
) -> None:
    resident.fill("1", APPLICANT, version=version)
    assert resident.draft.version == current_version(resident.form)
    assert leads_to(resident.fill("2", {"多胎": False, "表紙": [photo()]}, version=version)) == "3"


def test_a_version_of_another_form_is_not_taken(cast: Cast, resident: Resident) -> None:
    foreign = current_version(cast.other_form)
    resident.fill("1", APPLICANT, version=foreign.pk)
    assert resident.draft.version == current_version(resident.form)
    assert leads_to(resident.fill("1", APPLICANT, version=foreign.pk)) == "2"


def test_moving_over_keeps_what_is_typed_on_the_page(cast: Cast, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    newest = publish(cast, without("備考"))
    page = resident.get("2").content.decode()
    assert '<button class="mg-button" type="submit" name="action" value="update">新しい様式に移る</button>' in page
    assert leads_to(resident.fill("2", {"多胎": True, "胎児の数": "9"}, action="update")) == "2"
    assert resident.draft.version == newest
    assert resident.answers["多胎"] is True
    assert value_of(resident.get("2"), f"f-{key_of('胎児の数')}") == "9"
    assert NEWER not in text_of(resident.get("2"))


def test_moving_over_drops_answers_to_items_that_are_gone_and_their_files(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    publish(cast, without("表紙"))
    assert leads_to(resident.fill("1", APPLICANT, action="update")) == "1"
    assert "表紙" not in resident.answers
    assert not Attachment.objects.exists()
    assert resident.answers["多胎"] is False
    assert leads_to(resident.get()) == "check"


def test_moving_over_drops_answers_to_items_of_another_type(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    resident.fill("3", {"受取方法": "koukin", "備考": "三つ"})
    publish(cast, changed("備考", "number"))
    resident.fill("1", APPLICANT, action="update")
    assert "備考" not in resident.answers
    assert leads_to(resident.get()) == "3"  # a number is needed there


def test_moving_over_asks_again_for_a_choice_that_is_no_longer_offered(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    options = [{"label": "窓口で受け取る", "code": "madoguchi"}, {"label": "口座を指定", "code": "shitei"}]
    publish(cast, changed("受取方法", "choice", choices=options))
    resident.fill("1", APPLICANT, action="update")
    assert leads_to(resident.get()) == "3"
    assert resident.get("3").status_code == 200
    assert leads_to(resident.declare()) == resident.code


def test_moving_over_seals_what_has_become_sensitive(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    resident.fill("3", {"受取方法": "koukin", "備考": "内緒の話"})
    resident.fill("1", {**APPLICANT, "メール": "内緒の宛先"})
    secret = {
        step: [
            {**each, "settings": {**each["settings"], "sensitive": True}} if each["type"] in ("text", "email") else each
            for each in items
        ]
        for step, items in STEPS.items()
    }
    publish(cast, secret)
    resident.fill("1", {**APPLICANT, "メール": "内緒の宛先"}, action="update")
    stored = str(Application.objects.filter(pk=resident.draft.pk).values("answers", "unfinished").get())
    assert "内緒" not in stored
    assert (resident.answers["備考"], resident.unfinished["メール"]) == ("内緒の話", "内緒の宛先")


def test_a_step_that_the_newer_version_does_not_have_leads_to_where_one_was(cast: Cast, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    publish(cast, {"申請者": STEPS["申請者"], "受取": STEPS["受取"]})
    assert leads_to(resident.fill("2", {"多胎": False}, action="update")) == resident.code
    assert leads_to(resident.get()) == "2"
    assert "受取" in text_of(resident.get("2"))


def test_from_the_check_page_one_may_move_over_too(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    newest = publish(cast, without("備考"))
    page = resident.get("check")
    assert 'action="/apply/gift/update/"' in page.content.decode()
    assert leads_to(resident.post("update")) == resident.code
    assert resident.draft.version == newest
    assert leads_to(resident.get()) == "check"


def test_what_was_declared_does_not_move(cast: Cast, resident: Resident) -> None:
    resident.reaches_check()
    resident.declare()
    before = resident.draft.version_id
    publish(cast, without("備考"))
    assert leads_to(resident.post("update")) == "done"
    assert leads_to(resident.fill("1", APPLICANT, action="update")) == "done"
    assert resident.draft.version_id == before


def test_moving_over_where_nothing_is_newer_changes_nothing(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    before = resident.draft
    assert leads_to(resident.post("update")) == resident.code
    assert leads_to(resident.fill("1", APPLICANT, action="update")) == "1"
    assert (resident.draft.version_id, resident.draft.revision) == (before.version_id, before.revision)


def test_an_open_page_keeps_what_both_versions_have_when_the_draft_has_moved_meanwhile(
    cast: Cast, resident: Resident
) -> None:
    """Page of the old version in one window, moved over in another: places of steps may mean something else by now."""
    resident.reaches_check()
    shown = resident.draft.version
    old = boxes(shown.engine, {"受取方法": "shitei", "備考": "消える", "口座": ACCOUNT})
    publish(cast, {"受取": [each for each in STEPS["受取"] if each["settings"]["label"] != "備考"], **without("備考")})
    resident.post("update")
    cover = resident.answers["表紙"]
    assert leads_to(resident.post("3", {**old, f"f-{key_of('通帳')}": [photo()], "version": shown.pk})) == resident.code
    answers = resident.answers
    assert answers["口座"]["number"] == "1234567"
    assert answers["受取方法"] == "shitei"
    assert "備考" not in answers
    assert len(answers["通帳"]) == 1
    # what the new third step asks for was not on the old page, and is not wiped
    assert (answers["氏名"], answers["多胎"], answers["表紙"]) == (APPLICANT["氏名"], False, cover)


def test_a_file_from_an_open_page_is_not_kept_for_an_item_that_is_gone(cast: Cast, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    shown = resident.draft.version
    publish(cast, without("表紙"))
    resident.post("update")
    old = {**boxes(shown.engine, {"多胎": True, "胎児の数": "2", "表紙": [photo()]}), "version": shown.pk}
    assert leads_to(resident.post("2", old)) == resident.code
    assert not Attachment.objects.exists()
    assert resident.answers == {**APPLICANT, "多胎": True, "胎児の数": "2"}


def test_an_open_page_of_an_older_version_says_again_what_could_not_be_taken(cast: Cast, resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    shown = resident.draft.version
    old = boxes(shown.engine, {**APPLICANT, "メール": "hanako＠"})
    publish(cast, without("備考"))
    resident.post("update")
    assert leads_to(resident.post("1", {**old, "version": shown.pk})) == resident.code
    assert leads_to(resident.get()) == "1"
    page = resident.get("1")
    assert value_of(page, f"f-{key_of('メール')}") == "hanako＠"
    assert len(errors_of(resident.fill("1", {**APPLICANT, "メール": "hanako＠"}))) == 1
