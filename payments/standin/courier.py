"""Brings events to the webhook: signed, again after a failure, and as badly as whoever practises wishes."""

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Condition, Thread
from typing import Any

import requests
import stripe

from payments.standin.book import Thing

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)  # seconds before the tries after the first; then it is given up
TIMEOUT = 20  # seconds
AT_ONCE = 4


class State(StrEnum):
    WAITING = "waiting"
    KEPT = "kept"
    DROPPED = "dropped"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


@dataclass(eq=False)
class Delivery:
    """due: by the clock of `time.monotonic`; answers: HTTP status of each try, 0 where nobody answered."""

    event: Thing
    due: float
    state: State = State.WAITING
    answers: list[int] = field(default_factory=list)
    is_out: bool = False


@dataclass
class Courier:
    """mode: what becomes of new events (WAITING: sent); delay: seconds that they wait."""

    url: str
    secret: str
    waits: tuple[float, ...] = WAITS
    mode: State = State.WAITING
    delay: float = 0
    deliveries: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = Condition()
        self._ends = False
        self._thread: Thread | None = None

    # --- what is to be brought

    def take(self, event: Thing) -> None:
        with self._changed:
            self.deliveries.append(Delivery(event, time.monotonic() + self.delay, self.mode))
            self._changed.notify_all()

    def send(self, delivery: Delivery) -> None:
        """At once; what was delivered already is sent again."""
        with self._changed:
            delivery.due, delivery.state = time.monotonic(), State.WAITING
            self._changed.notify_all()

    def drop(self, delivery: Delivery) -> None:
        with self._changed:
            delivery.state = State.DROPPED

    def release(self, order: Callable[[list[Delivery]], object] = lambda kept: None) -> None:
        """Everything that was kept, in an order: list.reverse, random.shuffle."""
        with self._changed:
            kept = [delivery for delivery in self.deliveries if delivery.state == State.KEPT]
        order(kept)
        for delivery in kept:
            self.send(delivery)

    # --- bringing it

    def signed(self, event: Thing) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a request to the webhook."""
        text = json.dumps(event, indent=2)
        signature = stripe.WebhookSignature.generate_signature_header(text, self.secret)
        return text.encode(), {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}

    def start(self) -> None:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                with self._changed:
                    if self._ends:
                        return
                    waiting = [one for one in self.deliveries if one.state == State.WAITING and not one.is_out]
                    now = time.monotonic()
                    due = sorted((one for one in waiting if one.due <= now), key=lambda one: one.due)
                    for delivery in due:
                        delivery.is_out = True
                    if not due:
                        self._changed.wait(min((one.due for one in waiting), default=now + 60) - now)
                for delivery in due:
                    pool.submit(self._bring, delivery)

    def _bring(self, delivery: Delivery) -> None:
        body, headers = self.signed(delivery.event)
        status = 0
        with suppress(requests.RequestException), requests.Session() as session:
            session.trust_env = False  # this machine needs no proxy to reach itself
            answer = session.post(self.url, body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
            status = answer.status_code
        with self._changed:
            self._note(delivery, status)
            self._changed.notify_all()

    def _note(self, delivery: Delivery, status: int) -> None:
        delivery.is_out = False
        delivery.answers.append(status)
        if delivery.state != State.WAITING:  # dropped meanwhile
            return
        failures = len(delivery.answers)
        if 200 <= status < 300:
            delivery.state = State.DELIVERED
            delivery.event["pending_webhooks"] = 0
        elif failures > len(self.waits):
            delivery.state = State.GIVEN_UP
        else:
            delivery.due = time.monotonic() + self.waits[failures - 1]


ORDERS: dict[str, Callable[[list[Any]], object]] = {
    "same": lambda kept: None,
    "reversed": list.reverse,
    "mixed": random.shuffle,
}
