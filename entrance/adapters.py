"""How django-allauth does it here: secrets sealed, no messages and mails of its own, our pages after it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from applications.limits import network_of
from applications.vault import open_sealed, seal

PLACE = ("second factor", "secret")  # what a sealed secret is bound to


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what happened."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("wagtailadmin_home")

    def get_client_ip(self, request: HttpRequest) -> str:
        return network_of(request)


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        name: str = settings.WAGTAIL_SITE_NAME
        return f"{name} 職員"

    def encrypt(self, text: str) -> str:
        return seal(text, *PLACE)["sealed"]

    def decrypt(self, encrypted_text: str) -> str:
        text: str = open_sealed({"sealed": encrypted_text}, *PLACE)
        return text

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where everybody needs one, only an administrator takes it away, for who lost the phone."""
        return not settings.SECOND_FACTOR_REQUIRED
