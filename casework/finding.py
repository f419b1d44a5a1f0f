"""The case that an address of the desk names."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from applications.listing import visible_to
from applications.models import Application

TITLE = "申請"
ICON = "clipboard-list"


def visible_case_or_404(request: HttpRequest, public_id: str) -> Application:
    """Only of the reader's departments; any other does not exist."""
    related = ("version", "department", "assignment__officer")
    cases = visible_to(request.user).select_related(*related).defer("version__document", "search_text")
    cases = cases.prefetch_related("documents__issued_by")
    return get_object_or_404(cases, public_id=public_id)
