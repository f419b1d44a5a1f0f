"""Subscriber: is told of events after they are committed, at least once. Implemented by APPLICATION_SUBSCRIBERS."""

from functools import cache
from typing import Protocol

from django.conf import settings

from applications.models import Event
from formbuilder.registry import listed


class Subscriber(Protocol):
    """name: stored with every delivery, so it never changes; kinds: the events it wants."""

    name: str
    kinds: frozenset[str]

    def deliver(self, event: Event) -> None:
        """Act on the event. Called again after a crash or an exception: must do no harm twice."""


@cache
def subscribers() -> dict[str, Subscriber]:
    """Every subscriber by name, in the order of the setting."""
    return listed(settings.APPLICATION_SUBSCRIBERS)


def wanting(kind: str) -> list[str]:
    """Names of the subscribers that want this kind of event."""
    return [name for name, subscriber in subscribers().items() if kind in subscriber.kinds]
