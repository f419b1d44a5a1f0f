"""What somebody may try with a signature: all of it is refused in Japanese, and keeps what was typed."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.cache import cache
from jose import jwe
from pytest_django import Settings

from formbuilder.models import FormPage
from identity.models import Flow, Signature
from identity.problems import Problem
from identity.standin import provider as standin_provider
from identity.standin.cards import Card
from identity.standin.provider import StandIn
from identity.standin.signing import Authority, Transaction, encrypted, name_of, new_rsa_key
from identity.standin.signing import signed as as_signed
from tests.applications.residents import leads_to, text_of
from tests.identity.people import Signer, make_signed_form, problem_of
from tests.support.cast import Cast

Say = Callable[[Authority, Transaction], dict[str, str]]


@pytest.fixture
def signed_form(cast: Cast) -> FormPage:
    return make_signed_form(cast.children, "name")


@pytest.fixture
def hanako(signed_form: FormPage, standin: StandIn) -> Signer:
    made = Signer(signed_form, standin)
    made.reaches_signature()
    return made


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def of_another_digest(authority: Authority, transaction: Transaction) -> dict[str, str]:
    return as_signed(authority, replace(transaction, digest=b"\x01" * 32))


def by_another_key(authority: Authority, transaction: Transaction) -> dict[str, str]:
    other = Authority(certificates={"hanako": (new_rsa_key(), authority.of(card_of(transaction))[1])})
    return as_signed(other, transaction)


def of_another_authority(authority: Authority, transaction: Transaction) -> dict[str, str]:
    """Of the same name, and with a certificate that looks the same."""
    return as_signed(Authority(), transaction)


def of_the_other_certificate(authority: Authority, transaction: Transaction) -> dict[str, str]:
    """利用者証明用電子証明書: the same card and authority, but it may not sign."""
    card, key = card_of(transaction), new_rsa_key()
    leaf = authority.issue(card, key, signs=False)
    return as_signed(replace(authority, certificates={card.code: (key, leaf)}), transaction)


def by_the_authority_itself(authority: Authority, transaction: Transaction) -> dict[str, str]:
    own = {"hanako": (authority.key, authority.certificate)}
    return as_signed(replace(authority, certificates=own), transaction)


def by_a_certificate_of_a_card(authority: Authority, transaction: Transaction) -> dict[str, str]:
    """A card is no authority: what its key issues is worth nothing."""
    key, leaf = authority.of(card_of(transaction))
    made = Authority()
    made.__dict__ |= {"key": key, "certificate": leaf}
    return as_signed(made, transaction)


def card_of(transaction: Transaction) -> Card:
    assert transaction.signed_by is not None
    return transaction.signed_by


def without_certificate(authority: Authority, transaction: Transaction) -> dict[str, str]:
    return {**as_signed(authority, transaction), "certificate": b64(b"no certificate")}


def without_signature(authority: Authority, transaction: Transaction) -> dict[str, str]:
    return {**as_signed(authority, transaction), "signature": ""}


def of_no_base64(authority: Authority, transaction: Transaction) -> dict[str, str]:
    return {**as_signed(authority, transaction), "signature": "あ"}


def with_an_elliptic_curve(authority: Authority, transaction: Transaction) -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = authority.issue(card_of(transaction), key)  # type: ignore[arg-type]  # another kind of key, on purpose
    signature = key.sign(transaction.digest, ec.ECDSA(hashes.SHA256()))
    return {"signature": b64(signature), "certificate": b64(leaf.public_bytes(Encoding.DER))}


FORGERIES = [
    of_another_digest,
    by_another_key,
    of_another_authority,
    of_the_other_certificate,
    by_the_authority_itself,
    by_a_certificate_of_a_card,
    without_certificate,
    without_signature,
    of_no_base64,
    with_an_elliptic_curve,
]


@pytest.mark.parametrize("forged", FORGERIES, ids=lambda each: each.__name__)
def test_a_forged_signature_is_refused(hanako: Signer, monkeypatch: pytest.MonkeyPatch, forged: Say) -> None:
    monkeypatch.setattr(standin_provider, "signed", forged)
    assert problem_of(hanako.proves()) == Problem.REFUSED
    assert hanako.made is None
    assert leads_to(hanako.get("check")) == "signature"


def test_a_revoked_certificate_is_refused_and_the_resident_told_where_to_go(hanako: Signer) -> None:
    assert problem_of(hanako.proves("revoked")) == Problem.REVOKED
    assert "新しい署名用電子証明書の発行" in text_of(hanako.client.get("/apply/juminhyo/signature/?problem=revoked"))
    assert hanako.made is None


def test_a_certificate_out_of_its_period_is_refused(hanako: Signer) -> None:
    assert problem_of(hanako.proves("ended")) == Problem.ENDED


# --- the revocation list


def crl(authority: Authority, key: Any = None, **others: Any) -> bytes:
    now = datetime.now(UTC)
    made = x509.CertificateRevocationListBuilder(
        name_of(others.get("name", authority.name)),
        others.get("last", now - timedelta(hours=1)),
        others.get("next", now + timedelta(hours=1)),
    )
    if part := others.get("part"):
        made = made.add_extension(part, critical=True)
    return made.sign(key or authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def days(number: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=number)


def points_at(address: str) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        [x509.UniformResourceIdentifier(address)], None, False, False, None, False, False
    )


LISTS: dict[str, Callable[[Authority], bytes]] = {
    "too old": lambda its: crl(its, last=days(-9), next=days(-1)),
    "of tomorrow": lambda its: crl(its, last=days(1), next=days(2)),
    "of another authority": lambda its: crl(its, name="Somebody else"),
    "signed by somebody else": lambda its: crl(its, new_rsa_key()),
    "of a part it is not in": lambda its: crl(its, part=points_at("http://127.0.0.1/part")),
    "no list": lambda its: b"<html>",
    "empty": lambda its: b"",
}


@pytest.mark.parametrize("made", LISTS.values(), ids=LISTS.keys())
def test_without_a_good_revocation_list_nobody_is_believed(
    hanako: Signer, standin: StandIn, settings: Settings, tmp_path: Path, made: Callable[[Authority], bytes]
) -> None:
    place = tmp_path / "list.crl"
    place.write_bytes(made(standin.authority))
    settings.SIGNATURE = {**settings.SIGNATURE, "crl": str(place)}
    assert problem_of(hanako.proves()) == Problem.UNREACHABLE
    assert "有効なことを確かめられませんでした" in text_of(
        hanako.client.get("/apply/juminhyo/signature/?problem=unreachable")
    )
    assert hanako.made is None


@pytest.mark.parametrize("place", ["/nowhere/list.crl", "http://127.0.0.1:9/list.crl"])
def test_a_list_that_cannot_be_had_is_no_error_page(hanako: Signer, settings: Settings, place: str) -> None:
    settings.SIGNATURE = {**settings.SIGNATURE, "crl": place}
    assert problem_of(hanako.proves()) == Problem.UNREACHABLE


def test_a_list_may_be_a_file_in_pem(hanako: Signer, standin: StandIn, settings: Settings, tmp_path: Path) -> None:
    pem = x509.load_der_x509_crl(crl(standin.authority)).public_bytes(Encoding.PEM)
    (tmp_path / "list.pem").write_bytes(pem)
    settings.SIGNATURE = {**settings.SIGNATURE, "crl": str(tmp_path / "list.pem")}
    assert leads_to(hanako.proves()) == "check"


def test_a_list_is_fetched_once_an_hour(hanako: Signer, monkeypatch: pytest.MonkeyPatch, standin: StandIn) -> None:
    hanako.proves()
    monkeypatch.setattr(standin.authority, "crl", lambda: b"away")
    hanako.changes("進学のため")
    assert leads_to(hanako.proves()) == "check"
    cache.clear()
    hanako.changes("旅行のため")
    assert problem_of(hanako.proves()) == Problem.UNREACHABLE


# --- the result


def with_result(standin: StandIn, monkeypatch: pytest.MonkeyPatch, make: Callable[[dict[str, str]], object]) -> None:
    monkeypatch.setattr(standin_provider, "encrypted", lambda said, key: make(said))


RESULTS: dict[str, Callable[[dict[str, str], str], object]] = {
    "not encrypted": lambda said, key: json.dumps(said),
    "nothing": lambda said, key: None,
    "a number": lambda said, key: 7,
    "endless": lambda said, key: "x" * 100_000,
    "no token": lambda said, key: "a.b.c.d.e",
    "another way of encryption": lambda said, key: str(
        jwe.encrypt(json.dumps(said), key, encryption="A128CBC-HS256", algorithm="RSA-OAEP").decode()
    ),
    "zipped": lambda said, key: str(
        jwe.encrypt(json.dumps(said), key, encryption="A256GCM", algorithm="RSA-OAEP-256", zip="DEF").decode()
    ),
    "a list": lambda said, key: jwe.encrypt("[]", key, encryption="A256GCM", algorithm="RSA-OAEP-256").decode(),
    "no JSON": lambda said, key: jwe.encrypt("x", key, encryption="A256GCM", algorithm="RSA-OAEP-256").decode(),
}


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS.keys())
def test_a_result_that_is_not_as_agreed_is_refused(
    hanako: Signer, standin: StandIn, monkeypatch: pytest.MonkeyPatch, make: Callable[[dict[str, str], str], object]
) -> None:
    with_result(standin, monkeypatch, lambda said: make(said, standin.relying_key))
    assert problem_of(hanako.proves()) == Problem.REFUSED


def test_a_result_that_was_touched_is_refused(
    hanako: Signer, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(said: dict[str, str], key: str) -> str:
        parts = encrypted(said, key).split(".")
        parts[3] = ("A" if parts[3][0] != "A" else "B") + parts[3][1:]
        return ".".join(parts)

    monkeypatch.setattr(standin_provider, "encrypted", touched)
    assert problem_of(hanako.proves()) == Problem.REFUSED


# --- the way there and back


def test_the_transaction_of_another_resident_is_of_no_use(hanako: Signer, signed_form: FormPage) -> None:
    """Both are on their way; the attacker signs, and the victim's flow is given that transaction."""
    attacker = Signer(signed_form, hanako.standin)
    attacker.reaches_signature()
    theirs = attacker.at_provider(attacker.leaves(), "taro")
    mine = hanako.at_provider(hanako.leaves())
    of = {flow.application_id: flow for flow in Flow.objects.all()}
    number = of[attacker.draft.pk].transaction
    Flow.objects.filter(application=hanako.draft).update(transaction=number)
    assert problem_of(hanako.comes_back(mine)) == Problem.REFUSED
    assert problem_of(hanako.comes_back(theirs)) == Problem.BROWSER
    assert not Signature.objects.exists()


def test_a_transaction_is_signed_once(hanako: Signer) -> None:
    address = hanako.leaves()
    hanako.at_provider(address)
    again = requests.get(address, allow_redirects=False, timeout=5)
    assert again.status_code == 303 and "error=invalid_request" in again.headers["Location"]


def test_a_proof_of_identity_is_no_signature(hanako: Signer) -> None:
    """The state of one way, brought to the address of the other."""
    address = hanako.at_provider(hanako.leaves())
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    hanako.client.cookies["mg-identity"]["path"] = "/"
    assert hanako.client.get("/apply/juminhyo/identity/return/", query).status_code == 302
    assert hanako.made is None


@pytest.mark.parametrize("problem", ["", "\x00", "once", "level", "<script>", "x" * 10_000])
def test_a_problem_that_is_none_of_ours_is_not_shown(hanako: Signer, problem: str) -> None:
    page = hanako.client.get("/apply/juminhyo/signature/", {"problem": problem})
    assert page.status_code == 200
    assert "署名が済んでいません" not in text_of(page)


def test_who_gives_up_keeps_everything(hanako: Signer) -> None:
    address = hanako.at_provider(hanako.leaves(), action="cancel")
    assert problem_of(hanako.comes_back(address)) == Problem.CANCELLED
    assert hanako.answers["使いみち"] == "就職のため"
    assert leads_to(hanako.proves()) == "check"


def test_a_clock_that_is_off_is_refused(hanako: Signer) -> None:
    assert problem_of(hanako.proves(wish="clock")) == Problem.REFUSED


def test_a_wrong_number_locks_the_card_after_five(hanako: Signer, standin: StandIn) -> None:
    address = hanako.leaves()
    name = requests.get(address, timeout=5).text.partition('name="request" value="')[2].partition('"')[0]
    said = [
        requests.post(
            standin.place("card"), {"request": name, "card": "hanako", "pin": "WRONG1", "action": "read"}, timeout=5
        ).text
        for _ in range(5)
    ]
    assert "あと4回" in said[0] and "ロックされています" in said[-1]


def test_a_provider_that_takes_no_digest_begins_nothing(hanako: Signer, settings: Settings) -> None:
    settings.SIGNATURE = {**settings.SIGNATURE, "api": "http://127.0.0.1:9/api"}
    assert problem_of(hanako.post("signature")) == Problem.UNREACHABLE
    assert not Flow.objects.exists()
