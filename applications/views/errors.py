"""What a resident reads when something is not there, or a page is too old."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from applications.visits import NoSuchForm, Visit, load_visit


def visit_or_404(request: HttpRequest, code: str, *, lock: bool = False) -> Visit:
    try:
        return load_visit(request, code, lock=lock)
    except NoSuchForm as missing:
        raise Http404 from missing


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page's token is gone or foreign: say what to do."""
    return render(request, "403_csrf.html", status=403)
