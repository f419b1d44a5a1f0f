"""差戻し, on the side of the desk: what may be asked for."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.status import Status
from dialogue import corrections
from dialogue.models import Correction
from formbuilder.models import FormPage
from identity.signature.gate import SignatureGate
from tests.applications.residents import ACCOUNT, text_of
from tests.followup.following import enter
from tests.followup.test_correction import GIVEN, STEPS, returned
from tests.support.cast import Cast, key_of, make_form, submit


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="mend", steps=STEPS)


def test_what_is_signed_is_not_corrected(cast: Cast, form: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless somebody accepts that a changed application is not what was signed."""
    monkeypatch.setattr(SignatureGate, "applies", lambda *_: True)
    monkeypatch.setattr(SignatureGate, "is_open", lambda *_: True)
    with pytest.raises(corrections.Bound):
        returned(cast, form, "備考")
    assert Application.objects.get().status == Status.SUBMITTED


def test_fixed_answers_and_unknown_items_cannot_be_named(cast: Cast, form: FormPage) -> None:
    case = submit(form, GIVEN)
    Application.objects.filter(pk=case.pk).update(fixed={key_of("氏名"): "カードの情報です。"})
    for keys in ([key_of("氏名")], ["nothing"], [key_of("口座")], []):
        with pytest.raises(corrections.Nothing):
            corrections.return_for_correction(
                case.pk, actor=cast.officer, revision=case.revision, reason="x", keys=keys
            )


def test_the_desk_is_told_what_is_missing(cast: Cast, form: FormPage, client: Client) -> None:
    case = submit(form, GIVEN)
    client.force_login(cast.officer)
    address = reverse("casework:act", args=(case.public_id, "return"))
    for data, told in (
        ({"reason": "x"}, "1つ以上選んでください"),
        ({"keys": [key_of("備考")]}, "直してもらうことを入力してください"),
        ({"keys": [key_of("備考")], "reason": "x", "due_on": "2020-01-01"}, "明日から1年後まで"),
    ):
        response = client.post(address, {"revision": case.revision, **data})
        assert response.status_code == 400 and told in response.content.decode()


def test_an_officer_may_accept_that_the_correction_is_not_signed(
    cast: Cast, form: FormPage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignatureGate, "applies", lambda *_: True)
    monkeypatch.setattr(SignatureGate, "is_open", lambda _, application: "直した" not in str(application.answers))
    case = submit(form, GIVEN)
    desk = Client()
    desk.force_login(cast.officer)
    address = reverse("casework:act", args=(case.public_id, "return"))
    asked = {"revision": case.revision, "keys": [key_of("備考")], "reason": "番地がありません。"}
    refused = desk.post(address, asked)
    assert refused.status_code == 400 and "電子署名のある申請です" in refused.content.decode()
    assert Application.objects.get().status == Status.SUBMITTED
    assert desk.post(address, {**asked, "beyond_signature": "on"}).status_code == 302
    enter(client, case)
    assert "電子署名は、はじめに申請した内容に付いたままです" in text_of(client.get("/status/correction/"))
    correction = Correction.objects.get()
    mending = corrections.stage(correction.pk, taken={key_of("備考"): "直した"}, unfinished={})
    corrections.resubmit(correction.pk, revision=mending.correction.revision)
    page = desk.get(reverse("casework:case", args=(case.public_id,))).content.decode()
    assert "この修正には付いていません" in page


def test_who_did_not_sign_is_asked_nothing_about_it(cast: Cast, form: FormPage, client: Client) -> None:
    client.force_login(cast.officer)
    case = submit(form, GIVEN)
    page = client.get(reverse("casework:act", args=(case.public_id, "return"))).content.decode()
    assert "電子署名" not in page


def test_the_items_stand_there_with_their_answers(cast: Cast, form: FormPage, client: Client) -> None:
    account = {**ACCOUNT, "number": "7654321"}
    given = {**GIVEN, "備考": f"<b>一行\n{'長' * 100}", "受取方法": "shitei", "口座": account}
    case = submit(form, given)
    client.force_login(cast.officer)
    page = client.get(reverse("casework:act", args=(case.public_id, "return"))).content.decode()
    assert "氏名：見本 花子" in page and "家族：（入力なし）" in page
    assert f"備考：&lt;b&gt;一行 {'長' * 54}…" in page
    assert "口座：●●●●" in page and "7654321" not in page
