"""完了: the number, the moment of arrival, and what happens next; or how the application ended otherwise."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe
from wagtail.rich_text import expand_db_html

from applications.gates import Moment
from applications.lifecycle import advance
from applications.models import Application
from applications.pages import gate_redirect
from applications.panels import Place, shown
from applications.status import Status
from applications.views.errors import visit_or_404


@require_safe
def done(request: HttpRequest, code: str) -> HttpResponse:
    visit = visit_or_404(request, code)
    application = visit.application
    if application is None or visit.is_editable:
        return redirect("apply", code=code)
    if application.status == Status.PENDING:
        if gate := gate_redirect(visit, Moment.ARRIVAL):
            return gate
        application = advance(application.pk)
    context = {
        "title": visit.engine.definition.title,
        "code": code,
        "application": application,
        "panels": shown(application, Place.DONE),
        "reference": application.reference,
        "received_at": application.received_at,
        "message": expand_db_html(visit.engine.definition.after),
        "email": application.email,
        "department": visit.version.department,
    }
    return TemplateResponse(request, _template(application), context)


def _template(application: Application) -> str:
    """What is true of the application now; the reference stays on every page of one that arrived."""
    if application.status == Status.WITHDRAWN:
        return "applications/withdrawn.html"
    if application.status == Status.EXPIRED:
        return "applications/lapsed.html" if application.received_at else "applications/expired.html"
    return "applications/done.html"
