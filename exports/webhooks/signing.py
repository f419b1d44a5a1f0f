"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, moment and body, one for each valid secret."""

import base64
import hashlib
import hmac
import os

from django.utils import timezone

from applications.vault import open_sealed, seal
from exports.webhooks.models import Endpoint

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(os.urandom(BYTES)).decode()


def sealed(secret: str, endpoint: Endpoint) -> dict[str, str]:
    return seal(secret, endpoint.public_id, "webhook")


def secrets_of(endpoint: Endpoint) -> list[str]:
    """The newest first; the one before as long as it is good. Raises VaultError."""
    kept = [endpoint.secret]
    if endpoint.old_until is not None and endpoint.old_until > timezone.now():
        kept.append(endpoint.old_secret)
    return [open_sealed(each, endpoint.public_id, "webhook") for each in kept]


def signature(secret: str, message_id: str, moment: int, body: bytes) -> str:
    """moment: seconds since 1970."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"
