"""Keys that live as long as the process."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jose import jwk

from identity.thumbprint import thumbprint


def new_key() -> dict[str, Any]:
    """A private key of P-256 as JWK, with its `kid`."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    made = dict(jwk.construct(pem, "ES256").to_dict())
    return {**made, "kid": thumbprint(made)}


def new_rsa_pair() -> tuple[str, str]:
    """Private and public, as PEM: to open what is encrypted, and to encrypt it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private.decode(), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public(key: dict[str, Any]) -> dict[str, Any]:
    return {name: key[name] for name in ("kty", "crv", "x", "y", "kid")} | {"use": "sig", "alg": "ES256"}
