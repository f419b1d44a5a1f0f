"""電子署名: the page that shows all that is signed, the way to the card, and the way back."""

import logging
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from applications.gates import Moment, first_closed
from applications.lifecycle import lock
from applications.models import Application
from applications.pages import sections, turned_away
from applications.services import NotEditable
from applications.status import EDITABLE
from applications.views.errors import visit_or_404
from applications.visits import Visit
from identity import flows
from identity.config import Misconfigured
from identity.methods import JPKI_SIGN
from identity.problems import Problem, Refused
from identity.signature import api
from identity.signature.certificates import signer_of
from identity.signature.config import SigningConfig, signing
from identity.signature.requirement import NAME
from identity.signature.revocation import revocation_list
from identity.signature.sentences import SENTENCES
from identity.signature.services import is_signed, keep, requirement_of
from identity.signature.snapshot import digest_of, document
from identity.views.browser import COOKIE, allow_origins, code_of, drop_cookie, set_cookie, taken, tell_start

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    if elsewhere := turned_away(request, visit) or _elsewhere(visit):
        return elsewhere
    if request.method == "POST":
        return _leave(request, visit)
    known = request.GET.get("problem", "")
    return _page(request, visit, Problem(known) if known in SENTENCES else None)


def _elsewhere(visit: Visit) -> HttpResponse | None:
    """Only what is whole is signed: after all steps, and after what else has to be done before the check page."""
    application = visit.application
    assert application is not None
    if requirement_of(application) is None or not visit.journey.is_complete:
        return redirect("apply", code=visit.code)
    before = first_closed(application, Moment.START, Moment.CHECK)
    if before is None:
        return redirect("apply-check", code=visit.code)
    return None if before.name == NAME else redirect(before.url(application))


def _page(request: HttpRequest, visit: Visit, problem: Problem | None, status: int = 200) -> HttpResponse:
    config = _config()
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "sections": sections(visit),
        "problem": _(SENTENCES[problem]) if problem else "",
        "is_configured": config is not None,
        "department": visit.version.department,
    }
    response = TemplateResponse(request, "identity/sign.html", context, status=status)
    if config is not None:
        allow_origins(response, config.provider.origin)
    return response


def _config() -> SigningConfig | None:
    """None when nobody can sign now: the page says so, the self-check in the admin says why."""
    try:
        return signing()
    except Misconfigured:
        logger.exception("the signature is misconfigured")
        return None


def _path(code: str) -> str:
    return reverse("apply-signature", kwargs={"code": code})


def _leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    config = _config()
    if config is None:
        return _page(request, visit, Problem.UNREACHABLE, status=503)
    assert visit.application is not None
    digest = digest_of(document(visit.application))
    try:
        number = api.begin(config, digest)
        begun = _begin(visit.application.pk, number, digest)
        address = api.authorization_url(config, state=begun.state, bound=begun.bound, transaction=number)
    except Refused as refused:
        return _refused(visit, refused)
    except NotEditable:  # declared meanwhile, in another window
        return redirect("apply-done", code=visit.code)
    response = redirect(address)
    set_cookie(response, _path(visit.code), begun.binding)
    return response


@transaction.atomic
def _begin(pk: int, number: str, digest: bytes) -> flows.Begun:
    """Raises NotEditable."""
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    tell_start(application, JPKI_SIGN, "電子署名")
    return flows.begin(application, JPKI_SIGN, transaction=number, digest=digest.hex())


@require_GET
def come_back(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    try:
        response = _come_back(request, visit)
    except NotEditable:
        return redirect("apply-done", code=code)
    except Refused as refused:
        response = _refused(visit, refused)
    drop_cookie(response, _path(code))
    return response


def _come_back(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Raises Refused, NotEditable."""
    flow, application = taken(request, visit.application), visit.application
    if flow is None or application is None:
        if application is not None and _is_done(application):  # the browser's own 「戻る」 and reload
            return redirect("apply-check", code=visit.code)
        raise Refused(Problem.EXPIRED, "state")
    if flow.method != JPKI_SIGN.name:
        raise Refused(Problem.EXPIRED, "method")
    config = _config()
    if config is None:
        raise Refused(Problem.UNREACHABLE, "not configured")
    bound = flows.secrets_of(request.COOKIES[COOKIE])
    signed = api.result(config, code_of(request, config.provider), bound, flow.transaction)
    digest = bytes.fromhex(flow.digest)
    signer = signer_of(
        signed,
        digest,
        anchors=config.anchors,
        revoked=revocation_list(config.crl),
        at=timezone.now(),
    )
    keep(application.pk, signed, signer, digest)
    return redirect("apply-check", code=visit.code)


def _is_done(application: Application) -> bool:
    return requirement_of(application) is not None and is_signed(application)


def _refused(visit: Visit, refused: Refused) -> HttpResponse:
    """Back to the page with the button, at an address without what the provider sent."""
    logger.warning("signature of %s refused: %s %s", visit.code, refused.problem, refused.detail)
    problem = refused.problem if refused.problem in SENTENCES else Problem.REFUSED
    return redirect(f"{_path(visit.code)}?{urlencode({'problem': problem})}")
