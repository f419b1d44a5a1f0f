"""Short links, and links that bring answers along."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.linking import brought_by, linkable, take_link
from applications.pages import closed_page
from applications.services import NotEditable
from applications.views.errors import visit_or_404
from applications.visits import hand_key
from formbuilder.models import FormPage


@require_safe
def short_link(request: HttpRequest, code: str) -> HttpResponse:
    """To the guide of the form, wherever its page stands now; to the answers of the link, if it brings any."""
    page = get_object_or_404(FormPage.objects.live(), code=code)
    version = page.versions.filter(is_current=True).first()
    names = {item.name for item in linkable(version.engine.definition)} if version else set()
    if any(request.GET.get(name) for name in names):
        return redirect(f"{reverse('apply-link', kwargs={'code': code})}?{request.GET.urlencode()}")
    return redirect(page.url or "/")


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, code: str) -> HttpResponse:
    """What the link brings, and the button that takes it. Opening a link alone changes nothing."""
    visit = visit_or_404(request, code)
    if not visit.form_is_live:
        return closed_page(request, visit)
    standing = visit.application if visit.is_editable else None
    version = visit.version
    if standing is None and not version.is_current:
        version = version.form.versions.get(is_current=True)
    brought = brought_by(version, request.GET.dict(), visit.today)
    if request.method == "POST" and brought.taken:
        try:
            kept = take_link(version, standing, brought.taken)
        except NotEditable:
            return redirect("apply-done", code=code)
        response = redirect("apply", code=code)
        if kept is not None:
            hand_key(response, code, kept)
        return response
    spoken = version.spoken
    context = {
        "title": spoken.definition.title,
        "code": code,
        "rows": [
            (
                spoken.fields[each.item.key].definition.label,
                spoken.fields[each.item.key].type.display(spoken.fields[each.item.key].definition, each.answer),
                each.is_fixed,
            )
            for each in brought.taken
        ],
        "refused": [spoken.fields[key].definition.label for key in brought.refused],
        "has_draft": standing is not None,
    }
    return TemplateResponse(request, "applications/link.html", context)
