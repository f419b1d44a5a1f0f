"""A form that cannot be published is an answer to the editor, not an error of the program."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme

from formbuilder.compiler import CompileErrors


class TellCompileErrors(MiddlewareMixin):
    """The page editor checks a form before it publishes. Approving from a list, publishing several pages at once and

    copying a published page do not ask it: they end here, undone, and the reason is shown on the page that follows.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CompileErrors):
            return None
        messages.error(request, f"「{exception.title}」は公開できません。{exception}")
        address = _way_back(request)
        if request.headers.get("x-requested-with") == "XMLHttpRequest":  # Wagtail's dialogues follow this
            return JsonResponse({"step": "success", "redirect": address})
        return redirect(address)


def _way_back(request: HttpRequest) -> str:
    """To the page that was meant, else to where the request came from."""
    match = request.resolver_match
    if match is not None and "page_id" in match.kwargs:
        return reverse("wagtailadmin_pages:edit", args=[match.kwargs["page_id"]])
    came_from = request.headers.get("referer", "")
    known = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if known else reverse("wagtailadmin_home")
