"""What depends on the address of a page: security headers, and the language."""

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from cms import languages

# Wagtail's date and time choosers start themselves from an inline script, and its icons and colour swatches carry
# style attributes; no page that residents see is under this address.
ADMIN_PREFIX = "/admin/"
ADMIN_ADDITIONS = {"script-src": ["'unsafe-inline'"], "style-src": ["'unsafe-inline'"]}


class ContentPolicy(CSPMiddleware):
    """django-csp with a wider policy for the admin only."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN_PREFIX):
            parts.update = {**(parts.update or {}), **ADMIN_ADDITIONS}
        return parts


class ResidentLanguage:
    """Django's own middleware would show the admin in the language of the browser, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = languages.language_of(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        if not request.path_info.startswith(languages.STAFF_PREFIX):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
