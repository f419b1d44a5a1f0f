"""申請状況の確認: by number and a code that goes to the address of the application. No account.

Whether a number exists, and whether an address is known, can be told neither from what is answered nor from how long it
takes: a number that is nobody's gets a code too, which goes nowhere and which no digits open.
"""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.lifecycle import NotAllowed, move
from applications.limits import network_of
from applications.models import Application
from applications.panels import Place, panels
from applications.references import is_reference
from applications.status import Action, Status
from dialogue.corrections import open_correction_of
from dialogue.documents import show_to_resident
from followup import codes, limits, session
from followup.answers_pdf import is_in_japanese
from followup.models import Code, Purpose
from followup.panel import FollowupPanel
from followup.ratings import may_rate
from followup.thread import summary_of
from followup.views.mail import NOT_DIGITS, WRONG
from followup.words import STATES, decision_of, expected_on, history_of, may_withdraw, sections_of, waits_for
from formbuilder.japanese.text import to_number_line

NOT_A_NUMBER = gettext_noop("受付番号を確かめて、もう一度入力してください。番号は「A3C4-D6E7-F」のような9文字です。")
TOO_MANY = gettext_noop(
    "短いあいだに何度も確認コードを求められたため、いまは送れません。1時間ほどたってから、もう一度試してください。"
)
OVER = gettext_noop("確認の時間が終わりました。もう一度、受付番号を入力してください。")
TOO_LATE = gettext_noop("この申請は、いまは取り下げられません。")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The number."""
    if request.method != "POST":
        if session.entered(request):
            return redirect("status-application")
        known = read_reference(request.GET.get("reference", "")) or ""  # what the page after declaring brings along
        return _number_page(request, known, _(OVER) if request.GET.get("over") else "")
    typed = request.POST.get("reference", "")
    reference = read_reference(typed)
    if reference is None:
        return _number_page(request, typed, _(NOT_A_NUMBER))
    network = limits.requests_of_network().take(network_of(request))
    if not (network and limits.MAILS_OF_APPLICATION.take(f"number {reference}")):
        return _number_page(request, typed, _(TOO_MANY), status=429)
    application = Application.objects.filter(reference=reference).first()
    address = application.email if application else ""
    # counted for a number that is nobody's as well, so that it takes as long
    is_reachable = limits.MAILS_TO_ADDRESS.take(codes.digest_of_address(address or reference)) and bool(address)
    code = codes.issue(Purpose.STATUS, application if is_reachable else None, address or reference)
    response = redirect("status-code")
    session.begin(response, code, reference)
    return response


def read_reference(typed: str) -> str | None:
    """As it is kept, from whatever width and case it was typed in; None when it cannot be a number of ours."""
    if len(typed) > 60:
        return None
    plain = re.sub(r"[\s-]", "", to_number_line(typed)).upper()
    return f"{plain[:4]}-{plain[4:8]}-{plain[8]}" if is_reference(plain) else None


def _number_page(request: HttpRequest, typed: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    context = {"typed": typed.replace("\x00", "")[:60], "problem": problem}
    return TemplateResponse(request, "followup/status_ask.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """The code."""
    code = session.asked(request)
    if code is None:
        return redirect("status")
    if session.entered(request):
        return redirect("status-application")
    return _code_page(request) if request.method != "POST" else _redeem(request, code)


def _redeem(request: HttpRequest, code: Code) -> HttpResponse:
    digits = codes.read_digits(request.POST.get("digits", ""))
    if digits is None:
        return _code_page(request, _(NOT_DIGITS))
    if not limits.GUESSES_OF_NETWORK.take(network_of(request)):
        return _code_page(request, _(TOO_MANY), status=429)
    if not codes.redeem(code, digits):
        return _code_page(request, _(WRONG))
    response = redirect("status-application")
    session.begin(response, code)
    return response


def _code_page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"problem": problem, "minutes": int(codes.LIFE.total_seconds() // 60)}
    context["reference"] = session.reference_asked(request)
    return TemplateResponse(request, "followup/status_code.html", context, status=status)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    visit = session.entered(request)
    return show_status(request, visit) if visit else over()


def show_status(request: HttpRequest, visit: Code, problem: str = "", status: int = 409) -> HttpResponse:
    """The page; status: where there is a problem to tell."""
    application = application_of(visit)
    headline, sentence = map(_, STATES[application.status])
    others = (panel for panel in panels() if not isinstance(panel, FollowupPanel))
    context = {
        "title": application.version.spoken.definition.title,
        "application": application,
        "reference": application.reference,
        "received_at": application.received_at,
        "headline": headline,
        "sentence": sentence,
        "expected_on": expected_on(application),
        "decision": decision_of(application),
        "correction": open_correction_of(application),
        "letters": summary_of(application),
        "documents": show_to_resident(application),
        "history": history_of(application),
        "sections": sections_of(application),
        "panels": [shown for panel in others if (shown := panel.show(application, Place.DONE))],
        "waits_for": waits_for(application),
        "is_copy_in_japanese": is_in_japanese(),
        "may_withdraw": may_withdraw(application),
        "may_rate": may_rate(application),
        "department": application.department,
        "problem": problem,
    }
    return TemplateResponse(request, "followup/status.html", context, status=status if problem else 200)


def application_of(visit: Code) -> Application:
    assert visit.application is not None  # no digits open a code without one
    return visit.application


def over() -> HttpResponse:
    response = redirect("status")
    response["Location"] += "?over=1"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Asks once more, and then takes the application back."""
    visit = session.entered(request)
    if visit is None:
        return over()
    application = application_of(visit)
    if application.status == Status.WITHDRAWN:
        return redirect("status-application")  # the second tap of a double tap
    if not may_withdraw(application):
        return show_status(request, visit, _(TOO_LATE))
    if request.method != "POST":
        context = {
            "title": application.version.spoken.definition.title,
            "reference": application.reference,
            "received_at": application.received_at,
        }
        return TemplateResponse(request, "followup/withdraw.html", context)
    try:
        move(application.pk, Action.WITHDRAW)
    except NotAllowed:  # decided in this moment
        application.refresh_from_db(fields=["status"])
        if application.status != Status.WITHDRAWN:
            return show_status(request, visit, _(TOO_LATE))
    return redirect("status-application")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    response = redirect("status")
    session.end(response, session.asked(request))
    return response
