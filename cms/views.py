"""Pages that every site has, whether or not anybody has written them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.views import serve


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """アクセシビリティ方針: the municipality's own, if it has published a page with this address, else ours."""
    try:
        response: HttpResponse = serve(request, "accessibility/")
    except Http404:
        return render(request, "cms/accessibility.html")
    return response
