"""確認: the resident sees everything once more, and declares."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.rich_text import expand_db_html

from applications.gates import Moment
from applications.lifecycle import AnswersChanged, NotAllowed, NotReady, declare_locked, numbered
from applications.pages import NEWER, gate_redirect, sections, step_url, turned_away
from applications.panels import Place, shown
from applications.views.errors import visit_or_404
from applications.visits import Visit

REVISION = re.compile("[0-9]{1,9}")
CHANGED = gettext_noop("ほかの画面で内容が変わりました。もう一度、内容を確かめてから申請してください。")


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, code: str) -> HttpResponse:
    if request.method == "POST":
        return _declare(request, code)  # which judges the journey and the gates itself
    visit = visit_or_404(request, code)
    if elsewhere := turned_away(request, visit):
        return elsewhere
    if not visit.journey.is_complete:
        return redirect("apply", code=code)
    return gate_redirect(visit, Moment.START, Moment.CHECK) or _show(request, visit)


@numbered
def _declare(request: HttpRequest, code: str) -> HttpResponse:
    """One transaction, in which the draft is read once, under its lock. What is refused has written nothing."""
    visit = visit_or_404(request, code, lock=True)
    if elsewhere := turned_away(request, visit):
        return elsewhere
    assert visit.application is not None
    shown = request.POST.get("revision", "")
    try:
        declare_locked(visit.application, revision=int(shown) if REVISION.fullmatch(shown) else -1)
    except AnswersChanged:
        return _show(request, visit, [_(CHANGED)])
    except NotReady:
        return redirect("apply", code=code)
    except NotAllowed:
        pass
    return redirect("apply-done", code=code)


def _show(request: HttpRequest, visit: Visit, problems: list[str] | None = None) -> HttpResponse:
    assert visit.application is not None
    context = {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "sections": sections(visit),
        "back_url": step_url(visit, visit.journey.steps[-1]) if visit.journey.steps else "",
        "panels": shown(visit.application, Place.CHECK),
        "revision": visit.application.revision,
        "problems": problems or [],
        "newer": _(NEWER) if visit.is_stale else "",
    }
    return TemplateResponse(request, "applications/check.html", context)


@require_safe
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """対象外: says why, and how to go back if the answer was a slip."""
    visit = visit_or_404(request, code)
    stopped = visit.journey.stopped
    if stopped is None or not visit.is_editable:
        return redirect("apply", code=code)
    context = {
        "title": visit.engine.definition.title,
        "heading": stopped.definition.label,
        "message": expand_db_html(stopped.definition.options.get("message", "")),
        "department": visit.version.department,
        "code": code,
        "step": visit.journey.current,
    }
    return TemplateResponse(request, "applications/stopped.html", context)
