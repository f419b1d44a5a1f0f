"""OpenID Connect with マイナアプリ (デジタル認証アプリ): authorization code, PKCE S256, private_key_jwt, ES256."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache

from identity import client, tokens
from identity.config import NAMES, Config, is_safe, origin_of
from identity.problems import Problem, Refused

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = 120  # seconds; the provider takes at most five minutes
KEPT = 3600  # seconds that discovery and keys are believed
REFETCH_AFTER = 30  # seconds: an unknown `kid` makes us ask again, but not more often than this


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one flow is bound by. All of it follows from the binding in the browser's cookie (flows.py)."""

    verifier: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What the provider said. claims: raw, as received; aal: reached, by the token's own word."""

    subject: str
    claims: Mapping[str, Any]
    aal: int


def endpoints(config: Config) -> dict[str, str]:
    """Addresses of the provider: from the settings, the rest by discovery. Raises Refused."""
    missing = [name for name in NAMES if name not in config.endpoints]
    return {**_discovered(config, missing), **config.endpoints} if missing else dict(config.endpoints)


def _discovered(config: Config, missing: Iterable[str]) -> dict[str, str]:
    key = _cache_key("discovery", config.issuer)
    found: dict[str, str] | None = cache.get(key)
    if found is None:
        document = client.get_json(f"{config.issuer}/.well-known/openid-configuration")
        if not isinstance(document, dict) or document.get("issuer") != config.issuer:
            raise Refused(Problem.UNREACHABLE, "discovery issuer")
        found = {name: document.get("jwks_uri" if name == "jwks" else f"{name}_endpoint", "") for name in NAMES}
        if not all(is_safe(found[name]) and origin_of(found[name]) == origin_of(config.issuer) for name in missing):
            raise Refused(Problem.UNREACHABLE, "discovery endpoints")
        cache.set(key, found, KEPT)
    return found


def authorization_url(config: Config, *, state: str, bound: Secrets, scopes: Iterable[str], **others: str) -> str:
    """Where the resident goes. others: further parameters. Raises Refused."""
    challenge = urlsafe_b64encode(hashlib.sha256(bound.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "scope": " ".join(["openid", *scopes]),
        "client_id": config.client_id,
        "redirect_uri": config.redirect_uri,
        "state": state,
        "nonce": bound.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **others,
    }
    if config.acr_values:
        asked["acr_values"] = config.acr_values
    return f"{endpoints(config)['authorization']}?{urlencode(asked)}"


def exchange(config: Config, code: str, bound: Secrets) -> Proof:
    """The proof behind a code. Raises Refused."""
    access, claims = take_code(config, code, bound)
    return Proof(claims["sub"], userinfo(config, access, claims["sub"]), _aal(claims.get("acr")))


def userinfo(config: Config, access: str, subject: str, *, is_signed: bool = False) -> dict[str, Any]:
    """What the provider says of this subject. is_signed: it has to be a token. Raises Refused."""
    places = endpoints(config)
    kind, body = client.get(places["userinfo"], bearer=access)
    if kind.partition(";")[0].strip() == "application/jwt":
        about = tokens.signed_userinfo(
            body.decode("ascii", "replace"),
            key_of=partial(key_of, config),
            issuer=config.issuer,
            audience=config.client_id,
        )
    elif is_signed:
        raise Refused(Problem.REFUSED, "userinfo without signature")
    else:
        about = client.json_of(body)
    if not isinstance(about, dict) or about.get("sub") != subject:
        raise Refused(Problem.REFUSED, "userinfo of somebody else")
    return about


def take_code(config: Config, code: str, bound: Secrets) -> tuple[str, dict[str, Any]]:
    """The access token behind a code, and what the ID token says. Raises Refused."""
    places = endpoints(config)
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": config.redirect_uri,
        "code_verifier": bound.verifier,
    }
    access, answer = _token(config, places["token"], given)
    claims = tokens.verified(
        answer.get("id_token"),
        key_of=partial(key_of, config),
        issuer=config.issuer,
        audience=config.client_id,
        nonce=bound.nonce,
        access_token=access,
    )
    return access, claims


def token_of_our_own(config: Config) -> str:
    """An access token for what no resident has to agree to (client credentials). Raises Refused."""
    return _token(config, endpoints(config)["token"], {"grant_type": "client_credentials"})[0]


def _token(config: Config, address: str, given: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The access token and the whole answer. Raises Refused."""
    about = {
        "client_id": config.client_id,
        "client_assertion_type": ASSERTION,
        "client_assertion": _assertion(config, address),
    }
    answer = client.post_form(address, {**given, **about})
    access = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise Refused(Problem.REFUSED, "no access token")
    return access, answer


def _assertion(config: Config, audience: str) -> str:
    now = int(time.time())
    about = {"iss": config.client_id, "sub": config.client_id, "aud": audience, "jti": secrets.token_urlsafe(24)}
    return tokens.signed({**about, "iat": now, "exp": now + ASSERTION_LIFE}, config.client_key)


def _aal(acr: Any) -> int:
    """The level that the token states; 1 when it states none, so that nobody is taken for more than was proved."""
    said = acr.split() if isinstance(acr, str) else acr if isinstance(acr, list) else []
    return max((level for level in (2, 3) if f"aal{level}" in said), default=1)


def key_of(config: Config, kid: str) -> Mapping[str, Any]:
    """The provider's key of that id. An unknown one may be new: asked for again once, and not at every guess."""
    address = endpoints(config)["jwks"]
    key = _cache_key("jwks", address)
    kept: tuple[float, dict[str, Any]] | None = cache.get(key)
    if kept is None or (kid not in kept[1] and time.time() - kept[0] > REFETCH_AFTER):
        kept = time.time(), fetch_keys(address)
        cache.set(key, kept, KEPT)
    if kid not in kept[1]:
        raise Refused(Problem.REFUSED, "unknown key")
    found: Mapping[str, Any] = kept[1][kid]
    return found


def fetch_keys(address: str) -> dict[str, dict[str, Any]]:
    """The provider's signing keys now, by `kid`. Raises Refused."""
    document = client.get_json(address)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise Refused(Problem.UNREACHABLE, "no keys")
    return {key["kid"]: key for key in keys if _is_signing_key(key)}


def _is_signing_key(key: Any) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == "EC"
        and key.get("crv") == "P-256"
        and key.get("use", "sig") == "sig"
        and key.get("alg", tokens.ALGORITHM) == tokens.ALGORITHM
        and isinstance(key.get("kid"), str)
    )


def _cache_key(what: str, address: str) -> str:
    return f"identity.{what}.{hashlib.sha256(address.encode()).hexdigest()}"
