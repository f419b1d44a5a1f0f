"""What somebody may try: every one of it is refused in Japanese, keeps what was typed, and tells the log nothing."""

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.test import Client
from jose import jwk, jwt
from pytest_django import Settings

from applications.services import fix_answers, keep_answers
from formbuilder.models import FormPage
from identity.models import Flow, Verification
from identity.problems import Problem
from identity.standin.keys import new_key, public
from identity.standin.provider import StandIn
from tests.applications.residents import leads_to, text_of
from tests.identity.people import CardHolder, problem_of
from tests.support.cast import key_of

Change = Callable[[dict[str, Any]], Mapping[str, Any]]


def with_token(standin: StandIn, monkeypatch: pytest.MonkeyPatch, make: Callable[[Any, str], str]) -> None:
    monkeypatch.setattr(standin, "id_token", make)


def signed_by(key: Mapping[str, Any], claims: Mapping[str, Any], access: str, **headers: str) -> str:
    return jwt.encode(dict(claims), dict(key), "ES256", {"kid": key["kid"], **headers}, access_token=access)


CHANGES: dict[str, Change] = {
    "another issuer": lambda claims: {"iss": "https://elsewhere.example"},
    "no issuer": lambda claims: {"iss": None},
    "another audience": lambda claims: {"aud": "somebody-else"},
    "no audience": lambda claims: {"aud": None},
    "two audiences without azp": lambda claims: {"aud": [claims["aud"], "somebody-else"]},
    "azp of somebody else": lambda claims: {"azp": "somebody-else"},
    "another nonce": lambda claims: {"nonce": "x" * 43},
    "no nonce": lambda claims: {"nonce": None},
    "a nonce that is no text": lambda claims: {"nonce": ["x"]},
    "expired": lambda claims: {"exp": int(time.time()) - 120},
    "no end": lambda claims: {"exp": None},
    "not valid yet": lambda claims: {"nbf": int(time.time()) + 600},
    "issued in the future": lambda claims: {"iat": int(time.time()) + 600},
    "issued long ago": lambda claims: {"iat": int(time.time()) - 3600},
    "issued never": lambda claims: {"iat": None},
    "issued at infinity": lambda claims: {"iat": float("inf")},
    "ends at infinity": lambda claims: {"exp": float("inf")},
    "ends at no number": lambda claims: {"exp": float("nan")},
    "nobody": lambda claims: {"sub": ""},
    "a subject that is no text": lambda claims: {"sub": 7},
    "an endless subject": lambda claims: {"sub": "x" * 10_000},
    "another access token": lambda claims: {"at_hash": "x" * 22},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_token_that_says_something_else_is_refused(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    def forged(claims: dict[str, Any], access: str) -> str:
        told = {**claims, **change(claims)}
        told = {name: value for name, value in told.items() if value is not None}
        key = hanako.standin.keys[0]
        return jwt.encode(told, key, "ES256", {"kid": key["kid"]})

    with_token(hanako.standin, monkeypatch, forged)
    assert problem_of(hanako.proves()) == Problem.REFUSED
    assert hanako.proof is None


def test_a_token_signed_with_the_public_key_as_a_password_is_refused(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap of python-jose: without a fixed algorithm it takes the DER bytes of the key for a password."""
    key = hanako.standin.keys[0]
    der = jwk.construct(public(key), "ES256").to_pem().decode().replace("\n", "")
    for password in (json.dumps(public(key)), der, key["x"]):

        def forged(claims: dict[str, Any], access: str, password: str = password) -> str:
            return jwt.encode(claims, {"kty": "oct", "k": _b64(password)}, "HS256", {"kid": key["kid"]})

        with_token(hanako.standin, monkeypatch, forged)
        assert problem_of(hanako.proves()) == Problem.REFUSED
    assert hanako.proof is None


def _b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "ES384", ""])
def test_a_token_without_the_one_algorithm_is_refused(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    def forged(claims: dict[str, Any], access: str) -> str:
        header = {"alg": algorithm, "typ": "JWT", "kid": hanako.standin.keys[0]["kid"]}
        signature = "" if algorithm.lower() == "none" else "x" * 86
        return f"{_b64(json.dumps(header))}.{_b64(json.dumps(claims))}.{signature}"

    with_token(hanako.standin, monkeypatch, forged)
    assert problem_of(hanako.proves()) == Problem.REFUSED


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "x" * 20_000, "e30.e30.", None, 7, ["x"], "あ.い.う", "\x00"]
)
def test_what_is_no_token_is_refused(hanako: CardHolder, monkeypatch: pytest.MonkeyPatch, token: Any) -> None:
    with_token(hanako.standin, monkeypatch, lambda claims, access: token)
    assert problem_of(hanako.proves()) == Problem.REFUSED


def test_a_key_that_the_provider_does_not_have_is_refused_and_asked_for_once(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, asked = new_key(), list[int]()
    with_token(hanako.standin, monkeypatch, lambda claims, access: signed_by(stranger, claims, access))
    known = hanako.standin.jwks

    def counted() -> dict[str, Any]:
        asked.append(1)
        return known()

    monkeypatch.setattr(hanako.standin, "jwks", counted)
    for _ in range(4):
        assert problem_of(hanako.proves()) == Problem.REFUSED
    assert len(asked) == 1


def test_a_stranger_who_borrows_the_name_of_a_known_key_is_refused(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, kid = new_key(), hanako.standin.keys[0]["kid"]
    with_token(hanako.standin, monkeypatch, lambda claims, access: signed_by(stranger, claims, access, kid=kid))
    assert problem_of(hanako.proves()) == Problem.REFUSED


def test_userinfo_of_somebody_else_is_refused(hanako: CardHolder, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"sub": "ppid-taro", "name": "髙﨑　太郎", "address": "x", "birthdate": "x", "gender": "1"}
    monkeypatch.setattr(hanako.standin, "userinfo", lambda token: answer)
    assert problem_of(hanako.proves()) == Problem.REFUSED
    assert hanako.answers == {}


# --- the way there and back


def test_a_state_is_good_for_one_return(hanako: CardHolder) -> None:
    address = hanako.at_provider(hanako.leaves(), "hanako")
    assert problem_of(hanako.comes_back(address)) == ""
    Verification.objects.all().delete()
    page = hanako.visit(address)
    assert page.status_code == 400
    assert "期限が切れたか、すでに使われています" in text_of(page)
    assert hanako.proof is None


def test_a_state_is_good_for_a_quarter_of_an_hour(hanako: CardHolder) -> None:
    address = hanako.at_provider(hanako.leaves(), "hanako")
    Flow.objects.update(created_at=Flow.objects.get().created_at - timedelta(minutes=16))
    assert hanako.visit(address).status_code == 400
    assert hanako.proof is None


def test_a_code_is_good_once(hanako: CardHolder) -> None:
    """Whoever reads it in a log or a history has nothing: the provider refuses it, in another flow too."""
    used = hanako.at_provider(hanako.leaves(), "hanako")
    hanako.comes_back(used)
    Verification.objects.all().delete()
    fresh = hanako.at_provider(hanako.leaves(), "taro")
    assert problem_of(hanako.comes_back(with_code_of(fresh, used))) == Problem.REFUSED
    assert hanako.proof is None


def with_code_of(address: str, other: str) -> str:
    code = parse_qs(urlsplit(other).query)["code"][0]
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"code": code}
    return parts._replace(query=urlencode(query)).geturl()


def test_the_code_of_somebody_else_is_of_no_use(hanako: CardHolder, form: FormPage) -> None:
    """Code injection: the victim's code, unused, in the attacker's own flow. Only PKCE tells them apart."""
    victim = CardHolder(form, hanako.standin)
    stolen = victim.at_provider(victim.leaves(), "taro")
    own = hanako.at_provider(hanako.leaves(), "hanako")
    assert problem_of(hanako.comes_back(with_code_of(own, stolen))) == Problem.REFUSED
    assert hanako.proof is None


def test_two_residents_browsers_cannot_be_mixed(hanako: CardHolder, form: FormPage) -> None:
    """The attacker's own proof, sent to the victim as a link, does not become the victim's; and the other way round."""
    victim = CardHolder(form, hanako.standin)
    victim.leaves()
    link = hanako.at_provider(hanako.leaves(), "hanako")
    assert problem_of(victim.comes_back(link)) == Problem.BROWSER
    assert victim.proof is None
    assert problem_of(hanako.comes_back(link)) == ""  # it did not use up the flow of whom it belongs to


def test_the_link_is_of_no_use_in_a_browser_without_a_draft(hanako: CardHolder, form: FormPage) -> None:
    link = hanako.at_provider(hanako.leaves(), "hanako")
    assert problem_of(CardHolder(form, hanako.standin).comes_back(link)) == Problem.BROWSER


def test_the_key_of_the_draft_alone_is_not_the_browser_that_left(hanako: CardHolder, form: FormPage) -> None:
    link = hanako.at_provider(hanako.leaves(), "hanako")
    other = CardHolder(form, hanako.standin)
    other.client.cookies[f"mg-{form.code}"] = hanako.key
    for binding in ("", "x" * 43, "x" * 10_000, "%00"):
        other.client.cookies["mg-identity"] = binding
        assert problem_of(other.comes_back(link)) == Problem.BROWSER


def test_an_older_flow_ends_when_a_newer_begins(hanako: CardHolder) -> None:
    first = hanako.at_provider(hanako.leaves(), "taro")
    second = hanako.at_provider(hanako.leaves(), "hanako")
    assert hanako.visit(first).status_code == 400
    assert problem_of(hanako.comes_back(second)) == ""


@pytest.mark.parametrize("missing", ["code_challenge", "code_challenge_method", "state", "nonce"])
def test_the_provider_takes_no_request_without_its_protections(hanako: CardHolder, missing: str) -> None:
    """PKCE cannot be left out on the way: the answer is an error, and no code."""
    parts = urlsplit(hanako.leaves())
    query = {name: values[0] for name, values in parse_qs(parts.query).items() if name != missing}
    answer = requests.get(parts._replace(query=urlencode(query)).geturl(), allow_redirects=False, timeout=5)
    assert answer.status_code == 303 and "error=invalid_request" in answer.headers["Location"]


def test_a_plain_challenge_is_refused(hanako: CardHolder) -> None:
    address = hanako.leaves().replace("code_challenge_method=S256", "code_challenge_method=plain")
    answer = requests.get(address, allow_redirects=False, timeout=5)
    assert "error=invalid_request" in answer.headers["Location"]


def test_another_issuer_in_the_answer_is_refused(hanako: CardHolder) -> None:
    """Mix-up: the answer says which provider it is from."""
    address = hanako.at_provider(hanako.leaves(), "hanako")
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {"iss": "https://elsewhere.example"}
    assert problem_of(hanako.comes_back(parts._replace(query=urlencode(query)).geturl())) == Problem.REFUSED


@pytest.mark.parametrize(
    "extra",
    [
        {"next": "https://evil.example/"},
        {"redirect_uri": "https://evil.example/"},
        {"code": "https://evil.example/"},
        {"iss": "//evil.example"},
    ],
)
def test_nobody_is_led_elsewhere(hanako: CardHolder, extra: dict[str, str]) -> None:
    state = parse_qs(urlsplit(hanako.leaves()).query)["state"][0]
    first = hanako.client.get("/identity/callback/", {"state": state, "code": "x", **extra})
    assert first.headers["Location"].startswith("/apply/juminhyo/identity/return/?")
    second = hanako.client.get(first.headers["Location"])
    assert second.headers["Location"].startswith("/apply/juminhyo/identity/?problem=")


HOSTILE = ["", "\x00", "😀" * 300, "x" * 100_000, "%00", "'; DROP TABLE", "\udcff", "あ", "../../admin", "<script>"]


@pytest.mark.parametrize("name", ["state", "code", "error", "iss", "session_state"])
def test_hostile_parameters_are_refused_politely(hanako: CardHolder, name: str) -> None:
    for text in HOSTILE:
        try_parameter(hanako, name, text)
    assert hanako.proof is None


def try_parameter(hanako: CardHolder, name: str, text: str) -> None:
    state = parse_qs(urlsplit(hanako.leaves()).query)["state"][0]
    query = urlencode({"state": state, "code": "x", name: text}, errors="surrogatepass")
    response = hanako.client.get(f"/identity/callback/?{query}")
    if response.status_code == 302:
        response = hanako.client.get(response.headers["Location"])
    assert response.status_code in (302, 400)
    assert "<script>" not in response.content.decode()
    assert hanako.client.get(f"/apply/juminhyo/identity/return/?{query}").status_code in (302, 400)
    problem = urlencode({"problem": text}, errors="replace")
    assert hanako.client.get(f"/apply/juminhyo/identity/?{problem}").status_code == 200


@pytest.mark.parametrize("twice", ["state", "code", "iss", "error"])
def test_a_parameter_that_comes_twice_is_refused(hanako: CardHolder, twice: str) -> None:
    address = hanako.at_provider(hanako.leaves(), "hanako")
    response = hanako.visit(f"{address}&{twice}=x&{twice}=y")
    assert response.status_code == 400


def test_what_is_refused_is_logged_without_a_word_about_the_person(
    hanako: CardHolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="identity")
    seen: list[str] = []

    def forged(claims: dict[str, Any], access: str) -> str:
        seen.extend([access, claims["sub"], claims["nonce"]])
        return "a.b.c"

    with_token(hanako.standin, monkeypatch, forged)
    address = hanako.at_provider(hanako.leaves(), "hanako")
    hanako.comes_back(address)
    said = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("identity"))
    assert "juminhyo" in said and "refused" in said
    query = parse_qs(urlsplit(address).query)
    for secret in [*seen, query["code"][0], query["state"][0], "見本"]:
        assert secret not in said


# --- what is fixed


def test_no_way_of_keeping_answers_changes_what_is_fixed(hanako: CardHolder) -> None:
    hanako.proves()
    key, before = key_of("氏名"), hanako.answers
    keep_answers(hanako.draft.pk, taken={key: None}, unfinished={})
    keep_answers(hanako.draft.pk, taken={}, unfinished={key: {"family": "偽", "given": "名"}})
    assert hanako.answers == before
    assert hanako.unfinished == {}


def test_what_is_fixed_for_one_reason_stays_when_another_proof_comes(hanako: CardHolder) -> None:
    hanako.proves()
    fix_answers(hanako.draft.pk, {key_of("備考"): "審査済み"}, why="職員が確認済み")
    assert set(hanako.draft.fixed) == {key_of(name) for name in ("氏名", "住所", "生年月日", "性別", "備考")}
    hanako.proves("taro")
    assert hanako.answers["氏名"] == {"family": "髙﨑", "given": "太郎"}
    assert hanako.draft.fixed[key_of("備考")] == "職員が確認済み"


# --- the provider does not answer


def test_keys_that_cannot_be_fetched_are_no_error_page(hanako: CardHolder, settings: Settings) -> None:
    settings.IDENTITY["endpoints"] = {"jwks": "http://127.0.0.1:9/certs"}
    assert problem_of(hanako.proves()) == Problem.UNREACHABLE
    assert "接続できませんでした" in text_of(hanako.client.get("/apply/juminhyo/identity/?problem=unreachable"))


def test_a_provider_that_is_away_begins_nothing(form: FormPage, settings: Settings, client_key: dict[str, Any]) -> None:
    settings.IDENTITY = {
        "issuer": "http://127.0.0.1:9/x",
        "client_id": "x",
        "client_key": json.dumps(client_key),
        "acr_values": "",
        "endpoints": {},
    }
    response = Client().post("/apply/juminhyo/identity/")
    assert problem_of(response) == Problem.UNREACHABLE
    assert not Flow.objects.exists()


def test_without_a_provider_the_page_says_so_and_nobody_passes(form: FormPage) -> None:
    client = Client()
    page = client.get("/apply/juminhyo/identity/")
    assert "いまは本人確認ができません" in text_of(page) and "本人確認を始める" not in text_of(page)
    assert client.post("/apply/juminhyo/identity/").status_code == 503
    assert leads_to(client.get("/apply/juminhyo/1/")) == "identity"
