"""あとで続ける: sends the link to the draft, and what happens when it is opened."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.expiry import expires_at
from applications.models import Application
from applications.services import NotEditable
from applications.status import EDITABLE, Status
from applications.views.errors import visit_or_404
from applications.visits import Visit, hand_key
from followup import resuming
from followup.addresses import address_of
from followup.models import ResumeLink
from followup.views.asking import TOO_OFTEN, Unusable, may_mail, read_address
from followup.views.turning import visit_with_draft

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def later(request: HttpRequest, code: str) -> HttpResponse:
    """The form, and the page after it was sent. Looking at it sends nothing."""
    visit, elsewhere = visit_with_draft(request, code)
    if elsewhere is not None:
        return elsewhere
    assert visit.application is not None
    if request.method != "POST":
        return _form(request, visit, address_of(visit.application))
    typed = request.POST.get("mail", "")
    try:
        address = read_address(typed)
    except Unusable as unusable:
        return _form(request, visit, typed, unusable.message)
    if not may_mail(request, visit.application, address):
        return _form(request, visit, typed, _(TOO_OFTEN), status=429)
    try:
        resuming.send_link(visit.application, address)
    except NotEditable:
        return redirect("apply-done", code=code)
    response = redirect("apply-later", code=code)
    response["Location"] += "?sent=1"
    return response


def _form(request: HttpRequest, visit: Visit, typed: str, problem: str = "", status: int = 200) -> HttpResponse:
    assert visit.application is not None
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "typed": typed.replace("\x00", "")[:300],
        "problem": problem,
        "until": expires_at(visit.application),
        "is_sent": request.GET.get("sent") == "1" and not problem,
    }
    return TemplateResponse(request, "followup/later.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """Looking at a link changes nothing: programs that check mails look at every link in them."""
    link = resuming.link_of(token, code)
    if link is None:
        log.warning("refused: a link to a draft that is not ours")
        return render(request, "applications/not_found.html", status=404)
    visit = visit_or_404(request, code)
    if link.application.status not in EDITABLE:
        return _over(request, link.application)
    if visit.application is not None and visit.application.pk == link.application_id:
        return redirect("apply", code=code)  # this device has the key already
    if request.method != "POST":
        return _offer(request, visit, link)
    return _again(request, visit, link) if request.POST.get("action") == "again" else _open(code, token, link)


def _open(code: str, token: str, link: ResumeLink) -> HttpResponse:
    try:
        kept = resuming.use(link)
    except resuming.LinkUsed:
        log.warning("refused: a link to a draft that has opened a device already")
        return redirect("apply-resume", code=code, token=token)
    except NotEditable:  # in this moment; the page says why
        return redirect("apply-resume", code=code, token=token)
    response = redirect("apply", code=code)
    hand_key(response, code, kept)
    return response


def _again(request: HttpRequest, visit: Visit, link: ResumeLink) -> HttpResponse:
    """A new link to where the old one went: who has no access to that mailbox gets nothing."""
    if not link.to:  # a code led here, not a mail
        return _offer(request, visit, link)
    if not may_mail(request, link.application, link.to):
        return _offer(request, visit, link, _(TOO_OFTEN), status=429)
    try:
        resuming.send_link(link.application, link.to)
    except NotEditable:
        raise Http404 from None
    return _offer(request, visit, link, is_sent=True)


def _offer(
    request: HttpRequest, visit: Visit, link: ResumeLink, problem: str = "", *, is_sent: bool = False, status: int = 200
) -> HttpResponse:
    other = visit.application
    context = {
        "title": link.application.version.spoken.definition.title,
        "until": expires_at(link.application),
        "can_mail": bool(link.to),
        "is_used": link.used_at is not None,
        "is_sent": is_sent,
        "problem": problem,
        "hides_other": other is not None and other.status == Status.DRAFT,
    }
    return TemplateResponse(request, "followup/resume.html", context, status=status)


def _over(request: HttpRequest, application: Application) -> HttpResponse:
    """The draft is none any more: declared, or expired."""
    context = {
        "title": application.version.spoken.definition.title,
        "code": application.form.code,
        "is_expired": application.status == Status.EXPIRED and application.received_at is None,
    }
    return TemplateResponse(request, "followup/resume_over.html", context)
