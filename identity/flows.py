"""A resident leaves for the provider and comes back: the same browser, the same draft, once, and soon."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from applications.models import Application
from identity.methods import Method
from identity.models import Flow
from identity.provider import Secrets

LIFE = timedelta(minutes=15)
TOKEN = re.compile("[A-Za-z0-9_-]{43}")  # 32 random bytes


class Begun(NamedTuple):
    """state: for the address; binding: for the cookie."""

    state: str
    binding: str
    bound: Secrets


class Taken(NamedTuple):
    """A flow that has ended. transaction, digest: of a signature, else ""."""

    method: str
    transaction: str
    digest: str


def begin(application: Application, method: Method, *, transaction: str = "", digest: str = "") -> Begun:
    """The newest flow of a draft ends those before it. transaction, digest: of a signature."""
    state, binding = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    Flow.objects.update_or_create(
        application=application,
        defaults={
            "method": method.name,
            "state_digest": _digest(state),
            "binding_digest": _digest(binding),
            "transaction": transaction,
            "digest": digest,
            "created_at": timezone.now(),
        },
    )
    return Begun(state, binding, secrets_of(binding))


def secrets_of(binding: str) -> Secrets:
    """Verifier and nonce are kept nowhere: they follow from the cookie and a key that the browser does not have."""
    return Secrets(verifier=_derived("verifier", binding), nonce=_derived("nonce", binding))


def page_of(state: str) -> tuple[str, str] | None:
    """(code of the form, name of the method) that a state belongs to; None when it is nobody's, or too old."""
    if not TOKEN.fullmatch(state):
        return None
    flows = Flow.objects.filter(state_digest=_digest(state), created_at__gt=timezone.now() - LIFE)
    return flows.values_list("application__form__code", "method").first()


class NotMine(Exception):
    """The flow was begun in another browser, or for another draft."""


def take(state: str, *, application: Application | None, binding: str) -> Taken | None:
    """End the flow; None when there is none (any more). Raises NotMine, and keeps it."""
    if not TOKEN.fullmatch(state):
        return None
    flow = Flow.objects.filter(state_digest=_digest(state), created_at__gt=timezone.now() - LIFE).first()
    if flow is None:
        return None
    is_mine = application is not None and flow.application_id == application.pk
    if not is_mine or not hmac.compare_digest(flow.binding_digest, _digest(binding)):
        raise NotMine
    deleted, _ = Flow.objects.filter(pk=flow.pk, state_digest=flow.state_digest).delete()
    return Taken(flow.method, flow.transaction, flow.digest) if deleted else None


def forget_old() -> int:
    """Remove flows that nobody came back from."""
    return Flow.objects.filter(created_at__lt=timezone.now() - LIFE).delete()[0]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _derived(what: str, binding: str) -> str:
    made = hmac.digest(settings.IDENTITY_KEY.encode(), f"{what}|{binding}".encode("utf-8", "surrogatepass"), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()
