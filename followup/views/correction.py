"""差戻し, on the resident's side: what is to be corrected, the page for it, and a last look before it goes back."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.lifecycle import AnswersChanged
from applications.panels import weighed
from cms import languages
from dialogue.corrections import NotOpen, Unmended, open_correction_of, resubmit
from dialogue.mending import Mending, display_of
from followup import session
from followup.mending_page import Page, blank_page, page_context, receive
from followup.models import Code
from followup.views.status import application_of, over
from followup.words import HIDDEN

REVISION = re.compile("[0-9]{1,9}")


def mending_of(visit: Code) -> Mending | None:
    application = application_of(visit)
    correction = open_correction_of(application)
    return Mending(application, correction) if correction else None


@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest) -> HttpResponse:
    visit = session.entered(request) or (session.left_open(request) if request.method == "POST" else None)
    if visit is None:
        return over()
    mending = mending_of(visit)
    if mending is None:
        return redirect("status-application")
    if request.method != "POST":
        return _page(request, blank_page(mending, request.GET.get("add", "")), visit)
    return _receive(request, mending, visit)


def _receive(request: HttpRequest, mending: Mending, visit: Code) -> HttpResponse:
    response = _received(request, mending, visit)
    if language := languages.chosen_within(request):
        languages.remember(response, language)  # the page comes again in it, with what was typed
    return response


def _received(request: HttpRequest, mending: Mending, visit: Code) -> HttpResponse:
    try:
        page = receive(request, mending)
    except NotOpen:  # sent, withdrawn or over in this moment
        return redirect("status-application")
    if session.entered(request) is None:
        return over()  # what was typed is kept; to see it again takes a new code
    if request.POST.get("action") != "next":  # a button among the items: what is wrong is told another time
        response = redirect("status-correction")
        response["Location"] += _row_asked(request)
        return response
    return _page(request, page, visit) if page.errors else redirect("status-correction-check")


def _row_asked(request: HttpRequest) -> str:
    key = request.POST.get("add", "")
    return f"?add={key}" if re.fullmatch(r"[\w-]{1,80}", key) else ""


def _page(request: HttpRequest, page: Page, visit: Code) -> HttpResponse:
    context = {**_common(page.mending), **page_context(page), "visit": session.seal_of(visit)}
    return TemplateResponse(request, "followup/correction.html", context)


def _common(mending: Mending) -> dict[str, Any]:
    return {
        "title": mending.engine.definition.title,
        "reference": mending.application.reference,
        "correction": mending.correction,
        "department": mending.application.department,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    visit = session.entered(request)
    if visit is None:
        return over()
    mending = mending_of(visit)
    if mending is None:
        return redirect("status-application")  # the second tap of a double tap, too
    if request.method == "POST":
        return _send(request, mending)
    if mending.problems:
        return redirect("status-correction")
    return _check_page(request, mending)


def _send(request: HttpRequest, mending: Mending) -> HttpResponse:
    shown = request.POST.get("revision", "")
    try:
        resubmit(mending.correction.pk, revision=int(shown) if REVISION.fullmatch(shown) else -1)
    except AnswersChanged:
        return _check_page(request, _again(mending), _("ほかの画面で内容が変わりました。もう一度、確かめてください。"))
    except Unmended:
        return _check_page(request, _again(mending))
    except NotOpen:
        pass
    return redirect("status-application")


def _again(mending: Mending) -> Mending:
    mending.correction.refresh_from_db()
    return Mending(mending.application, mending.correction)


def _check_page(request: HttpRequest, mending: Mending, problem: str = "") -> HttpResponse:
    if not problem and mending.closed_by():
        problem = _("この内容に直すには、予約や本人確認のやり直しが必要です。担当の課に連絡してください。")
    context = {
        **_common(mending),
        "changes": _changes(mending),
        "panels": weighed(mending.application, mending.applied),
        "revision": mending.correction.revision,
        "problem": problem,
        "may_send": not mending.closed_by(),
    }
    return TemplateResponse(request, "followup/correction_check.html", context, status=409 if problem else 200)


def _changes(mending: Mending) -> list[dict[str, str]]:
    was, now = mending.engine.state(mending.before, mending.day).answers, mending.journey.state.answers
    made = []
    for key in mending.changes:
        item = mending.engine.fields[key].definition
        sides = [
            HIDDEN
            if item.holds_sensitive and key in side
            else display_of(mending.engine, key, side.get(key), mending.files)
            for side in (was, now)
        ]
        made.append({"label": item.label, "before": sides[0], "after": sides[1]})
    return made
