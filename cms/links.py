"""Addresses that every resident may need, whatever page or mail it is: SITE_LINKS in the settings."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext


class SiteLink(NamedTuple):
    label: str
    url: str


def site_links() -> list[SiteLink]:
    """In the order of the setting, which names the addresses as `reverse` knows them."""
    return [SiteLink(gettext(label), reverse(name)) for label, name in settings.SITE_LINKS]


def site_addresses() -> list[SiteLink]:
    """The same as one can open them from anywhere, such as a mail."""
    return [SiteLink(label, f"{settings.BASE_URL}{url}") for label, url in site_links()]
