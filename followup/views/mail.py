"""メールアドレスの確認: the page on which the code is typed. Looking at it sends nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from applications.limits import network_of
from applications.models import Application
from applications.pages import RETURN
from applications.visits import Visit
from followup import codes, limits
from followup.addresses import address_of, mark_verified
from followup.gate import MailGate
from followup.models import Purpose
from followup.requirement import NAME
from followup.views.asking import TOO_OFTEN, may_mail
from followup.views.turning import visit_with_draft

NOT_DIGITS = gettext_noop("確認コードを、6桁の数字で入力してください。")
WRONG = gettext_noop(
    "確認コードが違うか、期限が切れています。メールを確かめてもう一度入力するか、新しいコードを送ってください。"
)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, code: str) -> HttpResponse:
    visit, elsewhere = visit_with_draft(request, code)
    if elsewhere is not None:
        return elsewhere
    assert visit.application is not None
    gate = MailGate()
    if not gate.applies(visit.application) or gate.is_open(visit.application):
        return redirect("apply-check", code=code)
    if request.method != "POST":
        return _page(request, visit)
    if request.POST.get("action") == "send":
        return _send(request, visit, visit.application)
    return _check(request, visit, visit.application)


def _send(request: HttpRequest, visit: Visit, application: Application) -> HttpResponse:
    address = address_of(application)
    if not may_mail(request, application, address):
        return _page(request, visit, _(TOO_OFTEN), status=429)
    codes.issue(Purpose.ADDRESS, application, address)
    return redirect("apply-mail", code=visit.code)


def _check(request: HttpRequest, visit: Visit, application: Application) -> HttpResponse:
    address, digits = address_of(application), codes.read_digits(request.POST.get("digits", ""))
    if digits is None:
        return _page(request, visit, _(NOT_DIGITS))
    if not limits.GUESSES_OF_NETWORK.take(network_of(request)):
        return _page(request, visit, _(TOO_OFTEN), status=429)
    sent = codes.latest(application, Purpose.ADDRESS, address)
    if sent is None or not codes.redeem(sent, digits):
        return _page(request, visit, _(WRONG))
    mark_verified(application, address)
    return redirect("apply-check", code=visit.code)


def _page(request: HttpRequest, visit: Visit, problem: str = "", status: int = 200) -> HttpResponse:
    assert visit.application is not None
    address = address_of(visit.application)
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "address": address,
        "why": visit.engine.definition.requires[NAME]["why"],
        "is_sent": codes.latest(visit.application, Purpose.ADDRESS, address) is not None,
        "minutes": int(codes.LIFE.total_seconds() // 60),
        "edit_url": _edit_url(visit),
        "problem": problem,
    }
    return TemplateResponse(request, "followup/mail.html", context, status=status)


def _edit_url(visit: Visit) -> str:
    """The step with the address, and back to the check page from there."""
    asks = (
        step
        for step in visit.journey.steps
        if any(item.type == "email" and item.key in visit.journey.state.answers for item in step.fields)
    )
    step = next(asks, visit.journey.steps[0])
    return f"{reverse('apply-step', kwargs={'code': visit.code, 'step': step.slug})}?{RETURN.lstrip('?')}"
