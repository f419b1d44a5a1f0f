"""A member of staff at the door, and the app on the telephone (RFC 6238, written anew)."""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from applications.models import Tally
from staff.models import User
from tests.support.cast import PASSWORD

HOME = "/admin/"


def totp(secret: str, at: float | None = None) -> str:
    counter = int((time.time() if at is None else at) // 30)
    padded = secret + "=" * (-len(secret) % 8)
    digest = hmac.new(base64.b32decode(padded), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def log_in(client: Client, username: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_login"), {"username": username, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def set_up(client: Client) -> str:
    """Turn the second factor on for who is logged in; the secret."""
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200, page["Location"]
    secret: str = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": totp(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    forget_use()
    return secret


def forget_use() -> None:
    """A code is good once; tests cannot wait thirty seconds for the next one."""
    cache.clear()
    Tally.objects.all().delete()


def codes_of(person: User) -> list[str]:
    codes: list[str] = Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()
    return codes
