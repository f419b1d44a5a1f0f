"""The name of a key that has none (RFC 7638)."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any


def thumbprint(key: Mapping[str, Any]) -> str:
    """Of an EC key as JWK."""
    members = {name: str(key[name]) for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
