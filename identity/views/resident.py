"""本人確認: the page behind the gate, the way to the provider, and the way back. What was typed is never touched."""

import logging
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications.gates import Moment, first_closed
from applications.lifecycle import lock
from applications.models import Application
from applications.pages import turned_away
from applications.services import Kept, NotEditable, start_draft
from applications.status import EDITABLE
from applications.views.errors import visit_or_404
from applications.visits import Visit, hand_key
from identity import flows, provider
from identity.gate import is_verified, verification_of
from identity.methods import JPKI_SIGN, METHODS, Method
from identity.problems import SENTENCES, Problem, Refused
from identity.requirement import CLAIMS
from identity.services import requirement_of, verify
from identity.views.browser import (
    COOKIE,
    allow_origin,
    code_of,
    drop_cookie,
    provider_or_none,
    set_cookie,
    taken,
    tell_start,
)

logger = logging.getLogger(__name__)

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
    config = provider_or_none()
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
    if config is not None:
        allow_origin(response, config)
    return response


def _method(visit: Visit) -> Method:
    wanted = requirement_of(_application(visit))
    assert wanted is not None
    return METHODS[wanted["methods"][0]]


# --- away


def _leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the provider. The draft begins now, if there is none: the proof needs something that it belongs to."""
    config = provider_or_none()
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
    set_cookie(response, _path(visit.code), begun.binding)
    if key is not None:
        hand_key(response, visit.code, key)
    return response


@transaction.atomic
def _begin(pk: int, method: Method) -> flows.Begun:
    """Raises NotEditable."""
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    tell_start(application, method, "本人確認")
    return flows.begin(application, method)


def _path(code: str) -> str:
    return reverse("apply-identity", kwargs={"code": code})


# --- and back


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The one address that the provider knows. It only finds the form, whose pages alone see the draft's key."""
    given = {name: request.GET.getlist(name) for name in PASSED_ON}
    page = flows.page_of(given["state"][0]) if len(given["state"]) == 1 else None
    if page is None or any(len(values) > 1 for values in given.values()):
        return TemplateResponse(request, "identity/lost.html", {"message": SENTENCES[Problem.EXPIRED]}, status=400)
    passed = urlencode({name: values[0] for name, values in given.items() if values}, errors="replace")
    code, method = page
    name = "apply-signature-return" if method == JPKI_SIGN.name else "apply-identity-return"
    return redirect(f"{reverse(name, kwargs={'code': code})}?{passed}")


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
        drop_cookie(response, _path(code))
    return response


def _come_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Raises Refused, NotEditable."""
    flow = taken(request, visit.application)
    application = visit.application
    if flow is None or application is None:
        if application is not None and is_verified(application):  # the browser's own 「戻る」 and reload
            return redirect("apply", code=visit.code)
        raise Refused(Problem.EXPIRED, "state")
    if flow.method not in METHODS:
        raise Refused(Problem.EXPIRED, "method")
    config = provider_or_none()
    if config is None:
        raise Refused(Problem.UNREACHABLE, "not configured")
    bound = flows.secrets_of(request.COOKIES[COOKIE])
    proof = provider.exchange(config, code_of(request, config), bound)
    verify(application, METHODS[flow.method], proof, issuer=config.issuer)
    return redirect(_onward(application, visit.code))


def _onward(application: Application, code: str) -> str:
    """To the check page, if that is where the resident was; else to the first step that is not done."""
    gate = first_closed(application, Moment.START)
    return gate.url(application) if gate else reverse("apply", kwargs={"code": code})


def _refused(request: HttpRequest, visit: Visit, refused: Refused) -> HttpResponse:
    """Back to the page with the button, at an address without what the provider sent."""
    logger.warning("identity of %s refused: %s %s", visit.code, refused.problem, refused.detail)
    address = reverse("apply-identity", kwargs={"code": visit.code})
    return redirect(f"{address}?{urlencode({'problem': refused.problem})}")
