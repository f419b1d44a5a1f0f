"""確認 and 完了: what was shown is declared, once, and the receipt says what is true."""

import pytest
from django.test import Client

from applications.lifecycle import move
from applications.models import Application, Attachment, Event
from applications.references import is_reference
from applications.services import keep_answers
from applications.status import Action, Status
from exports.columns import layout_of
from exports.rows import rows_of
from formbuilder.models import FormPage
from tests.applications.residents import ACCOUNT, STEPS, Resident, leads_to, photo, text_of
from tests.support.cast import Cast, item, key_of, make_form, when


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.reaches_check()
    return resident


def test_the_check_page_shows_everything_that_will_be_declared(resident: Resident) -> None:
    page = text_of(resident.get("check"))
    assert "まだ申請は終わっていません" in page
    for text in ("見本 花子", "〒951-8550", "hanako@example.jp", "いいえ", "表紙.jpg", "公金受取口座"):
        assert text in page
    assert "胎児の数" not in page
    assert "通帳" not in page
    for step in ("1", "2", "3"):
        assert f'href="/apply/gift/{step}/?return=check"' in resident.get("check").content.decode()


def test_declaring_leads_to_the_receipt(resident: Resident) -> None:
    assert leads_to(resident.declare()) == "done"
    page = text_of(resident.get("done"))
    assert "申請を受け付けました" in page
    assert is_reference(resident.reference)
    assert resident.reference in page
    assert "hanako@example.jp" in page


def test_the_receipt_stays_the_same_however_often_it_is_loaded_or_the_form_sent_again(resident: Resident) -> None:
    revision = resident.draft.revision
    resident.declare()
    first = text_of(resident.get("done"))
    assert leads_to(resident.post("check", {"revision": revision})) == "done"  # back, and pressed again
    assert leads_to(resident.get("check")) == "done"
    assert leads_to(resident.get()) == "done"
    assert text_of(resident.get("done")) == first
    assert Application.objects.count() == 1
    assert Event.objects.filter(kind=Action.ARRIVE).count() == 1


def test_what_changed_in_another_window_is_shown_before_it_is_declared(resident: Resident) -> None:
    revision = resident.draft.revision
    keep_answers(resident.draft.pk, taken={key_of("備考"): "あとから"}, unfinished={})
    page = resident.post("check", {"revision": revision})
    assert page.status_code == 200
    assert "ほかの画面で内容が変わりました" in text_of(page)
    assert "あとから" in text_of(page)
    assert resident.draft.status == Status.DRAFT
    assert leads_to(resident.declare()) == "done"


@pytest.mark.parametrize("revision", ["", "-1", "x", "9" * 9, "9" * 5000, "\x00", "٣", "1.0"])
def test_a_tampered_check_page_declares_nothing(resident: Resident, revision: str) -> None:
    assert "ほかの画面で内容が変わりました" in text_of(resident.post("check", {"revision": revision}))
    assert resident.draft.status == Status.DRAFT


def test_an_answer_that_is_hidden_in_the_end_is_neither_shown_nor_declared_nor_exported(
    cast: Cast, resident: Resident
) -> None:
    resident.fill("2", {"多胎": True, "胎児の数": "3"})
    payment = {"口座": ACCOUNT}
    resident.fill("3", {"受取方法": "shitei", **payment, "通帳": [photo("通帳.jpg", "blue")]})
    assert leads_to(resident.fill("2", {"多胎": False, "胎児の数": "3"})) == "3"
    assert leads_to(resident.fill("3", {"受取方法": "koukin", **payment})) == "check"
    page = text_of(resident.get("check"))
    resident.declare()
    declared = resident.draft
    assert "胎児の数" not in page
    assert set(resident.answers) == {"氏名", "住所", "メール", "多胎", "表紙", "受取方法"}
    assert set(declared.attachments.values_list("field_key", flat=True)) == {key_of("表紙")}
    (row,) = rows_of(Application.objects.all(), layout_of([declared.version]), [declared.version])
    assert "1234567" not in row
    assert "3" not in row


def test_an_answer_hidden_by_an_answer_on_another_step_is_not_declared(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "ある")],
        "二": [
            item("text", "内容", condition=when("ある", "eq", "はい")),
            item("file", "書類", condition=when("ある", "eq", "はい")),
            item("text", "備考", required=False),
        ],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"ある": True})
    resident.fill("2", {"内容": "消える", "書類": [photo()], "備考": "x"})
    resident.fill("1", {"ある": False})
    assert "消える" not in text_of(resident.get("check"))
    assert "表紙.jpg" not in text_of(resident.get("check"))
    resident.declare()
    assert resident.answers == {"ある": False, "備考": "x"}
    assert not Attachment.objects.exists()


def test_what_could_not_be_taken_is_forgotten_once_the_rest_is_declared(cast: Cast) -> None:
    steps = {
        "一": [item("yes_no", "ある")],
        "二": [item("email", "連絡先", condition=when("ある", "eq", "はい")), item("text", "備考", required=False)],
    }
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"ある": True})
    resident.fill("2", {"連絡先": "まちがい"})
    resident.fill("1", {"ある": False})
    resident.declare()
    assert resident.draft.status == Status.SUBMITTED
    assert resident.unfinished == {}


def test_the_amount_that_was_shown_is_declared(cast: Cast) -> None:
    steps = {"一": [item("number", "人数"), item("computed", "支給額", formula="=［人数］*50000", unit="円")]}
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"人数": "2"})
    assert "100,000円" in text_of(resident.get("check"))
    resident.declare()
    assert resident.answers == {"人数": "2", "支給額": "100000"}


def test_an_amount_cannot_be_sent(cast: Cast) -> None:
    steps = {"一": [item("number", "人数"), item("computed", "支給額", formula="=［人数］*50000", unit="円")]}
    resident = Resident(make_form(cast.children, steps=steps))
    resident.fill("1", {"人数": "2"}, **{f"f-{key_of('支給額')}": "9999999"})
    resident.declare()
    assert resident.answers["支給額"] == "100000"


def test_the_same_form_can_be_begun_again_and_the_first_application_stays(resident: Resident) -> None:
    resident.declare()
    first, reference, key = resident.draft, resident.reference, resident.key
    response = resident.post("new")
    assert leads_to(response) == resident.code
    assert leads_to(resident.get()) == "1"
    assert "見本" not in resident.get("1").content.decode()
    resident.reaches_check()
    resident.declare()
    assert resident.draft.pk != first.pk
    assert resident.reference != reference
    earlier = Resident(resident.form, Client())
    earlier.client.cookies["mg-gift"] = key
    assert reference in text_of(earlier.get("done"))


# --- how an application may have ended otherwise


def ended(resident: Resident, *actions: Action) -> str:
    for action in actions:
        move(resident.draft.pk, action)
    page = resident.get("done")
    assert page.status_code == 200
    return text_of(page)


def test_an_expired_draft_says_so_and_offers_to_begin_anew(resident: Resident) -> None:
    text = ended(resident, Action.EXPIRE)
    assert "保存の期限が過ぎました" in text
    assert "申請は送られていません" in text
    assert "受け付けました" not in text
    for place in ("", "1", "check"):
        assert leads_to(resident.get(place)) == "done"
    assert leads_to(resident.declare()) == "done"
    assert resident.draft.status == Status.EXPIRED
    assert leads_to(resident.post("new")) == resident.code
    assert leads_to(resident.get()) == "1"


def test_a_withdrawn_application_says_so_with_its_number(resident: Resident) -> None:
    resident.declare()
    text = ended(resident, Action.WITHDRAW)
    assert "この申請は取り下げられています" in text
    assert resident.reference in text
    assert "審査は行いません" in text
    assert "メールで送ります" not in text


def test_an_application_that_was_returned_and_not_sent_again_says_so_with_its_number(resident: Resident) -> None:
    resident.declare()
    text = ended(resident, Action.RETURN, Action.EXPIRE)
    assert "再提出の期限が過ぎました" in text
    assert resident.reference in text
    assert "申請は送られていません" not in text


def test_an_application_that_goes_its_way_keeps_its_receipt(resident: Resident) -> None:
    resident.declare()
    text = ended(resident, Action.REVIEW, Action.APPROVE)
    assert "申請を受け付けました" in text
