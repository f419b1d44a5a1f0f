"""Who may be on the pages below a form's own address: somebody with a draft of it in this browser."""

from django.http import HttpRequest, HttpResponse

from applications.pages import turned_away
from applications.views.errors import visit_or_404
from applications.visits import Visit


def visit_with_draft(request: HttpRequest, code: str) -> tuple[Visit, HttpResponse | None]:
    """The visit, and where the visitor has to be instead, if there is no draft to be edited."""
    visit = visit_or_404(request, code)
    return visit, turned_away(request, visit)
