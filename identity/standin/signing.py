"""What the stand-in needs for signatures: an authority with a revocation list, certificates of cards, transactions."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jose import jwe

from identity.standin.cards import Card

FACTS = "1.2.392.200149.8.5.5"
ERA = "4"  # 平成; the relying party reads the date alone
DAY = timedelta(days=1)


@dataclass(slots=True)
class Transaction:
    """digest: SHA-256 of what is signed; signed_by: the card that did."""

    digest: bytes
    signed_by: Card | None = None


def new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name_of(text: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)]
    )


@dataclass
class Authority:
    """One certification authority."""

    name: str = "Practice JPKI for digital signature"
    key: rsa.RSAPrivateKey = field(default_factory=new_rsa_key)
    certificates: dict[str, tuple[rsa.RSAPrivateKey, x509.Certificate]] = field(default_factory=dict)
    revoked: set[int] = field(default_factory=set)

    @cached_property
    def certificate(self) -> x509.Certificate:
        now = datetime.now(UTC)
        subject = name_of(self.name)
        made = x509.CertificateBuilder(subject, subject, self.key.public_key(), 1, now - DAY, now + 3650 * DAY)
        ca = x509.BasicConstraints(ca=True, path_length=0)
        return made.add_extension(ca, critical=True).sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def of(self, card: Card) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
        """The card's key and certificate, made when it signs first."""
        if card.code not in self.certificates:
            key = new_rsa_key()
            self.certificates[card.code] = key, self.issue(card, key)
            if card.is_revoked:
                self.revoked.add(self.certificates[card.code][1].serial_number)
        return self.certificates[card.code]

    def issue(self, card: Card, key: rsa.RSAPrivateKey, *, signs: bool = True) -> x509.Certificate:
        """signs: for signatures, as 署名用電子証明書 is."""
        now = datetime.now(UTC)
        begin, end = (now - 1800 * DAY, now - DAY) if card.is_ended else (now - DAY, now + 1800 * DAY)
        serial = x509.random_serial_number()
        subject = name_of(f"holder {serial}")
        usage = x509.KeyUsage(True, signs, False, False, False, False, False, False, False)
        made = x509.CertificateBuilder(name_of(self.name), subject, key.public_key(), serial, begin, end)
        made = made.add_extension(usage, critical=True).add_extension(self._facts(card), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def _facts(self, card: Card) -> x509.SubjectAlternativeName:
        birthdate = ERA + card.birthdate.replace("-", "")
        texts = (card.name, card.marks, card.gender, birthdate, card.address, "0")
        return x509.SubjectAlternativeName(
            x509.OtherName(x509.ObjectIdentifier(f"{FACTS}.{number}"), asn1.encode_der(text))
            for number, text in enumerate(texts, start=1)
        )

    def crl(self) -> bytes:
        """DER."""
        now = datetime.now(UTC)
        made = x509.CertificateRevocationListBuilder(name_of(self.name), now - DAY, now + DAY)
        for serial in self.revoked:
            made = made.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, now - DAY).build())
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def new_transaction() -> str:
    return str(uuid.uuid4())


def signed(authority: Authority, transaction: Transaction) -> dict[str, str]:
    """What the card gives: its signature of the digest, and its certificate."""
    assert transaction.signed_by is not None
    key, certificate = authority.of(transaction.signed_by)
    signature = key.sign(transaction.digest, PKCS1v15(), Prehashed(hashes.SHA256()))
    texts = {"signature": signature, "certificate": certificate.public_bytes(Encoding.DER)}
    return {name: base64.b64encode(text).decode() for name, text in texts.items()}


def encrypted(said: dict[str, str], relying_key: str) -> str:
    """To the one who asked. relying_key: public, PEM."""
    token = jwe.encrypt(json.dumps(said), relying_key, encryption="A256GCM", algorithm="RSA-OAEP-256")
    return token.decode() if isinstance(token, bytes) else str(token)
