"""How the verifier of eKYC is reached, from the settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from identity.config import Config, Misconfigured, config_of


@dataclass(frozen=True, slots=True)
class EkycConfig:
    """frameworks: trust frameworks whose word is taken."""

    provider: Config
    frameworks: frozenset[str]


def ekyc() -> EkycConfig | None:
    """None when there is no verifier. Raises Misconfigured when there is half of one."""
    given: dict[str, Any] = settings.EKYC
    provider = config_of(given, "MADOGUCHI_EKYC")
    if provider is None:
        return None
    frameworks = frozenset(given["trust_frameworks"])
    if not frameworks:
        raise Misconfigured("MADOGUCHI_EKYC_TRUST_FRAMEWORKS がありません。")
    return EkycConfig(provider, frameworks)


def notice_address() -> str:
    """Where the verifier is to send what it decides later."""
    return f"{settings.BASE_URL}{reverse('identity-ekyc-notice')}"


def patience() -> timedelta:
    """For how long an inspection is waited for."""
    given: dict[str, Any] = settings.EKYC
    return timedelta(days=given["days"])
