"""差戻し, on the side of the desk: what may be asked for."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.status import Status
from dialogue import corrections
from formbuilder.models import FormPage
from identity.signature.gate import SignatureGate
from tests.followup.test_correction import GIVEN, STEPS, returned
from tests.support.cast import Cast, key_of, make_form, submit


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="mend", steps=STEPS)


def test_what_is_signed_is_not_corrected(cast: Cast, form: FormPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed application would need another signature; whoever signed applies anew."""
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
