"""The revocation list of an authority: from the place in the settings, believed for an hour at most."""

import hashlib
from pathlib import Path

from cryptography import x509
from django.core.cache import cache

from identity import client
from identity.problems import Problem, Refused

KEPT = 3600  # seconds
LARGEST = 64 * 1024 * 1024  # bytes: that of a whole country


def revocation_list(place: str) -> x509.CertificateRevocationList:
    """place: an address, or the path of a file, in PEM or DER. Raises Refused: UNREACHABLE."""
    key = f"identity.crl.{hashlib.sha256(place.encode()).hexdigest()}"
    raw: bytes | None = cache.get(key)
    if raw is None:
        raw = _read(place)
        found = _parsed(raw)  # what cannot be read is not kept
        cache.set(key, raw, KEPT)
        return found
    return _parsed(raw)


def _read(place: str) -> bytes:
    if "://" in place:
        return client.get(place, largest=LARGEST)[1]
    try:
        return Path(place).read_bytes()
    except OSError as problem:
        raise Refused(Problem.UNREACHABLE, f"revocation list {type(problem).__name__}") from None


def _parsed(raw: bytes) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(raw) if raw.startswith(b"-----") else x509.load_der_x509_crl(raw)
    except ValueError:
        raise Refused(Problem.UNREACHABLE, "revocation list") from None
