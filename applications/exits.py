"""Exit: a way out of the steps for who comes back another time. Implemented by the apps in APPLICATION_EXITS."""

from functools import cache
from typing import Protocol

from django.conf import settings

from applications.models import Application
from formbuilder.registry import listed


class Exit(Protocol):
    """A button below every step. What was typed is kept before it leads anywhere."""

    name: str
    label: str

    def url(self, application: Application) -> str:
        """Where the button leads."""


@cache
def exits() -> dict[str, Exit]:
    """Every exit by name, in the order of the setting."""
    return listed(settings.APPLICATION_EXITS)
