"""How the identity provider is reached, from the settings; None of it is asked before somebody needs it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from django.conf import settings
from django.urls import reverse
from jose import jwk
from jose.exceptions import JOSEError

from identity.thumbprint import thumbprint

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NAMES = ("authorization", "token", "userinfo", "jwks")


class Misconfigured(Exception):
    """What the operator has to mend; the message says which setting."""


@dataclass(frozen=True, slots=True)
class Config:
    """client_key: private, as JWK with `kid`; endpoints: those that the settings name."""

    issuer: str
    client_id: str
    client_key: dict[str, Any]
    acr_values: str
    endpoints: dict[str, str]

    @property
    def redirect_uri(self) -> str:
        return f"{settings.BASE_URL}{reverse('identity-callback')}"

    @property
    def origin(self) -> str:
        """Where residents are sent; discovery finds no other place than this."""
        return origin_of(self.endpoints.get("authorization", self.issuer))

    @property
    def public_key(self) -> dict[str, Any]:
        """What is registered with the provider."""
        return {name: self.client_key[name] for name in ("kty", "crv", "x", "y", "kid")} | {
            "use": "sig",
            "alg": "ES256",
        }


def configured() -> Config | None:
    """None when there is no provider. Raises Misconfigured when there is half of one."""
    return config_of(settings.IDENTITY, "MADOGUCHI_IDENTITY")


def config_of(given: Mapping[str, Any], prefix: str) -> Config | None:
    """prefix: of the environment variables, for messages. Raises Misconfigured."""
    if not any(given[name] for name in ("issuer", "client_id", "client_key")):
        return None
    for name in ("issuer", "client_id", "client_key"):
        if not given[name]:
            raise Misconfigured(f"{prefix}_{name.upper()} がありません。")
    endpoints = {name: url for name, url in given["endpoints"].items() if url}
    for name, url in {"ISSUER": given["issuer"], **endpoints}.items():
        if not is_safe(url):
            raise Misconfigured(f"{prefix}_{name.upper()} は https:// で始まるアドレスにしてください。")
    key = _private(given["client_key"], f"{prefix}_CLIENT_KEY")
    return Config(given["issuer"], given["client_id"], key, given["acr_values"], endpoints)


def is_safe(url: object) -> bool:
    """HTTPS; on this machine, as with the stand-in, HTTP too."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _private(text: str, setting: str) -> dict[str, Any]:
    """The private key, given as PEM or as JWK. setting: for the message."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else _from_pem(text)
        if found.get("kty") != "EC" or found.get("crv") != "P-256" or not found.get("d"):
            raise ValueError("not a private key of P-256")
        jwk.construct(found, "ES256")
    except (ValueError, TypeError, AttributeError, JOSEError, UnsupportedAlgorithm) as problem:
        raise Misconfigured(f"{setting} を読めません。P-256の秘密鍵を、PEMかJWKで入れてください。") from problem
    return {**found, "kid": found.get("kid") or thumbprint(found)}


def _from_pem(text: str) -> dict[str, Any]:
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not a key of an elliptic curve")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return dict(jwk.construct(pem, "ES256").to_dict())
