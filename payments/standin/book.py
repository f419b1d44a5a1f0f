"""What the stand-in remembers: objects in the API's own shape, its clock, and what happened."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import stripe

from payments.standin.refused import missing

Thing = dict[str, Any]
PREFIXES = {
    "checkout.session": "cs_test",
    "payment_intent": "pi",
    "charge": "ch",
    "refund": "re",
    "dispute": "du",
    "event": "evt",
}


@dataclass
class Book:
    """origin: where the pages are; shift: seconds by which its clock is ahead;
    swept: when what ends by the clock was looked for; cause: the request that is served now;
    behind: what a session has that the API does not show.
    """

    origin: str = ""
    shift: int = 0
    swept: int = 0
    things: dict[str, dict[str, Thing]] = field(default_factory=lambda: {kind: {} for kind in PREFIXES})
    behind: dict[str, Thing] = field(default_factory=dict)
    cause: Thing = field(default_factory=dict)
    listeners: list[Callable[[Thing], None]] = field(default_factory=list)

    def now(self) -> int:
        return int(time.time()) + self.shift

    def add(self, kind: str, **values: Any) -> Thing:
        made = {"id": f"{PREFIXES[kind]}_{secrets.token_hex(12)}", "object": kind, "created": self.now(), **values}
        self.things[kind][made["id"]] = made
        return made

    def find(self, kind: str, name: str, param: str = "id") -> Thing:
        """Raises Refused."""
        try:
            return self.things[kind][name]
        except KeyError:
            raise missing(kind, name, param) from None

    def newest(self, kind: str) -> Iterator[Thing]:
        return reversed(self.things[kind].values())

    def having(self, kind: str, **values: Any) -> list[Thing]:
        """The newest first."""
        return [thing for thing in self.newest(kind) if all(thing.get(name) == its for name, its in values.items())]

    def tell(self, what: str, thing: Thing) -> Thing:
        """An event, with the object as it is at this moment."""
        event = self.add(
            "event",
            type=what,
            account=None,
            api_version=stripe.api_version,
            context=None,
            data={"object": json.loads(json.dumps(thing))},
            livemode=False,
            pending_webhooks=len(self.listeners),
            request={"id": self.cause.get("id"), "idempotency_key": self.cause.get("idempotency_key")},
        )
        for listener in self.listeners:
            listener(event)
        return event
