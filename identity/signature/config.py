"""What the signature needs besides the provider, from the settings: whom to believe, and the key that opens results."""

from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from identity.config import Config, Misconfigured, configured, is_safe, origin_of

LEAST_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningConfig:
    """provider: with which residents sign; api: of its sign transactions; anchors: authorities whose certificates are
    believed; crl: address, or path of a file, of their revocation list; key: private RSA key as PEM.
    """

    provider: Config
    api: str
    anchors: tuple[x509.Certificate, ...]
    crl: str
    key: str


def signing() -> SigningConfig | None:
    """None when nobody can sign. Raises Misconfigured when something is missing, or cannot be read."""
    given: dict[str, Any] = settings.SIGNATURE
    needed = ("anchors", "crl", "key")
    if not any(given[name] for name in needed):
        return None
    for name in needed:
        if not given[name]:
            raise Misconfigured(f"MADOGUCHI_SIGNATURE_{name.upper()} がありません。")
    provider = configured()
    if provider is None:
        raise Misconfigured("電子署名には、MADOGUCHI_IDENTITY_ISSUER などの設定も必要です。")
    api = given["api"] or f"{origin_of(provider.issuer)}/api/sign-transactions"
    if not is_safe(api):
        raise Misconfigured("MADOGUCHI_SIGNATURE_API は https:// で始まるアドレスにしてください。")
    if "://" in given["crl"] and not is_safe(given["crl"]):
        raise Misconfigured("MADOGUCHI_SIGNATURE_CRL は https:// で始まるアドレスか、ファイルの場所にしてください。")
    return SigningConfig(provider, api, _anchors(given["anchors"]), given["crl"], _key(given["key"]))


def _anchors(text: str) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(text.encode()))
    except ValueError as problem:
        raise Misconfigured(
            "MADOGUCHI_SIGNATURE_ANCHORS を読めません。認証局の証明書をPEMで入れてください。"
        ) from problem


def _key(text: str) -> str:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise Misconfigured(
            "MADOGUCHI_SIGNATURE_KEY を読めません。2048ビット以上のRSAの秘密鍵を、PEMで入れてください。"
        )
    return text
