"""Gate: something that must open before an application may go on. Implemented by the apps in APPLICATION_GATES."""

from enum import StrEnum
from functools import cache
from typing import Any, Protocol

from django.conf import settings

from applications.models import Application
from formbuilder.registry import listed


class Moment(StrEnum):
    """When a gate must be open."""

    START = "start"  # before the first step: asked of an application that is not in the database yet, too
    CHECK = "check"  # before the check page
    ARRIVAL = "arrival"  # after the resident declared, before it counts as received
    COMPLETION = "completion"  # after the decision


class Gate(Protocol):
    """The moment a gate guards, and five members, no more: a new need is a new seam, by ADR."""

    moment: Moment
    name: str

    def applies(self, application: Application) -> bool:
        """Whether the editor asked for it; `application.version.engine.definition.requires` says so."""

    def is_open(self, application: Application) -> bool:
        """Whether the application may pass."""

    def url(self, application: Application) -> str:
        """Where the resident goes to open it."""

    def facts(self, application: Application) -> dict[str, Any]:
        """What an officer may see of it, label -> text."""


@cache
def gates() -> tuple[Gate, ...]:
    """Every gate, in the order in which the resident meets them."""
    return tuple(listed(settings.APPLICATION_GATES).values())


def first_closed(application: Application, *moments: Moment) -> Gate | None:
    """The first gate of these moments that is still closed."""
    for gate in gates():
        if gate.moment in moments and gate.applies(application) and not gate.is_open(application):
            return gate
    return None


def guards(application: Application, moment: Moment) -> bool:
    """Whether any gate guards this moment of the application."""
    return any(gate.moment == moment and gate.applies(application) for gate in gates())
