"""Who may be on the pages below a form's own address: somebody with a draft of it in this browser."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from applications.pages import closed_page
from applications.views.errors import visit_or_404
from applications.visits import Visit


def visit_with_draft(request: HttpRequest, code: str) -> tuple[Visit, HttpResponse | None]:
    """The visit, and where the visitor has to be instead, if there is no draft to be edited."""
    visit = visit_or_404(request, code)
    if not visit.is_editable:
        return visit, redirect("apply-done", code=code)
    if visit.application is None:
        return visit, redirect("apply", code=code)
    return visit, None if visit.form_is_live else closed_page(request, visit)
