"""電子署名: what is signed is what was seen, and what is declared is what was signed."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from django.core.management import call_command
from pytest_django import Settings

from applications.answers import opened
from applications.models import Channel, Event
from applications.services import keep_answers
from applications.status import Status
from casework.case import gate_facts
from formbuilder.models import FormPage
from identity.models import Flow, Signature
from identity.problems import Problem
from identity.signature.services import document_of
from identity.signature.snapshot import digest_of, document
from identity.standin.provider import StandIn
from tests.applications.residents import leads_to, photo, text_of
from tests.identity.people import HANAKO, Signer, make_signed_form, problem_of, refresh
from tests.support.cast import Cast, key_of


@pytest.fixture
def signed_form(cast: Cast) -> FormPage:
    return make_signed_form(cast.children, "name", "address")


@pytest.fixture
def hanako(signed_form: FormPage, standin: StandIn) -> Signer:
    made = Signer(signed_form, standin)
    made.reaches_signature()
    return made


def facts(signer: Signer) -> dict[str, str]:
    return dict(gate_facts(refresh(signer.draft)))


def test_what_is_whole_is_shown_signed_and_declared(hanako: Signer) -> None:
    page = text_of(hanako.get("signature"))
    assert "見本 花子" in page and "就職のため" in page and "表紙.jpg" in page
    assert leads_to(hanako.proves()) == "check"
    check = text_of(hanako.get("check"))
    assert "署名用電子証明書（マイナンバーカード）" in check
    assert leads_to(hanako.declare()) == "done"
    assert refresh(hanako.draft).status == Status.SUBMITTED
    told = facts(hanako)
    assert told["電子署名"] == "済み（署名用電子証明書（マイナンバーカード））"
    assert told["署名の水準"] == "身元確認 3、当人認証 3"
    assert told["署名した内容"] == "いまの内容と同じです"
    assert told["署名した方の氏名の確認"] == "入力と同じです"
    assert told["署名した方の住所の確認"].startswith("入力と違います。確認した内容: 新潟県新潟市中央区学校町通")


def test_nothing_is_declared_unsigned(hanako: Signer) -> None:
    assert leads_to(hanako.declare()) == hanako.code
    assert refresh(hanako.draft).status == Status.DRAFT
    assert leads_to(hanako.get("check")) == "signature"


def test_what_is_signed_is_the_text_that_is_kept(hanako: Signer, standin: StandIn) -> None:
    """Whoever has the certificate can prove it, without this program."""
    hanako.proves()
    made = hanako.made
    assert made is not None
    text = document_of(made, hanako.draft)
    _, certificate = standin.authority.certificates["hanako"]
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(made.signature), text.encode(), PKCS1v15(), hashes.SHA256())
    said = json.loads(text)
    items = {each["label"]: each for step in said["steps"] for each in step["items"]}
    assert items["氏名"]["text"] == "見本 花子"
    assert items["表紙"]["files"][0]["sha256"] == hanako.draft.attachments.get().sha256
    assert said["application"] == hanako.draft.public_id


def test_no_certificate_is_kept_and_what_is_sensitive_is_sealed(hanako: Signer, standin: StandIn) -> None:
    hanako.proves()
    made = Signature.objects.values().get()
    kept = json.dumps(made, ensure_ascii=False, default=str)
    _, certificate = standin.authority.certificates["hanako"]
    assert str(certificate.serial_number) not in kept and "CERTIFICATE" not in kept
    assert "就職のため" not in kept and "1996" not in kept
    assert sorted(made["claims"]) == ["address", "name"]


@pytest.mark.parametrize("change", ["answer", "file", "form"])
def test_what_changes_afterwards_has_to_be_signed_again(hanako: Signer, cast: Cast, change: str) -> None:
    hanako.proves()
    assert hanako.get("check").status_code == 200
    if change == "answer":
        hanako.changes("進学のため")
    elif change == "file":
        hanako.fill("2", {"表紙": [photo("裏.jpg", "blue")]})
    else:
        make_signed_form(cast.children, "name")
        hanako.post("update")
    assert leads_to(hanako.get("check")) == "signature"
    assert leads_to(hanako.declare()) == hanako.code
    assert leads_to(hanako.proves()) == "check"
    assert hanako.get("check").status_code == 200
    assert Signature.objects.count() == 2


def test_back_to_what_was_signed_is_signed(hanako: Signer) -> None:
    hanako.proves()
    for use in ("進学のため", "就職のため"):
        hanako.changes(use)
    assert hanako.get("check").status_code == 200


def test_what_is_changed_behind_the_programs_back_is_seen(hanako: Signer) -> None:
    hanako.proves()
    hanako.declare()
    application = hanako.draft
    application.answers[key_of("住所")]["town"] = "別の町"
    application.revision += 1
    application.save()
    assert facts(hanako)["署名した内容"] == "署名のあとで、内容が変わりました。署名は、はじめの内容だけのものです"
    made = Signature.objects.get()
    made.document["sealed"] = made.document["sealed"][:-8] + "AAAAAAA="
    made.save()
    assert "壊れているか" in facts(hanako)["署名した内容"]


def test_the_text_is_the_same_for_the_same_application_and_differs_for_another(hanako: Signer) -> None:
    text = document(refresh(hanako.draft))
    assert document(refresh(hanako.draft)) == text
    other = Signer(hanako.form, hanako.standin)
    other.reaches_signature()
    assert opened(other.draft).keys() == opened(hanako.draft).keys()
    assert digest_of(document(refresh(other.draft))) != digest_of(text)


def test_a_change_while_the_card_is_read_is_refused(hanako: Signer) -> None:
    address = hanako.at_provider(hanako.leaves())
    keep_answers(hanako.draft.pk, taken={key_of("使いみち"): "進学のため"}, unfinished={})
    assert problem_of(hanako.comes_back(address)) == Problem.CHANGED
    page = text_of(hanako.client.get("/apply/juminhyo/signature/?problem=changed"))
    assert "進学のため" in page and "申請の内容が変わりました" in page
    assert hanako.made is None
    assert leads_to(hanako.proves()) == "check"


def test_only_what_is_whole_is_signed(signed_form: FormPage, standin: StandIn) -> None:
    early = Signer(signed_form, standin)
    assert leads_to(early.get("signature")) == early.code
    early.fill("1", HANAKO)
    assert leads_to(early.post("signature")) == early.code
    assert not Flow.objects.exists()


def test_a_form_that_is_not_signed_knows_no_signature(form: FormPage, standin: StandIn) -> None:
    hanako = Signer(form, standin)
    hanako.get("1")
    hanako.fill("1", HANAKO)
    assert leads_to(hanako.get("signature")) == hanako.code
    assert "電子署名" not in facts(hanako)


def test_who_comes_to_the_counter_signs_there(hanako: Signer) -> None:
    application = hanako.draft
    application.channel = Channel.COUNTER
    application.save()
    assert hanako.get("check").status_code == 200


def test_coming_back_twice_is_harmless(hanako: Signer) -> None:
    address = hanako.at_provider(hanako.leaves())
    assert leads_to(hanako.comes_back(address)) == "check"
    assert hanako.visit(address).status_code == 400
    again = hanako.client.get("/apply/juminhyo/signature/return/", {"state": "x" * 43, "code": "x"})
    assert leads_to(again) == "check"
    assert Signature.objects.count() == 1


def test_a_second_signature_counts_and_the_first_is_history(hanako: Signer) -> None:
    hanako.proves()
    hanako.changes("進学のため")
    hanako.proves("taro")
    assert facts(hanako)["署名した方の氏名の確認"] == "入力と違います。確認した内容: 髙﨑　太郎"
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds.count("signature_made") == 2 and "identity_started" in kinds


def test_what_is_missing_in_the_certificate_is_said(hanako: Signer, standin: StandIn) -> None:
    standin.cards["hanako"].address = ""
    standin.authority.certificates.clear()
    assert problem_of(hanako.proves()) == Problem.CLAIMS


def test_substituted_characters_are_told(hanako: Signer, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    standin.cards["taro"].marks = "10000"
    standin.authority.certificates.clear()
    hanako.proves("taro")
    assert facts(hanako)["代替文字のある情報"] == "氏名"


@pytest.mark.parametrize(
    ("name", "marks", "said"),
    [
        ("龘﨑　太郎", "10000", "代替文字のほかは、入力と同じです。確認した内容: 龘﨑　太郎"),
        ("龘﨑　太郎", "00000", "入力と違います。確認した内容: 龘﨑　太郎"),
        ("龘﨑　次郎", "10000", "入力と違います。確認した内容: 龘﨑　次郎"),
        ("龘﨑　太郎", "1", "入力と違います。確認した内容: 龘﨑　太郎"),
        ("髙﨑　太郎", "10000", "入力と同じです"),
    ],
    ids=["but for it", "not marked", "another name", "marks of another length", "a variant that is known"],
)
def test_a_name_is_compared_but_for_its_substituted_characters(
    signed_form: FormPage, standin: StandIn, name: str, marks: str, said: str
) -> None:
    """What stands for another character says nothing about that one; the officer decides."""
    standin.cards["taro"].name, standin.cards["taro"].marks = name, marks
    standin.authority.certificates.clear()
    taro = Signer(signed_form, standin)
    taro.fill("1", {**HANAKO, "氏名": {"family": "高崎", "given": "太郎"}})
    taro.fill("2", {"表紙": [photo()]})
    taro.get("check")
    taro.proves("taro")
    assert facts(taro)["署名した方の氏名の確認"] == said


def test_who_is_asked_gets_the_signed_text(hanako: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    hanako.proves()
    hanako.declare()
    call_command("signed_document", hanako.reference)
    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == digest_of(said["document"]).hex() == Signature.objects.get().digest
    assert said["signature"] == Signature.objects.get().signature


def test_without_its_settings_the_page_says_so_and_nobody_passes(hanako: Signer, settings: Settings) -> None:
    settings.SIGNATURE = {"api": "", "anchors": "", "crl": "", "key": ""}
    page = text_of(hanako.get("signature"))
    assert "いまは署名ができません" in page and "マイナンバーカードで署名する" not in page
    assert hanako.post("signature").status_code == 503
    assert leads_to(hanako.get("check")) == "signature"
