"""What the operator sets, what the self-check says of it, and what the stand-in demands of its client."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from jose import jwt
from pytest_django import Settings

from identity import client, provider
from identity.config import Misconfigured, configured, is_safe
from identity.problems import Problem, Refused
from identity.provider import ASSERTION, Secrets
from identity.signature.config import signing
from identity.standin.keys import new_key
from identity.standin.provider import StandIn, Wrong
from tests.applications.residents import text_of
from tests.identity.people import CardHolder
from tests.support.cast import Cast


def page_of(user: Any, method: str = "get") -> str:
    browser = Client()
    browser.force_login(user)
    answer = getattr(browser, method)("/admin/identity/")
    assert answer.status_code == 200
    return text_of(answer)


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


# --- settings


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": ""}, "MADOGUCHI_IDENTITY_ISSUER がありません"),
        ({"client_id": ""}, "MADOGUCHI_IDENTITY_CLIENT_ID がありません"),
        ({"client_key": ""}, "MADOGUCHI_IDENTITY_CLIENT_KEY がありません"),
        ({"client_key": "not a key"}, "MADOGUCHI_IDENTITY_CLIENT_KEY を読めません"),
        ({"client_key": "{"}, "MADOGUCHI_IDENTITY_CLIENT_KEY を読めません"),
        ({"client_key": '{"kty": "EC", "crv": "P-256"}'}, "MADOGUCHI_IDENTITY_CLIENT_KEY を読めません"),
        ({"client_key": '{"kty": "oct", "k": "YWJj"}'}, "MADOGUCHI_IDENTITY_CLIENT_KEY を読めません"),
        ({"issuer": "http://op.example"}, "https:// で始まる"),
        ({"endpoints": {"token": "http://op.example/token"}}, "MADOGUCHI_IDENTITY_TOKEN は https://"),
    ],
)
def test_half_a_configuration_is_named_and_nobody_is_sent_anywhere(
    cast: Cast, standin: StandIn, settings: Settings, change: dict[str, Any], why: str
) -> None:
    settings.IDENTITY = {**settings.IDENTITY, **change}
    with pytest.raises(Misconfigured, match=why):
        configured()
    assert why in page_of(cast.admin)


def test_a_key_may_be_pem_but_only_of_the_right_curve(standin: StandIn, settings: Settings) -> None:
    settings.IDENTITY["client_key"] = pem(ec.generate_private_key(ec.SECP256R1()))
    config = configured()
    assert config is not None and len(config.public_key["kid"]) == 43 and "d" not in config.public_key
    for wrong in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        settings.IDENTITY["client_key"] = pem(wrong)
        with pytest.raises(Misconfigured):
            configured()


@pytest.mark.parametrize(
    "url", ["", None, 7, "ftp://op.example", "http://op.example", "https://", "https://[", "javascript:alert(1)"]
)
def test_only_https_is_called(url: Any) -> None:
    assert not is_safe(url)
    with pytest.raises(Refused):
        client.get(url)


# --- the self-check


def test_the_self_check_is_the_administrators(cast: Cast) -> None:
    for user in (cast.officer, cast.publisher, cast.auditor):
        browser = Client()
        browser.force_login(user)
        assert browser.get("/admin/identity/").status_code == 302  # back to where they may be
        assert "本人確認の点検" not in browser.get("/admin/").content.decode()


def test_looking_at_the_self_check_calls_nobody(cast: Cast, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_ask", lambda *args, **options: pytest.fail("called out"))
    text = page_of(cast.admin)
    assert standin.issuer in text and "/identity/callback/" in text
    key = configured()
    assert key is not None and key.public_key["kid"] in text and key.client_key["d"] not in text


def test_the_self_check_says_what_answers_and_which_keys_there_are(cast: Cast, standin: StandIn) -> None:
    text = page_of(cast.admin, "post")
    assert "1個: " + standin.keys[0]["kid"] in text and "異常" not in text


def test_the_self_check_says_what_does_not_answer(cast: Cast, standin: StandIn, settings: Settings) -> None:
    settings.IDENTITY["endpoints"] = {"jwks": f"{standin.issuer}/nowhere"}
    assert "公開鍵の取得 異常 できません（provider said 404）" in page_of(cast.admin, "post")
    settings.IDENTITY["endpoints"] = {"jwks": "http://127.0.0.1:9/"}
    assert "できません（ConnectionError）" in page_of(cast.admin, "post")
    settings.IDENTITY = {**settings.IDENTITY, "issuer": "http://127.0.0.1:9", "endpoints": {}}
    assert "発行者への問い合わせ 異常" in page_of(cast.admin, "post")


def test_the_self_check_looks_at_the_authority_and_its_list_too(
    cast: Cast, standin: StandIn, settings: Settings
) -> None:
    text = page_of(cast.admin, "post")
    assert "Practice JPKI for digital signature" in text and "失効リスト 良好" in text
    settings.SIGNATURE = {**settings.SIGNATURE, "crl": "/nowhere"}
    assert "失効リスト 異常 できません（revocation list FileNotFoundError）" in page_of(cast.admin, "post")
    settings.SIGNATURE = dict.fromkeys(settings.SIGNATURE, "")
    assert "電子署名のある手続は始められません" in page_of(cast.admin, "post")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("anchors", ""),
        ("anchors", "x"),
        ("crl", ""),
        ("crl", "http://elsewhere.example/list"),
        ("key", ""),
        ("key", "-----BEGIN"),
        ("api", "http://elsewhere.example/api"),
    ],
)
def test_what_is_wrong_with_the_signature_is_named(
    cast: Cast, standin: StandIn, settings: Settings, setting: str, value: str
) -> None:
    settings.SIGNATURE = {**settings.SIGNATURE, setting: value}
    assert f"MADOGUCHI_SIGNATURE_{setting.upper()}" in page_of(cast.admin, "post")
    with pytest.raises(Misconfigured):
        signing()


def test_a_list_that_is_old_is_said_to_be(cast: Cast, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=9)):
        old = standin.authority.crl()
    monkeypatch.setattr(standin.authority, "crl", lambda: old)
    assert "失効リスト 異常 古くなっています" in page_of(cast.admin, "post")


def test_the_self_check_misses_keys_that_can_be_used(
    cast: Cast, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [{"kty": "RSA", "kid": "x"}, {"kty": "EC", "crv": "P-384", "kid": "y"}, "z", {"kty": "EC", "crv": "P-256"}]
    monkeypatch.setattr(standin, "jwks", lambda: {"keys": keys})
    assert "使える鍵がありません" in page_of(cast.admin, "post")


def test_without_settings_the_self_check_says_where_to_read(cast: Cast) -> None:
    assert "設定されていません" in page_of(cast.admin)


# --- discovery and answers that are none


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "https://elsewhere.example/token"},
        {"jwks_uri": "http://op.example/keys"},
        {"authorization_endpoint": None},
    ],
)
def test_a_discovery_that_leads_elsewhere_is_not_believed(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch, document: Any
) -> None:
    told = standin.discovery() | document if isinstance(document, dict) else document
    monkeypatch.setattr(standin, "discovery", lambda: told)
    config = configured()
    assert config is not None
    with pytest.raises(Refused) as refused:
        provider.endpoints(config)
    assert refused.value.problem == Problem.UNREACHABLE


def test_an_endless_answer_is_given_up(standin: StandIn, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    monkeypatch.setattr(standin, "jwks", lambda: {"keys": ["x" * 10_000]})
    with pytest.raises(Refused, match="too long"):
        provider.fetch_keys(standin.place("certs"))


@pytest.mark.parametrize("answer", [[], {}, {"access_token": 7}, {"access_token": "a\nb", "id_token": "x"}])
def test_a_token_answer_that_is_none_is_refused(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(hanako.standin, "exchange", lambda given: answer)
    hanako.proves()
    assert hanako.proof is None


# --- the stand-in is as strict as the real one


def assertion(standin: StandIn, key: Mapping[str, Any], **change: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": standin.client_id,
        "sub": standin.client_id,
        "aud": standin.place("token"),
        "jti": "once",
        "iat": now,
        "exp": now + 60,
    }
    told = {name: value for name, value in {**claims, **change}.items() if value is not None}
    return jwt.encode(told, dict(key), "ES256", {"kid": standin.client_key["kid"]})


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "x"},
        {"sub": "x"},
        {"aud": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": int(time.time()) + 86_400},
        {"jti": None},
    ],
    ids=["iss", "sub", "aud", "long ago", "far too long", "jti"],  # the same in every process
)
def test_the_stand_in_refuses_a_client_that_is_not_the_one(
    standin: StandIn, client_key: dict[str, Any], change: dict[str, Any]
) -> None:
    given = {"client_id": standin.client_id, "client_assertion_type": ASSERTION, "code": "x"}
    with pytest.raises(Wrong) as wrong:
        standin.exchange({**given, "client_assertion": assertion(standin, client_key, **change)})
    assert wrong.value.error == "invalid_client"


def test_the_stand_in_refuses_a_strangers_signature_and_a_repeated_one(
    standin: StandIn, client_key: dict[str, Any]
) -> None:
    given = {"client_id": standin.client_id, "client_assertion_type": ASSERTION, "grant_type": "authorization_code"}
    for token, error in [
        (assertion(standin, new_key()), "invalid_client"),
        (assertion(standin, client_key), "invalid_grant"),  # the client is taken, its code is not
        (assertion(standin, client_key), "invalid_client"),
        ("", "invalid_client"),
    ]:
        with pytest.raises(Wrong) as wrong:
            standin.exchange({**given, "client_assertion": token})
        assert wrong.value.error == error


def test_a_wrong_verifier_or_address_gets_nothing(hanako: CardHolder, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured()
    assert config is not None
    for verifier in ("", "x" * 43):
        code = hanako.at_provider(hanako.leaves()).partition("code=")[2].partition("&")[0]
        with pytest.raises(Refused):
            provider.exchange(config, code, Secrets(verifier, "x"))
        cache.clear()
