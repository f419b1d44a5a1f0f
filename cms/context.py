"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def municipality(request: HttpRequest) -> dict[str, str]:
    """The name of the municipality, without a query for Wagtail's site."""
    return {"municipality": settings.WAGTAIL_SITE_NAME}
