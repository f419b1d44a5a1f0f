"""eKYC: documents and a face are looked at, at once or for days; the draft waits, and its resident hears of it."""

from datetime import timedelta

import pytest
import requests
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from applications.models import Event
from followup.resuming import send_link
from followup.subscriber import INSPECTED
from formbuilder.package import PackageRefused
from identity.ekyc import services
from identity.ekyc.services import DECIDED, expire_old
from identity.gate import IdentityAtStart
from identity.models import Flow, Inspection, Notice, Verification
from identity.problems import Problem
from identity.services import forget
from identity.standin import verifier_server
from identity.standin.cards import PIN
from identity.standin.provider import PATH, StandIn
from identity.standin.verifier import Verifier
from tests.applications.residents import leads_to, text_of
from tests.followup.following import link_in, newest_mail, work
from tests.identity.inspected import METHODS, Photographed, decide, make_ekyc_form, tell
from tests.identity.people import CardHolder, make_identity_form, problem_of
from tests.identity.test_connection import page_of
from tests.support.cast import Cast
from tests.support.webhook import webhook

ADDRESS = "hanako@example.jp"


@pytest.fixture
def hanako(cast: Cast, verifier: Verifier) -> Photographed:
    return Photographed(make_ekyc_form(cast.children), verifier)


def test_who_is_photographed_goes_on_at_once(hanako: Photographed) -> None:
    assert leads_to(hanako.get("1")) == "identity"
    page = text_of(hanako.page())
    assert "運転免許証" in page and "カメラのあるスマートフォン" in page and "暗証番号" not in page
    assert leads_to(hanako.proves()) == hanako.code
    assert hanako.answers["氏名"] == {"family": "見本", "given": "花子"}
    assert hanako.answers["生年月日"] == "1996-04-01" and hanako.answers["住所"]["city"] == "新潟市中央区"
    assert "本人確認書類の撮影と顔で確認済み" in text_of(hanako.get("1"))
    assert hanako.state == "approved" and not Flow.objects.exists()


@pytest.mark.parametrize(
    ("looked", "method", "label"),
    [
        ("chip", "ic_chip_face", "ICチップと顔（eKYC）"),
        ("photo", "photo_face", "本人確認書類の撮影と顔（eKYC）"),
    ],
)
def test_the_officer_sees_by_which_method_and_how_surely(
    hanako: Photographed, looked: str, method: str, label: str
) -> None:
    hanako.proves(looked=looked)
    proof = hanako.proof
    assert proof is not None and (proof.method, proof.ial, proof.aal) == (method, 2, 1)
    facts = IdentityAtStart().facts(hanako.draft)
    assert facts["本人確認"] == f"済み（{label}）" and facts["本人確認の水準"] == "身元確認 2、当人認証 1"
    assert facts["確認した情報"] == "氏名、住所、生年月日、性別"
    assert "ppid-hanako" not in f"{vars(proof)}{vars(hanako.inspection)}"


def test_a_form_that_takes_the_chip_alone_takes_no_photograph(cast: Cast, verifier: Verifier) -> None:
    """Nobody passes by less than the editor asked for, whatever the verifier approves."""
    resident = Photographed(make_ekyc_form(cast.children, methods=["ic_chip_face"]), verifier)
    assert problem_of(resident.proves(looked="photo")) == Problem.INSPECTION
    assert resident.proof is None and resident.inspection.reason == "not_enough"
    assert leads_to(resident.proves(looked="chip")) == resident.code


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        ("document_unreadable", "書類の写真が読み取れませんでした"),
        ("document_expired", "書類の有効期限が切れています"),
        ("face_mismatch", "帽子やマスクを外して"),
    ],
)
def test_who_is_refused_reads_why_and_may_try_again(hanako: Photographed, result: str, sentence: str) -> None:
    response = hanako.proves(result=result)
    assert problem_of(response) == Problem.INSPECTION
    assert sentence in text_of(hanako.visit(response.headers["Location"]))
    assert sentence in text_of(hanako.page()) and hanako.state == "refused"
    hanako.proves()
    assert "本人確認は済んでいます" in text_of(hanako.page()) and sentence not in text_of(hanako.page())


def test_who_runs_out_of_time_may_try_again(hanako: Photographed) -> None:
    assert problem_of(hanako.proves(result="expired")) == Problem.INSPECTION
    assert "期限までに確認が終わりませんでした" in text_of(hanako.page())


def test_who_gives_up_there_loses_nothing(hanako: Photographed) -> None:
    hanako.proves()
    hanako.fill("1", {"使いみち": "提出"})
    flow = hanako.leaves()
    assert problem_of(hanako.comes_back(hanako.at_provider(flow, action="cancel"))) == Problem.CANCELLED
    assert hanako.answers["使いみち"] == "提出" and hanako.proof is not None


# --- pending


def pending(resident: Photographed) -> None:
    assert leads_to(resident.proves(result="pending")) == "identity"
    assert resident.state == "pending"


def test_while_documents_are_looked_at_the_draft_waits(hanako: Photographed) -> None:
    pending(hanako)
    page = text_of(hanako.page())
    until = timezone.localtime(hanako.inspection.created_at + timedelta(days=7))
    assert "審査を待っています" in page and f"{until.month}月{until.day}日まで" in page
    assert leads_to(hanako.get("1")) == "identity" and hanako.proof is None
    started = Event.objects.filter(application=hanako.draft, kind="identity_started").latest("pk")
    assert started.data["until"]  # what is held for the resident is held as long


def test_the_notice_opens_the_gate_and_the_resident_gets_a_mail(hanako: Photographed) -> None:
    pending(hanako)
    send_link(hanako.draft, ADDRESS)
    work()
    assert decide(hanako.standin, hanako.process, "approved") == 202
    assert hanako.state == "approved" and hanako.proof is not None
    letter = newest_mail()
    assert letter.to == [ADDRESS] and "本人確認が済みました" in str(letter.body)
    other = CardHolder(hanako.form, hanako.standin, Client())
    other.client.post(link_in(str(letter.body)), {"action": "open"})
    assert other.draft == hanako.draft and "見本 花子" in text_of(other.get("1"))
    work()
    assert len(mail.outbox) == 2
    assert "申請を続ける" in text_of(hanako.page())


def test_a_refusal_by_notice_is_mailed_and_explained(hanako: Photographed) -> None:
    pending(hanako)
    send_link(hanako.draft, ADDRESS)
    work()
    assert decide(hanako.standin, hanako.process, "refused", "face_mismatch") == 202
    assert "もう一度お試しください" in str(newest_mail().body)
    assert "帽子やマスクを外して" in text_of(hanako.page()) and hanako.proof is None


def test_who_left_no_address_gets_no_mail(hanako: Photographed) -> None:
    pending(hanako)
    decide(hanako.standin, hanako.process, "approved")
    work()
    assert mail.outbox == [] and DECIDED == INSPECTED


def test_what_is_never_decided_is_given_up(hanako: Photographed, settings: Settings) -> None:
    pending(hanako)
    send_link(hanako.draft, ADDRESS)
    assert expire_old() == 0
    Inspection.objects.update(created_at=timezone.now() - timedelta(days=8))
    Notice.objects.create(jti="old")
    Notice.objects.update(received_at=timezone.now() - timedelta(days=91))
    assert (expire_old(), expire_old()) == (1, 0)
    assert hanako.state == "expired" and not Notice.objects.exists()
    assert "期限までに審査が終わりませんでした" in str(newest_mail().body)
    assert decide(hanako.standin, hanako.process, "approved") == 202  # too late
    assert hanako.state == "expired" and hanako.proof is None


def test_who_never_came_back_is_forgotten(hanako: Photographed) -> None:
    hanako.leaves()
    hanako.leaves()
    assert Inspection.objects.count() == 1
    Inspection.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert expire_old() == 0 and not Inspection.objects.exists()


def test_a_draft_that_expires_takes_its_inspections_along(hanako: Photographed) -> None:
    pending(hanako)
    forget(hanako.draft.pk)
    assert not Inspection.objects.exists() and not Verification.objects.exists()


# --- in any order


def test_a_notice_before_the_return_waits_for_it(hanako: Photographed) -> None:
    """Until the browser that left is back, nobody knows whose documents those are."""
    back = hanako.at_provider(hanako.leaves())
    assert tell(hanako.standin.notice(hanako.process)) == 202
    assert hanako.state == "started" and not Verification.objects.exists()
    assert leads_to(hanako.comes_back(back)) == hanako.code
    assert hanako.state == "approved" and hanako.proof is not None


def test_a_notice_while_the_return_is_under_way_is_not_lost(
    hanako: Photographed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The return was answered 「審査中」, and the decision came before that was written down."""
    back = hanako.at_provider(hanako.leaves(), result="pending")
    settle, process, told = services.settle, hanako.process, list[int]()

    def late(*given: object) -> object:
        if not told:
            told.append(decide(hanako.standin, process, "approved"))
        return settle(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("identity.views.resident.inspections.settle", late)
    assert leads_to(hanako.comes_back(back)) == hanako.code
    assert told == [202] and hanako.state == "approved" and hanako.proof is not None


def test_a_notice_after_the_return_or_twice_changes_nothing(hanako: Photographed) -> None:
    hanako.proves()
    proof, events = hanako.proof, Event.objects.count()
    notice = hanako.standin.notice(hanako.process)
    assert [tell(notice), tell(notice), tell(hanako.standin.notice(hanako.process))] == [202, 202, 202]
    assert decide(hanako.standin, hanako.process, "refused") == 202
    assert hanako.state == "approved" and Event.objects.count() == events
    now = hanako.proof
    assert now is not None and proof is not None and now.at == proof.at


def test_the_return_twice_changes_nothing(hanako: Photographed) -> None:
    back = hanako.at_provider(hanako.leaves())
    hanako.comes_back(back)
    assert hanako.visit(back).status_code == 400 and hanako.state == "approved"


def test_a_late_approval_does_not_replace_a_newer_proof(cast: Cast, verifier: Verifier, standin: StandIn) -> None:
    form = make_identity_form(cast.children, methods=["jpki_auth", *METHODS], aal="1")
    resident = Photographed(form, verifier)
    pending(resident)
    by_card = CardHolder(form, standin, resident.client)
    address = by_card.post("identity", {"way": "oidc"}).headers["Location"]
    by_card.comes_back(by_card.at_provider(address, "taro", PIN))
    assert resident.answers["氏名"]["family"] == "髙﨑"
    decide(verifier, resident.process, "approved")
    assert resident.answers["氏名"]["family"] == "髙﨑" and resident.state == "approved"


def test_who_is_photographed_again_is_who_it_says_last(hanako: Photographed) -> None:
    hanako.proves("taro")
    hanako.proves("hanako")
    assert hanako.answers["氏名"] == {"family": "見本", "given": "花子"}


def test_what_was_sent_meanwhile_is_left_alone(cast: Cast, verifier: Verifier, standin: StandIn) -> None:
    form = make_identity_form(cast.children, methods=["jpki_auth", *METHODS], aal="1")
    resident = Photographed(form, verifier)
    pending(resident)
    by_card = CardHolder(form, standin, resident.client)
    address = by_card.post("identity", {"way": "oidc"}).headers["Location"]
    by_card.comes_back(by_card.at_provider(address, "taro", PIN))
    resident.fill("1", {"使いみち": "提出"})
    resident.fill("2", {})
    assert leads_to(resident.declare()) == "done"
    events = Event.objects.count()
    assert decide(verifier, resident.process, "refused") == 202
    proof = resident.proof
    assert proof is not None and proof.method == "jpki_auth" and Event.objects.count() == events


# --- what an editor chooses


def test_the_page_offers_the_ways_that_the_form_accepts_and_that_are_there(
    cast: Cast, verifier: Verifier, standin: StandIn, settings: Settings
) -> None:
    form = make_identity_form(cast.children, methods=["photo_face", "jpki_auth"], aal="1")
    page = text_of(Client().get("/apply/juminhyo/identity/"))
    assert page.index("書類と顔の撮影を始める") < page.index("本人確認を始める")
    settings.EKYC = {**settings.EKYC, "issuer": "", "client_id": "", "client_key": ""}
    page = text_of(Client().get("/apply/juminhyo/identity/"))
    assert "書類と顔の撮影を始める" not in page and "本人確認を始める" in page
    resident = CardHolder(form, standin)
    assert resident.post("identity", {"way": "ekyc"}).status_code == 503
    assert resident.post("identity", {"way": "elsewhere"}).status_code == 503  # the first one, which is not there


def test_an_editor_hears_which_level_documents_reach(cast: Cast) -> None:
    with pytest.raises(PackageRefused, match="当人認証 1 まで"):
        make_ekyc_form(cast.children, aal="2")


def test_one_person_once_is_for_one_way_of_looking(cast: Cast, verifier: Verifier) -> None:
    """The same verifier knows the same person by one name, whatever it looked at; two providers do not."""
    with pytest.raises(PackageRefused, match="同じ人かどうかを見分けられません"):
        make_ekyc_form(cast.children, once="ever", methods=["jpki_auth", "photo_face"])
    form = make_ekyc_form(cast.children, once="ever")
    first, second = Photographed(form, verifier), Photographed(form, verifier)
    first.proves(looked="chip")
    first.fill("1", {"使いみち": "提出"})
    first.fill("2", {})
    assert leads_to(first.declare()) == "done"
    assert problem_of(second.proves(looked="photo")) == Problem.INSPECTION
    assert "すでに申請されています" in text_of(second.page()) and second.proof is None


# --- the self-check


def test_the_self_check_says_what_to_register_and_whether_the_verifier_answers(
    cast: Cast, verifier: Verifier, settings: Settings
) -> None:
    text = page_of(cast.admin)
    assert verifier.issuer in text and "/identity/ekyc/notice/" in text and "jp_aml" in text and "7日" in text
    assert "マイナンバーカードによる本人確認は設定されていません" in text
    assert "1個: " + verifier.keys[0]["kid"] in page_of(cast.admin, "post")
    settings.EKYC = {**settings.EKYC, "endpoints": {"jwks": "http://127.0.0.1:9/"}}
    assert "できません（ConnectionError）" in page_of(cast.admin, "post")
    settings.EKYC = {**settings.EKYC, "trust_frameworks": []}
    assert "MADOGUCHI_EKYC_TRUST_FRAMEWORKS がありません" in page_of(cast.admin)
    make_ekyc_form(cast.children)
    assert "いまは本人確認ができません" in text_of(Client().get("/apply/juminhyo/identity/"))


# --- the stand-in


def test_the_verifiers_staff_decide_and_it_tells_again_until_it_is_taken(
    hanako: Photographed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending(hanako)
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(verifier_server, "tell", lambda verifier, process: told.append((process, verifier.issuer)))
    control = hanako.standin.issuer.removesuffix(PATH) + "/control"
    assert "見本　花子" in requests.get(control, timeout=5).text
    requests.post(control, data={"process": hanako.process, "how": "refused"}, timeout=5)
    assert told == [(hanako.process, hanako.standin.issuer)]
    assert "見本　花子" not in requests.get(control, timeout=5).text
    assert hanako.standin.said(hanako.process)["status"] == "refused"


@pytest.mark.parametrize(("statuses", "is_taken", "tries"), [([500, 202], True, 2), ([500] * 9, False, 4)])
def test_a_notice_is_brought_again_a_few_times(
    monkeypatch: pytest.MonkeyPatch, statuses: list[int], is_taken: bool, tries: int
) -> None:
    monkeypatch.setattr(verifier_server, "PAUSE", 0)
    with webhook(*statuses) as receiver:
        assert verifier_server.send(receiver.url, "a.b.c") is is_taken
        assert receiver.brought == [b"a.b.c"] * tries
