"""Panel: what an app adds to the resident's check page and to the page after it. Implemented by APPLICATION_PANELS."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, runtime_checkable

from django.conf import settings

from applications.models import Application
from formbuilder.registry import listed


class Place(StrEnum):
    """Where a panel may stand."""

    CHECK = "check"  # between the answers and the button that declares them
    DONE = "done"  # below the number, once the application has arrived


@dataclass(frozen=True, slots=True)
class Shown:
    """A section of a page. The template, of the panel's own app, finds `context` as `panel`."""

    template: str
    context: Mapping[str, Any]


class Panel(Protocol):
    """Only looks: it writes nothing, and decides nothing. That is what gates are for."""

    name: str

    def show(self, application: Application, place: Place) -> Shown | None:
        """What to show to the resident of this application, None for nothing."""


@runtime_checkable
class Weighing(Protocol):
    """What a panel may have besides: what a correction would bring, told before it is sent."""

    def weigh(self, application: Application, corrected: Application) -> Shown | None:
        """corrected: the application as it would be, in memory alone. None where nothing changes for the panel."""


@cache
def panels() -> tuple[Panel, ...]:
    """Every panel, in the order of the setting."""
    return tuple(listed(settings.APPLICATION_PANELS).values())


def weighed(application: Application, corrected: Application) -> list[Shown]:
    weighing = [panel for panel in panels() if isinstance(panel, Weighing)]
    return [section for panel in weighing if (section := panel.weigh(application, corrected)) is not None]


def shown(application: Application, place: Place) -> list[Shown]:
    return [section for panel in panels() if (section := panel.show(application, place)) is not None]
