"""満足度: asked once, of who has the draft's key, or has come in with a code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications.models import Application
from applications.views.errors import visit_or_404
from cms import languages
from followup import session
from followup.ratings import LONGEST, SCORES, Wrong, may_rate, rate, read
from followup.views.status import application_of


@require_http_methods(["GET", "HEAD", "POST"])
def rate_here(request: HttpRequest, code: str) -> HttpResponse:
    """From the page after declaring."""
    application = visit_or_404(request, code).application
    if application is None or application.received_at is None:
        return redirect("apply", code=code)
    return _rate(request, application, reverse("apply-done", kwargs={"code": code}))


@require_http_methods(["GET", "HEAD", "POST"])
def rate_later(request: HttpRequest) -> HttpResponse:
    """From 申請状況の確認."""
    visit = session.entered(request)
    if visit is None:
        return redirect("status")
    return _rate(request, application_of(visit), reverse("status-application"))


def _rate(request: HttpRequest, application: Application, back: str) -> HttpResponse:
    language = languages.chosen_within(request)
    context = {"title": application.version.spoken.definition.title, "back": back, "scores": SCORES, "most": LONGEST}
    if request.method == "POST":
        score, comment = request.POST.get("score", ""), request.POST.get("comment", "")
        typed = {"score": score, "comment": comment[: 5 * LONGEST]}
        if language:
            response = TemplateResponse(request, "followup/rating.html", {**context, **typed})
            languages.remember(response, language)
            return response
        try:
            rate(application, *read(score, comment))
        except Wrong as wrong:
            context |= {"box": wrong.box, "problem": wrong.message, **typed}
            return TemplateResponse(request, "followup/rating.html", context)
        return redirect(request.path)  # where the thanks are said
    if not may_rate(application):
        return TemplateResponse(request, "followup/rated.html", context)
    return TemplateResponse(request, "followup/rating.html", context)
