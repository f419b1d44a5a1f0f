"""Getting onto the path: resume where one was, begin anew, move over to a newer version."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from applications.pages import closed_page, gate_redirect
from applications.services import NotEditable, move_to_newest
from applications.views.errors import visit_or_404
from applications.visits import take_key


@require_safe
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """To the first step that is not done."""
    visit = visit_or_404(request, code)
    if not visit.is_editable:
        return redirect("apply-done", code=code)
    if not visit.form_is_live:
        return closed_page(request, visit)
    if gate := gate_redirect(visit):
        return gate
    journey = visit.journey
    if journey.stopped:
        return redirect("apply-stop", code=code)
    if journey.current is None:
        return redirect("apply-check", code=code)
    return redirect("apply-step", code=code, step=journey.current.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def begin_anew(request: HttpRequest, code: str) -> HttpResponse:
    """Forget the draft of this browser; what was declared stays where it is."""
    response = redirect("apply", code=code)
    if request.method == "POST":
        take_key(response, code)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def update(request: HttpRequest, code: str) -> HttpResponse:
    """Move the draft over to the form's newest version, from the check page."""
    visit = visit_or_404(request, code)
    if request.method == "POST" and visit.application is not None:
        try:
            move_to_newest(visit.application.pk)
        except NotEditable:
            return redirect("apply-done", code=code)
    return redirect("apply", code=code)
