"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import mark_safe

from cms.languages import LANGUAGES, NATIVE, current
from cms.links import site_links

# of an element whose text an editor wrote, on a page in another language
NATIVE_LANG = mark_safe(f' lang="{NATIVE}"')  # noqa: S308 - of constants


def municipality(request: HttpRequest) -> dict[str, object]:
    """The name of the municipality, without a query for Wagtail's site, the links and languages of every page."""
    return {
        "municipality": settings.WAGTAIL_SITE_NAME,
        "site_links": site_links(),
        "language": current(),
        "languages": LANGUAGES,
        "native": NATIVE_LANG if current().tag != NATIVE else "",
    }
