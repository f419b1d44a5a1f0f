"""What somebody may try at the verifier's webhook and return: nothing of it proves anybody."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from jose import jwk, jwt
from pytest_django import Settings

from identity.ekyc.config import ekyc
from identity.ekyc.outcome import outcome_of
from identity.models import Inspection, Notice, Verification
from identity.problems import Problem, Refused
from identity.standin.keys import new_key, public
from identity.standin.provider import Grant
from identity.standin.verifier import Verifier
from tests.applications.residents import leads_to
from tests.identity.inspected import NOTICE, Photographed, decide, make_ekyc_form, tell
from tests.identity.people import problem_of
from tests.reservations.scene import at_once
from tests.support.cast import Cast

Change = Callable[[dict[str, Any]], Mapping[str, Any]]


@pytest.fixture
def hanako(cast: Cast, verifier: Verifier) -> Photographed:
    """Waits for the verifier's decision."""
    made = Photographed(make_ekyc_form(cast.children), verifier)
    assert leads_to(made.proves(result="pending")) == "identity"
    verifier.decide(made.process, "approved")
    return made


def stays_pending(resident: Photographed) -> bool:
    return resident.state == "pending" and resident.proof is None and not Notice.objects.exists()


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.get_unverified_claims(token))


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_the_true_notice_is_taken(hanako: Photographed) -> None:
    """What the attacks below are compared with."""
    assert tell(hanako.standin.notice(hanako.process)) == 202
    assert hanako.state == "approved" and hanako.proof is not None


CHANGES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "expired": {"exp": int(time.time()) - 120},
    "no end": {"exp": None},
    "issued in the future": {"iat": int(time.time()) + 86_400},
    "issued never": {"iat": None},
    "issued at infinity": {"iat": float("inf")},
    "not valid yet": {"nbf": int(time.time()) + 86_400},
    "no id": {"jti": None},
    "an id that is no text": {"jti": 7},
    "an endless id": {"jti": "x" * 1000},
    "nobody": {"sub": ""},
    "somebody else": {"sub": "ppid-taro"},
    "no process": {"verification_process": None},
    "a process that is no text": {"verification_process": ["x"]},
    "no status": {"status": None},
    "another status": {"status": "verified"},
    "no claims": {"verified_claims": None},
    "claims that are a text": {"verified_claims": "x"},
    "claims of two": {"verified_claims": [{}, {}]},
    "claims without a verification": {"verified_claims": {"claims": {"name": "見本 花子"}}},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_notice_that_says_something_else_is_refused(hanako: Photographed, change: dict[str, Any]) -> None:
    about = claims_of(hanako.standin.notice(hanako.process)) | change
    key = hanako.standin.keys[0]
    left = {name: value for name, value in about.items() if value is not None}
    assert tell(jwt.encode(left, key, "ES256", {"kid": key["kid"], "typ": "secevent+jwt"})) == 400
    assert stays_pending(hanako)


WRONG: dict[str, Change] = {
    "another trust framework": lambda said: {**said, "verification": {**said["verification"], "trust_framework": "x"}},
    "no evidence": lambda said: {**said, "verification": {**said["verification"], "evidence": []}},
    "evidence that is a text": lambda said: {**said, "verification": {**said["verification"], "evidence": "document"}},
    "a document that nobody looked at": lambda said: {
        **said,
        "verification": {**said["verification"], "evidence": [{"type": "document"}]},
    },
    "a face and a picture of two documents": lambda said: {
        **said,
        "verification": {
            **said["verification"],
            "evidence": [
                {"type": "document", "check_details": [{"check_method": "vri"}]},
                {"type": "document", "check_details": [{"check_method": "bvr"}]},
            ],
        },
    },
    "a bill": lambda said: {
        **said,
        "verification": {
            **said["verification"],
            "evidence": [{**said["verification"]["evidence"][0], "type": "electronic_record"}],
        },
    },
    "another process": lambda said: {**said, "verification": {**said["verification"], "verification_process": "x"}},
    "claims that are a list": lambda said: {**said, "claims": []},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_an_approval_by_less_than_was_asked_is_refused(hanako: Photographed, change: Change) -> None:
    said = claims_of(hanako.standin.notice(hanako.process))["verified_claims"]
    assert tell(hanako.standin.notice(hanako.process, verified_claims=change(said))) == 400
    assert stays_pending(hanako)


def test_a_notice_signed_with_the_public_key_as_a_password_is_refused(hanako: Photographed) -> None:
    key, about = hanako.standin.keys[0], claims_of(hanako.standin.notice(hanako.process))
    der = jwk.construct(public(key), "ES256").to_pem().decode().replace("\n", "")
    for password in (json.dumps(public(key)), der, key["x"]):
        forged = jwt.encode(about, {"kty": "oct", "k": b64(password)}, "HS256", {"kid": key["kid"]})
        assert tell(forged) == 400
    assert stays_pending(hanako)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "ES384", ""])
def test_a_notice_without_the_one_algorithm_is_refused(hanako: Photographed, algorithm: str) -> None:
    header = {"alg": algorithm, "typ": "secevent+jwt", "kid": hanako.standin.keys[0]["kid"]}
    about = claims_of(hanako.standin.notice(hanako.process))
    signature = "" if algorithm.lower() == "none" else "x" * 86
    assert tell(f"{b64(json.dumps(header))}.{b64(json.dumps(about))}.{signature}") == 400
    assert stays_pending(hanako)


def test_a_notice_of_a_stranger_is_refused_whatever_key_it_names(hanako: Photographed) -> None:
    about, stranger = claims_of(hanako.standin.notice(hanako.process)), new_key()
    for kid in (stranger["kid"], hanako.standin.keys[0]["kid"]):
        assert tell(jwt.encode(about, stranger, "ES256", {"kid": kid, "typ": "secevent+jwt"})) == 400
    assert stays_pending(hanako)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "x" * 20_000, "e30.e30.", "あ.い.う", "\x00", "{}"])
def test_what_is_no_token_is_refused(hanako: Photographed, token: str) -> None:
    assert tell(token) == 400
    assert stays_pending(hanako)


def test_only_a_post_is_a_notice(hanako: Photographed) -> None:
    assert Client().get(NOTICE).status_code == 405
    assert Client().post(NOTICE, {"token": hanako.standin.notice(hanako.process)}).status_code == 400
    assert stays_pending(hanako)


def test_no_other_token_of_the_verifier_passes_for_a_notice(hanako: Photographed) -> None:
    """An ID token, or what the return is told, is signed by the same key."""
    verifier, said = hanako.standin, claims_of(hanako.standin.notice(hanako.process))
    key = verifier.keys[0]
    for kind in ("JWT", "at+jwt", ""):
        assert tell(jwt.encode(said, key, "ES256", {"kid": key["kid"], "typ": kind})) == 400
    assert stays_pending(hanako)


def test_a_rotated_key_is_found(hanako: Photographed, settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    hanako.standin.rotate()
    assert tell(hanako.standin.notice(hanako.process)) == 202
    assert hanako.state == "approved"


def test_while_keys_cannot_be_had_the_notice_shall_come_again(hanako: Photographed, settings: Settings) -> None:
    settings.EKYC = {**settings.EKYC, "endpoints": {"jwks": "http://127.0.0.1:9/certs"}}
    assert tell(hanako.standin.notice(hanako.process)) == 503
    settings.EKYC = {**settings.EKYC, "client_key": "x"}
    assert tell(hanako.standin.notice(hanako.process)) == 503
    settings.EKYC = {**settings.EKYC, "issuer": "", "client_id": "", "client_key": ""}
    assert tell(hanako.standin.notice(hanako.process)) == 400
    assert stays_pending(hanako)


def test_the_same_id_with_another_content_does_nothing(hanako: Photographed, cast: Cast) -> None:
    other = Photographed(hanako.form, hanako.standin)
    other.proves("taro", result="pending")
    hanako.standin.decide(other.process, "approved")
    assert tell(hanako.standin.notice(hanako.process, jti="one")) == 202
    assert tell(hanako.standin.notice(other.process, jti="one")) == 202
    assert hanako.state == "approved" and other.state == "pending" and other.proof is None


# --- two residents


def test_a_notice_opens_the_draft_it_is_about_and_no_other(hanako: Photographed) -> None:
    other = Photographed(hanako.form, hanako.standin)
    other.proves("taro", result="pending")
    assert decide(hanako.standin, other.process, "approved") == 202
    assert other.answers["氏名"]["family"] == "髙﨑" and hanako.state == "pending" and hanako.proof is None


def test_a_process_that_nobody_began_is_taken_note_of_and_changes_nothing(hanako: Photographed) -> None:
    hanako.standin.processes["elsewhere"] = hanako.standin.processes[hanako.process]
    assert tell(hanako.standin.notice("elsewhere")) == 202
    assert hanako.state == "pending" and not Verification.objects.exists()


@pytest.mark.parametrize("result", ["approved", "pending"])
def test_an_address_sent_to_somebody_else_proves_nothing(cast: Cast, verifier: Verifier, result: str) -> None:
    """The attacker has another person photographed on the attacker's own way. That browser comes back; the notice comes
    too. Neither gives the attacker that person's name."""
    form = make_ekyc_form(cast.children)
    attacker, victim = Photographed(form, verifier), Photographed(form, verifier)
    back = victim.at_provider(attacker.leaves(), "taro", result=result)
    assert problem_of(victim.comes_back(back)) == Problem.BROWSER
    assert decide(verifier, attacker.process, "approved") == 202
    assert attacker.proof is None and attacker.state == "started"
    assert victim.key == "" and not Verification.objects.exists()


def test_nor_when_the_attacker_comes_back_from_a_way_that_was_changed(cast: Cast, verifier: Verifier) -> None:
    """The attacker's own code, of another process, while the victim is photographed for the one that we wait for."""
    form = make_ekyc_form(cast.children)
    attacker, victim = Photographed(form, verifier), Photographed(form, verifier)
    address = attacker.leaves()
    victim.at_provider(with_others(address, state="x", nonce="y"), "taro", result="pending")
    own = attacker.at_provider(with_process(address, "another"), "hanako", result="pending")
    assert problem_of(attacker.comes_back(own)) == Problem.REFUSED
    assert decide(verifier, attacker.process, "approved") == 202
    assert attacker.proof is None and attacker.state == "started"


def test_nor_when_both_are_photographed_for_one_process(cast: Cast, verifier: Verifier) -> None:
    """A verifier that takes a process twice: the notice is about another person than came back."""
    form = make_ekyc_form(cast.children)
    attacker, victim = Photographed(form, verifier), Photographed(form, verifier)
    address = attacker.leaves()
    assert leads_to(attacker.comes_back(attacker.at_provider(address, "hanako", result="pending"))) == "identity"
    victim.at_provider(with_others(address, state="x", nonce="y"), "taro", result="pending")
    assert decide(verifier, attacker.process, "approved") == 400
    assert attacker.proof is None and attacker.state == "pending"


def with_others(address: str, **others: str) -> str:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | others
    return parts._replace(query=urlencode(query)).geturl()


def with_process(address: str, process: str) -> str:
    asked = json.loads(parse_qs(urlsplit(address).query)["claims"][0])
    asked["userinfo"]["verified_claims"]["verification"]["verification_process"]["value"] = process
    return with_others(address, claims=json.dumps(asked))


def test_a_return_that_is_told_of_another_process_is_refused(
    cast: Cast, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = Photographed(make_ekyc_form(cast.children), verifier)
    resident.proves(result="pending")
    before, said = resident.process, verifier.said
    monkeypatch.setattr(verifier, "said", lambda process: said(before))
    assert problem_of(resident.proves()) == Problem.REFUSED
    assert resident.proof is None


def test_a_return_that_is_told_without_a_signature_is_refused(
    cast: Cast, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = Photographed(make_ekyc_form(cast.children), verifier)
    for told in (json.dumps({"sub": "ppid-hanako", "status": "approved"}), "a.b.c", ""):
        monkeypatch.setattr(verifier, "signed_userinfo", lambda token, told=told: told)
        assert problem_of(resident.proves()) == Problem.REFUSED
    monkeypatch.setattr(verifier, "signed_userinfo", lambda token: forged(verifier, token))
    assert problem_of(resident.proves()) == Problem.REFUSED
    assert resident.proof is None and resident.state == "started"


def forged(verifier: Verifier, token: str) -> str:
    grant: Grant = verifier.tokens[token]
    stranger, said = new_key(), {"iss": verifier.issuer, "aud": verifier.client_id, **verifier.said(grant.process)}
    return jwt.encode(said, stranger, "ES256", {"kid": verifier.keys[0]["kid"]})


# --- failures of the verifier


@pytest.mark.parametrize("result", ["rotate", "clock"])
def test_a_new_key_is_taken_and_a_clock_that_is_off_is_not(cast: Cast, verifier: Verifier, result: str) -> None:
    resident = Photographed(make_ekyc_form(cast.children), verifier)
    expected = "" if result == "rotate" else Problem.REFUSED
    assert problem_of(resident.proves(result=result)) == expected
    assert (resident.proof is not None) == (result == "rotate")


def test_a_reason_is_a_word_and_never_a_text_from_outside(hanako: Photographed) -> None:
    config = ekyc()
    assert config is not None
    said = {"sub": "x", "verification_process": "x", "status": "refused"}
    for reason in ("<script>", "見本花子", "x" * 41, 7, None, ["face_mismatch"]):
        assert outcome_of({**said, "reason": reason}, config).reason == ""
    assert outcome_of({**said, "reason": "face_mismatch"}, config).reason == "face_mismatch"
    with pytest.raises(Refused):
        outcome_of({**said, "status": None}, config)


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_comes_five_times_at_once_counts_once(cast: Cast, verifier: Verifier) -> None:
    resident = Photographed(make_ekyc_form(cast.children), verifier)
    resident.proves(result="pending")
    verifier.decide(resident.process, "approved")
    tokens = [verifier.notice(resident.process, jti=str(number % 3)) for number in range(5)]
    found = at_once([partial(tell, token) for token in tokens])
    assert set(found) == {202}
    assert Verification.objects.count() == 1 and Inspection.objects.get().state == "approved"
