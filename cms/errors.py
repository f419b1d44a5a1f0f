"""The page for what went wrong with us: in the reader's language, with name and links, and without the database."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from cms.context import municipality


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's own has nothing of what every template may use. No context processor is asked: one may be why."""
    return HttpResponseServerError(loader.render_to_string("500.html", {"request": request, **municipality(request)}))
