"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from cms.links import SiteLink, site_links


def municipality(request: HttpRequest) -> dict[str, str | list[SiteLink]]:
    """The name of the municipality, without a query for Wagtail's site, and the links that stand on every page."""
    return {"municipality": settings.WAGTAIL_SITE_NAME, "site_links": site_links()}
