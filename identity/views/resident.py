"""本人確認: the page behind the gate, the way to the provider, and the way back. What was typed is never touched."""

import logging
import re
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications.gates import Moment, first_closed
from applications.lifecycle import lock, record
from applications.models import Application
from applications.pages import turned_away
from applications.services import Kept, NotEditable, start_draft
from applications.status import EDITABLE
from applications.views.errors import visit_or_404
from applications.visits import Visit, hand_key
from identity import flows, provider
from identity.config import Config, Misconfigured, configured
from identity.gate import is_verified, verification_of
from identity.methods import METHODS, Method
from identity.models import Flow
from identity.problems import SENTENCES, Problem, Refused
from identity.requirement import CLAIMS
from identity.services import STARTED, requirement_of, verify

logger = logging.getLogger(__name__)

COOKIE = "mg-identity"
CODE = re.compile("[\x21-\x7e]{1,2048}")  # of the provider's; anything else was never given by one
CANCELLED = frozenset({"access_denied", "consent_required", "interaction_required", "login_required"})
DOWN = frozenset({"server_error", "temporarily_unavailable"})
PASSED_ON = ("state", "code", "error", "iss")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    if elsewhere := turned_away(request, visit, needs_draft=False):
        return elsewhere
    if requirement_of(_application(visit)) is None:
        return redirect("apply", code=code)
    if request.method == "POST":
        return _leave(request, visit)
    known = request.GET.get("problem", "")
    return _page(request, visit, Problem(known) if known in SENTENCES else None)


def _application(visit: Visit) -> Application:
    """The draft, or what it would be."""
    return visit.application or Application(form_id=visit.version.form_id, version=visit.version)


def _page(request: HttpRequest, visit: Visit, problem: Problem | None, status: int = 200) -> HttpResponse:
    wanted = requirement_of(_application(visit))
    assert wanted is not None
    proof = verification_of(visit.application) if visit.application else None
    is_open = visit.application is not None and is_verified(visit.application)
    config = _config()
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "method": _method(visit),
        "claims": [CLAIMS[row["claim"]] for row in wanted["claims"]],
        "once": wanted["once"],
        "problem": SENTENCES[problem] if problem and not is_open else "",
        "is_configured": config is not None,
        "proof": proof if is_open else None,
        "department": visit.version.department,
    }
    response = TemplateResponse(request, "identity/ask.html", context, status=status)
    if config is not None:  # the button's way leads there
        # django-csp reads this attribute; it is no field of a response that the types know
        response._csp_update = {"form-action": [config.origin]}  # type: ignore[attr-defined]
    return response


def _config() -> Config | None:
    """None when nobody can be verified now: the page says so, the self-check in the admin says why."""
    try:
        return configured()
    except Misconfigured:
        logger.exception("identity is misconfigured")
        return None


def _method(visit: Visit) -> Method:
    wanted = requirement_of(_application(visit))
    assert wanted is not None
    return METHODS[wanted["methods"][0]]


# --- away


def _leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the provider. The draft begins now, if there is none: the proof needs something that it belongs to."""
    config = _config()
    if config is None:
        return _page(request, visit, Problem.UNREACHABLE, status=503)
    try:
        provider.endpoints(config)
    except Refused as refused:
        return _refused(request, visit, refused)
    wanted = requirement_of(_application(visit))
    assert wanted is not None
    key: Kept | None = None
    if visit.application is None:
        key = start_draft(version=visit.version)
        visit.now_holds(key.application)
    assert visit.application is not None
    try:
        begun = _begin(visit.application.pk, _method(visit))
    except NotEditable:  # declared meanwhile, in another window
        return redirect("apply-done", code=visit.code)
    scopes = [row["claim"] for row in wanted["claims"]]
    address = provider.authorization_url(config, state=begun.state, bound=begun.bound, scopes=scopes)
    response = redirect(address)
    _set_cookie(response, visit.code, begun.binding)
    if key is not None:
        hand_key(response, visit.code, key)
    return response


@transaction.atomic
def _begin(pk: int, method: Method) -> flows.Begun:
    """Raises NotEditable."""
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    if not Flow.objects.filter(application=application).exists():
        record(application, STARTED, data={"sentence": f"本人確認を始めました（{method.label}）"})
    return flows.begin(application, method)


def _set_cookie(response: HttpResponse, code: str, binding: str) -> None:
    response.set_cookie(
        COOKIE,
        binding,
        max_age=int(flows.LIFE.total_seconds()),
        path=reverse("apply-identity", kwargs={"code": code}),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


# --- and back


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The one address that the provider knows. It only finds the form, whose pages alone see the draft's key."""
    given = {name: request.GET.getlist(name) for name in PASSED_ON}
    code = flows.code_of_form(given["state"][0]) if len(given["state"]) == 1 else None
    if code is None or any(len(values) > 1 for values in given.values()):
        return TemplateResponse(request, "identity/lost.html", {"message": SENTENCES[Problem.EXPIRED]}, status=400)
    passed = urlencode({name: values[0] for name, values in given.items() if values}, errors="replace")
    return redirect(f"{reverse('apply-identity-return', kwargs={'code': code})}?{passed}")


@require_GET
def come_back(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    try:
        response = _come_back(request, visit)
    except NotEditable:
        return redirect("apply-done", code=code)
    except Refused as refused:
        response = _refused(request, visit, refused)
    if response.status_code == 302:
        response.delete_cookie(COOKIE, path=reverse("apply-identity", kwargs={"code": code}), samesite="Lax")
    return response


def _come_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Raises Refused, NotEditable."""
    binding = request.COOKIES.get(COOKIE, "")
    state = request.GET.get("state", "")
    try:
        name = flows.take(state, application=visit.application, binding=binding)
    except flows.NotMine:
        raise Refused(Problem.BROWSER, "another browser or draft") from None
    application = visit.application
    if name is None or application is None:
        if application is not None and is_verified(application):  # the browser's own 「戻る」 and reload
            return redirect("apply", code=visit.code)
        raise Refused(Problem.EXPIRED, "state")
    config = _config()
    if config is None:
        raise Refused(Problem.UNREACHABLE, "not configured")
    proof = provider.exchange(config, _code(request, config), flows.secrets_of(binding))
    verify(application, METHODS[name], proof, issuer=config.issuer)
    return redirect(_onward(application, visit.code))


def _code(request: HttpRequest, config: Config) -> str:
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


def _onward(application: Application, code: str) -> str:
    """To the check page, if that is where the resident was; else to the first step that is not done."""
    gate = first_closed(application, Moment.START)
    return gate.url(application) if gate else reverse("apply", kwargs={"code": code})


def _refused(request: HttpRequest, visit: Visit, refused: Refused) -> HttpResponse:
    """Back to the page with the button, at an address without what the provider sent."""
    logger.warning("identity of %s refused: %s %s", visit.code, refused.problem, refused.detail)
    address = reverse("apply-identity", kwargs={"code": visit.code})
    return redirect(f"{address}?{urlencode({'problem': refused.problem})}")
