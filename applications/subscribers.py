"""Subscriber: is told of events after they are committed, at least once. Implemented by APPLICATION_SUBSCRIBERS."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from applications.models import Event


class Subscriber(Protocol):
    """name: stored with every delivery, so it never changes; kinds: the events it wants."""

    name: str
    kinds: frozenset[str]

    def deliver(self, event: Event) -> None:
        """Act on the event. Called again after a crash or an exception: must do no harm twice."""


@cache
def subscribers() -> dict[str, Subscriber]:
    """Every subscriber by name, in the order of the setting."""
    made: dict[str, Subscriber] = {}
    for path in settings.APPLICATION_SUBSCRIBERS:
        subscriber: Subscriber = import_string(path)()
        if subscriber.name in made:
            raise ValueError(f"two subscribers are named {subscriber.name!r}")
        made[subscriber.name] = subscriber
    return made


def wanting(kind: str) -> list[str]:
    """Names of the subscribers that want this kind of event."""
    return [name for name, subscriber in subscribers().items() if kind in subscriber.kinds]
