"""本人確認: the page behind the gate, the way to the provider, and the way back. What was typed is never touched."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
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
from identity.ekyc import services as inspections
from identity.ekyc import verifier
from identity.ekyc.config import EkycConfig, ekyc, patience
from identity.ekyc.outcome import NOT_IN_TIME, OTHER, REASONS
from identity.ekyc.services import inspection_of
from identity.gate import is_verified, verification_of
from identity.methods import EKYC, JPKI_AUTH, JPKI_SIGN, METHODS
from identity.models import Inspection
from identity.problems import SENTENCES, Problem, Refused
from identity.requirement import CLAIMS
from identity.services import requirement_of, verify
from identity.views.browser import (
    COOKIE,
    allow_origins,
    code_of,
    drop_cookie,
    provider_or_none,
    set_cookie,
    taken,
    tell_start,
)
from identity.ways import Way, ways_of

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
    inspection = inspection_of(_application(visit))
    ways = [way for way in ways_of(wanted) if way.config is not None]
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "method": METHODS[proof.method] if proof else None,
        "ways": ways,
        "by_card_alone": [way.name for way in ways] == [JPKI_AUTH.way],
        "claims": [CLAIMS[row["claim"]] for row in wanted["claims"]],
        "once": wanted["once"],
        "problem": SENTENCES[problem] if problem and not is_open else "",
        "proof": proof if is_open else None,
        "is_pending": inspection is not None and inspection.state == Inspection.State.PENDING,
        "until": inspection.created_at + patience() if inspection else None,
        "inspection": _said(inspection) if inspection and not is_open else "",
        "department": visit.version.department,
    }
    response = TemplateResponse(request, "identity/ask.html", context, status=status)
    allow_origins(response, *(way.config.origin for way in ways if way.config))
    return response


def _said(inspection: Inspection) -> str:
    """What the verifier decided, as the resident reads it; "" while nothing is decided."""
    if inspection.state == Inspection.State.EXPIRED:
        return _(NOT_IN_TIME)
    if inspection.state != Inspection.State.REFUSED:
        return ""
    return _(SENTENCES[Problem.ONCE] if inspection.reason == Problem.ONCE else REASONS.get(inspection.reason, OTHER))


# --- away


def _leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """To the provider. The draft begins now, if there is none: the proof needs something that it belongs to."""
    wanted = requirement_of(_application(visit))
    assert wanted is not None
    ways = {way.name: way for way in ways_of(wanted)}
    way = ways.get(request.POST.get("way", "")) or next(iter(ways.values()))
    if way.config is None:
        return _page(request, visit, Problem.UNREACHABLE, status=503)
    try:
        provider.endpoints(way.config)
    except Refused as refused:
        return _refused(request, visit, refused)
    key: Kept | None = None
    if visit.application is None:
        key = start_draft(version=visit.version)
        visit.now_holds(key.application)
    assert visit.application is not None
    try:
        begun, address = _begin(visit.application.pk, way, wanted)
    except NotEditable:  # declared meanwhile, in another window
        return redirect("apply-done", code=visit.code)
    except Refused as refused:
        response = _refused(request, visit, refused)
    else:
        response = redirect(address)
        set_cookie(response, _path(visit.code), begun.binding)
    if key is not None:
        hand_key(response, visit.code, key)
    return response


@transaction.atomic
def _begin(pk: int, way: Way, wanted: Mapping[str, Any]) -> tuple[flows.Begun, str]:
    """The flow, and where it leads. Raises NotEditable, Refused."""
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    method = next(METHODS[name] for name in wanted["methods"] if METHODS[name].way == way.name)
    tell_start(application, method, "本人確認")
    assert way.config is not None
    if way.name == EKYC:
        config, process = _ekyc(), inspections.begin(application).process
        begun = flows.begin(application, method, transaction=process)
        return begun, verifier.authorization_url(config, wanted, state=begun.state, bound=begun.bound, process=process)
    begun = flows.begin(application, method)
    scopes = [row["claim"] for row in wanted["claims"]]
    return begun, provider.authorization_url(way.config, state=begun.state, bound=begun.bound, scopes=scopes)


def _ekyc() -> EkycConfig:
    """Raises Refused."""
    config = ekyc()
    if config is None:
        raise Refused(Problem.UNREACHABLE, "not configured")
    return config


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
    method = METHODS.get(flow.method)
    if method is None:
        raise Refused(Problem.EXPIRED, "method")
    bound = flows.secrets_of(request.COOKIES[COOKIE])
    if method.way == EKYC:
        return _inspected(request, visit, application, bound, flow.transaction)
    config = provider_or_none()
    if config is None:
        raise Refused(Problem.UNREACHABLE, "not configured")
    proof = provider.exchange(config, code_of(request, config), bound)
    verify(application, method, proof, issuer=config.issuer)
    return redirect(_onward(application, visit.code))


def _inspected(
    request: HttpRequest, visit: Visit, application: Application, bound: provider.Secrets, process: str
) -> HttpResponse:
    """Onward when the verifier has said yes; else to the page, which says how it stands. Raises Refused."""
    config = _ekyc()
    session = verifier.opened(config, code_of(request, config.provider), bound)
    found = inspections.settle(verifier.answer(config, session, process), config)
    if found is not None and found.heard_at and found.state == Inspection.State.PENDING:
        # decided while the browser was on its way: the notice came before anybody could take it
        found = inspections.settle(verifier.answer(config, session, process), config)
    if found is not None and found.state == Inspection.State.APPROVED:
        return redirect(_onward(application, visit.code))
    if found is not None and found.state == Inspection.State.PENDING:
        return redirect(_path(visit.code))
    raise Refused(Problem.INSPECTION, "inspection")


def _onward(application: Application, code: str) -> str:
    """To the check page, if that is where the resident was; else to the first step that is not done."""
    gate = first_closed(application, Moment.START)
    return gate.url(application) if gate else reverse("apply", kwargs={"code": code})


def _refused(request: HttpRequest, visit: Visit, refused: Refused) -> HttpResponse:
    """Back to the page with the button, at an address without what the provider sent."""
    logger.warning("identity of %s refused: %s %s", visit.code, refused.problem, refused.detail)
    address = reverse("apply-identity", kwargs={"code": visit.code})
    return redirect(f"{address}?{urlencode({'problem': refused.problem})}")
