"""What both ways to the provider and back share: the cookie that binds a browser, and what the provider sends along."""

import logging
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from applications.lifecycle import record
from applications.models import Application
from identity import flows
from identity.config import Config, Misconfigured, configured
from identity.methods import Method
from identity.models import Flow
from identity.problems import Problem, Refused
from identity.services import STARTED

logger = logging.getLogger(__name__)

COOKIE = "mg-identity"
CODE = re.compile("[\x21-\x7e]{1,2048}")  # of the provider's; anything else was never given by one
CANCELLED = frozenset({"access_denied", "consent_required", "interaction_required", "login_required"})
DOWN = frozenset({"server_error", "temporarily_unavailable"})


def provider_or_none() -> Config | None:
    """None when nobody can be verified now: the page says so, the self-check in the admin says why."""
    try:
        return configured()
    except Misconfigured:
        logger.exception("identity is misconfigured")
        return None


def allow_origins(response: HttpResponse, *origins: str) -> None:
    """The page's buttons lead there."""
    if origins:
        # django-csp reads this attribute; it is no field of a response that the types know
        response._csp_update = {"form-action": list(origins)}  # type: ignore[attr-defined]


def set_cookie(response: HttpResponse, path: str, binding: str) -> None:
    """path: below which the browser shows the cookie again."""
    response.set_cookie(
        COOKIE,
        binding,
        max_age=int(flows.LIFE.total_seconds()),
        path=path,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: HttpResponse, path: str) -> None:
    response.delete_cookie(COOKIE, path=path, samesite="Lax")


def tell_start(application: Application, method: Method, what: str) -> None:
    """In the history, once for all tries that follow one another: what is held for the resident is held longer."""
    if not Flow.objects.filter(application=application).exists():
        record(application, STARTED, data={"sentence": f"{what}を始めました（{method.label}）"})


def taken(request: HttpRequest, application: Application | None) -> flows.Taken | None:
    """The flow that this browser comes back from; None when it is none any more. Raises Refused."""
    try:
        return flows.take(
            request.GET.get("state", ""), application=application, binding=request.COOKIES.get(COOKIE, "")
        )
    except flows.NotMine:
        raise Refused(Problem.BROWSER, "another browser or draft") from None


def code_of(request: HttpRequest, config: Config) -> str:
    """What the provider gave. Raises Refused."""
    if "iss" in request.GET and request.GET["iss"] != config.issuer:
        raise Refused(Problem.REFUSED, "iss")
    if error := request.GET.get("error", ""):
        if error in CANCELLED:
            raise Refused(Problem.CANCELLED, "cancelled")
        raise Refused(Problem.UNREACHABLE if error in DOWN else Problem.REFUSED, "error from provider")
    code = request.GET.get("code", "")
    if not CODE.fullmatch(code):
        raise Refused(Problem.REFUSED, "code")
    return code
