"""The way in: name and password, then a second factor; and an administrator's help for a lost telephone."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from wagtail.admin.views.account import LoginView as WagtailLoginView
from wagtail.log_actions import log

from entrance.forms import ActivateForm, LoginForm
from staff.models import User


class LoginView(WagtailLoginView):
    """Wagtail's page, with django-allauth's steps behind it."""

    def form_valid(self, form: LoginForm) -> HttpResponse:
        user = form.get_user()
        self.request.session.set_expiry(settings.SESSION_COOKIE_AGE if form.cleaned_data.get("remember") else 0)
        # so that who has just logged in is not asked once more to set the second factor up
        record_authentication(self.request, user, method="password", reauthenticated=True)
        response: HttpResponse = perform_login(
            self.request, user, email_verification="none", redirect_url=self.get_success_url()
        )
        return response


class ActivateView(ActivateTOTPView):
    """Sessions that began with the password alone end with it, except the one that has just shown a code."""

    def form_valid(self, form: ActivateForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        assert isinstance(self.request.user, User)
        end_sessions(self.request.user, but=self.request.session.session_key)
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """An administrator takes the second factor of who lost it away; the person is logged out everywhere."""
    if not request.user.is_superuser:
        raise PermissionDenied
    person = get_object_or_404(User, pk=user_id)
    if request.method == "POST":
        take_away(person)
        log(person, "entrance.second_factor_reset", user=request.user)
        messages.success(request, f"{person}の2段階認証を解除しました。次のログインで、設定し直してもらってください。")
        return redirect("wagtailusers_users:edit", person.pk)
    has_one = Authenticator.objects.filter(user=person).exists()
    return render(request, "entrance/reset.html", {"person": person, "has_one": has_one})


@transaction.atomic
def take_away(person: User) -> None:
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)


def end_sessions(person: User, but: str | None = None) -> None:
    """Log the person out everywhere, except in the session of that key."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=but or "").iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
