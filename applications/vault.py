"""Seals sensitive answers in the database: AES-256-GCM, bound to the application and the item.

A sealed answer is `{"sealed": "<key id>.<base64 of nonce and ciphertext>"}`; who copies it into another row, or
another item, cannot open it there. Keys: settings.VAULT_KEYS; the first seals, every one of them opens.
"""

import base64
import hashlib
import json
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12  # bytes, what GCM is specified for


class VaultError(Exception):
    """A sealed answer cannot be opened: its key is missing, or it was changed."""


@cache
def _keys(texts: tuple[str, ...]) -> dict[str, AESGCM]:
    found = {}
    for text in texts:
        key = hashlib.sha256(b"madoguchi vault" + text.encode()).digest()
        found[hashlib.sha256(key).hexdigest()[:8]] = AESGCM(key)
    return found


def _context(public_id: str, field_key: str) -> bytes:
    return f"{public_id}/{field_key}".encode()


def seal(answer: Any, public_id: str, field_key: str) -> dict[str, str]:
    """JSON that only `open_sealed` with the same application and item can read."""
    key_id, cipher = next(iter(_keys(tuple(settings.VAULT_KEYS)).items()))
    nonce = os.urandom(NONCE)
    plain = json.dumps(answer, ensure_ascii=False).encode()
    sealed = cipher.encrypt(nonce, plain, _context(public_id, field_key))
    return {"sealed": f"{key_id}.{base64.b64encode(nonce + sealed).decode()}"}


def is_sealed(stored: Any) -> bool:
    return isinstance(stored, dict) and stored.keys() == {"sealed"}


def open_sealed(stored: dict[str, str], public_id: str, field_key: str) -> Any:
    """The answer; raises VaultError."""
    key_id, _, text = stored["sealed"].partition(".")
    cipher = _keys(tuple(settings.VAULT_KEYS)).get(key_id)
    if cipher is None:
        raise VaultError(f"no key {key_id} in VAULT_KEYS")
    try:
        raw = base64.b64decode(text, validate=True)
        return json.loads(cipher.decrypt(raw[:NONCE], raw[NONCE:], _context(public_id, field_key)))
    except (InvalidTag, ValueError) as problem:
        raise VaultError("a sealed answer was changed, or belongs elsewhere") from problem
