"""Subscriber: is told of events after they are committed, at least once. Implemented by APPLICATION_SUBSCRIBERS."""

from functools import cache
from typing import Protocol, runtime_checkable

from django.conf import settings

from applications.models import Event
from formbuilder.registry import listed


class Subscriber(Protocol):
    """name: stored with every delivery, so it never changes; kinds: the events it wants."""

    name: str
    kinds: frozenset[str]

    def deliver(self, event: Event) -> None:
        """Act on the event. Called again after a crash or an exception: must do no harm twice."""


@runtime_checkable
class Choosy(Protocol):
    """What a subscriber may have besides: then it is not sent what every application has and few mean it by."""

    def concerns(self, event: Event) -> bool:
        """Whether to deliver the event; asked while it is written, so it must be quick and ask for no more rows."""


@cache
def subscribers() -> dict[str, Subscriber]:
    """Every subscriber by name, in the order of the setting."""
    return listed(settings.APPLICATION_SUBSCRIBERS)


def wanting(event: Event) -> list[str]:
    """Names of the subscribers that want this event."""
    return [name for name, subscriber in subscribers().items() if _wants(subscriber, event)]


def _wants(subscriber: Subscriber, event: Event) -> bool:
    if event.kind not in subscriber.kinds:
        return False
    return not isinstance(subscriber, Choosy) or subscriber.concerns(event)
