"""署名用電子証明書: whether to believe it, whether it signed this, and what it says about its holder.

The names and the places of the four facts are those of the profile of 公的個人認証サービス (J-LIS).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import CRLDistributionPoints, ExtensionNotFound, IssuingDistributionPoint, ObjectIdentifier
from cryptography.x509.oid import SignatureAlgorithmOID

from identity.problems import Problem, Refused
from identity.signature.config import LEAST_BITS
from identity.signature.sealed import Signed

SKEW = timedelta(minutes=5)  # by which two clocks may differ
FACTS = "1.2.392.200149.8.5.5"
PLACES = {"name": f"{FACTS}.1", "gender": f"{FACTS}.3", "birthdate": f"{FACTS}.4", "address": f"{FACTS}.5"}
SUBSTITUTED = {"name": f"{FACTS}.2", "address": f"{FACTS}.6"}
ALGORITHMS = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)
ERA_DATE = re.compile("[0-9]([0-9]{8})")  # the era's digit, then the date as it is written elsewhere


@dataclass(frozen=True, slots=True)
class Signer:
    """facts: name of a claim -> text; substituted: claims with 代替文字 -> a mark for each character, "0" where it is
    its own; serial: issuer and number.
    """

    facts: Mapping[str, str]
    substituted: Mapping[str, str]
    serial: str


def signer_of(
    signed: Signed,
    digest: bytes,
    *,
    anchors: Iterable[x509.Certificate],
    revoked: x509.CertificateRevocationList,
    at: datetime,
) -> Signer:
    """Who signed this SHA-256 digest. revoked: the list of the authority. Raises Refused."""
    try:
        leaf = x509.load_der_x509_certificate(signed.certificate)
        anchor = _issuer(leaf, anchors, at)
        _check_usage(leaf)
        _check_signature(leaf, signed.signature, digest)
        _check_list(leaf, anchor, revoked, at)
        return Signer(
            facts={claim: _text(leaf, place) for claim, place in PLACES.items()},
            substituted={claim: marks for claim, place in SUBSTITUTED.items() if (marks := _marks(leaf, place))},
            serial=f"{leaf.issuer.rfc4514_string()}\x00{leaf.serial_number}",
        )
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as problem:
        raise Refused(Problem.REFUSED, f"certificate {type(problem).__name__}") from None


def _issuer(leaf: x509.Certificate, anchors: Iterable[x509.Certificate], at: datetime) -> x509.Certificate:
    for anchor in anchors:
        if anchor.subject == leaf.issuer and _issued(leaf, anchor) and _is_authority(anchor):
            if not _is_valid(anchor, at):
                raise Refused(Problem.REFUSED, "authority out of its period")
            if not _is_valid(leaf, at):
                raise Refused(Problem.ENDED, "certificate out of its period")
            return anchor
    raise Refused(Problem.REFUSED, "unknown authority")


def _issued(leaf: x509.Certificate, anchor: x509.Certificate) -> bool:
    if leaf.signature_algorithm_oid not in ALGORITHMS:
        return False
    try:
        leaf.verify_directly_issued_by(anchor)
    except InvalidSignature:
        return False
    return True


def _is_authority(anchor: x509.Certificate) -> bool:
    try:
        return bool(anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except ExtensionNotFound:
        return False


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc - SKEW <= at <= certificate.not_valid_after_utc


def _check_usage(leaf: x509.Certificate) -> None:
    """That it is the certificate for signatures: the other one of the card says nothing about its holder."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except ExtensionNotFound:
        raise Refused(Problem.REFUSED, "no key usage") from None
    if not (usage.digital_signature and usage.content_commitment):
        raise Refused(Problem.REFUSED, "key usage")


def _check_signature(leaf: x509.Certificate, signature: bytes, digest: bytes) -> None:
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_BITS:
        raise Refused(Problem.REFUSED, "kind of key")
    try:
        key.verify(signature, digest, PKCS1v15(), Prehashed(hashes.SHA256()))
    except InvalidSignature:
        raise Refused(Problem.REFUSED, "signature") from None


def _check_list(
    leaf: x509.Certificate, anchor: x509.Certificate, revoked: x509.CertificateRevocationList, at: datetime
) -> None:
    """Refuses when the list is not of this authority, too old, or does not speak of this certificate at all."""
    key = anchor.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or revoked.signature_algorithm_oid not in ALGORITHMS:
        raise Refused(Problem.UNREACHABLE, "algorithm of the revocation list")
    if revoked.issuer != anchor.subject or not revoked.is_signature_valid(key):
        raise Refused(Problem.UNREACHABLE, "signature of the revocation list")
    if revoked.last_update_utc > at + SKEW or revoked.next_update_utc is None or revoked.next_update_utc < at:
        raise Refused(Problem.UNREACHABLE, "age of the revocation list")
    if not _speaks_of(revoked, leaf):
        raise Refused(Problem.UNREACHABLE, "scope of the revocation list")
    if revoked.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None:
        raise Refused(Problem.REVOKED, "revoked")


def _speaks_of(revoked: x509.CertificateRevocationList, leaf: x509.Certificate) -> bool:
    """A list may be of a part of the certificates only; then the certificate names it."""
    for extension in revoked.extensions:
        if extension.critical and not isinstance(extension.value, IssuingDistributionPoint):
            return False
    try:
        part = revoked.extensions.get_extension_for_class(IssuingDistributionPoint).value
    except ExtensionNotFound:
        return True
    if part.indirect_crl or part.only_contains_ca_certs or part.only_contains_attribute_certs or part.only_some_reasons:
        return False
    if not part.full_name:
        return part.relative_name is None
    try:
        points = leaf.extensions.get_extension_for_class(CRLDistributionPoints).value
    except ExtensionNotFound:
        return False
    return any(set(point.full_name or ()) & set(part.full_name) for point in points)


def _text(leaf: x509.Certificate, place: str) -> str:
    """One of the four facts; "" where the certificate has none."""
    found = [name.value for name in _others(leaf) if name.type_id == ObjectIdentifier(place)]
    if len(found) > 1:
        raise Refused(Problem.REFUSED, "a fact twice")
    text = asn1.decode_der(str, found[0]) if found else ""
    date = ERA_DATE.fullmatch(text) if place == PLACES["birthdate"] else None
    return date[1] if date else text


def _marks(leaf: x509.Certificate, place: str) -> str:
    """Of each character whether it stands for another one, "0" where it does not; "" when none does."""
    marks = _text(leaf, place)
    return marks if marks.strip("0 ") else ""


def _others(leaf: x509.Certificate) -> list[x509.OtherName]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.OtherName)
