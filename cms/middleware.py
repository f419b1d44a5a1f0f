"""Security headers that depend on the address."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

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
