"""Guards the admin: who needs a second factor sets it up first, who was away for long logs in again."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SEEN = "entrance_seen"  # in the session: seconds since 1970
EVERY = 60  # seconds between two writes of it
IDLE = "しばらく操作がなかったため、ログアウトしました。もう一度ログインしてください。"
# what who is in but has not set it up yet may open
SETTING_UP = (
    "mfa_activate_totp",
    "account_reauthenticate",
    "account_login",
    "wagtailadmin_logout",
    "wagtailadmin_javascript_catalog",
)
SET_UP = "業務に使うには、2段階認証の設定が必要です。"


class Guard:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.admin = reverse("wagtailadmin_home")
        self.open = frozenset(map(reverse, SETTING_UP))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.admin) and request.user.is_authenticated:
            refused = self._refused(request)
            if refused is not None:
                return refused
        return self.get_response(request)

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        now = int(time.time())
        seen = request.session.get(SEEN, now)
        if settings.IDLE_MINUTES and now - seen > settings.IDLE_MINUTES * 60:
            logout(request)
            messages.warning(request, IDLE)
            return redirect_to_login(request.get_full_path() if request.method == "GET" else self.admin)
        if now - seen >= EVERY or SEEN not in request.session:
            request.session[SEEN] = now
        if not settings.SECOND_FACTOR_REQUIRED or request.path in self.open or is_mfa_enabled(request.user):
            return None
        messages.warning(request, SET_UP)
        return redirect("mfa_activate_totp")
