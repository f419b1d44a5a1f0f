"""The stand-in as a whole: its book, its API, its courier, its key and its secret, made when it starts."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from threading import RLock

from payments.standin.api import Api
from payments.standin.book import Book
from payments.standin.courier import Courier


class Failure(StrEnum):
    """DOWN: nothing is done; LOST: it is done, and the answer is lost; BUSY: too many requests."""

    DOWN = "down"
    LOST = "lost"
    BUSY = "busy"


@dataclass
class StandIn:
    """webhook: where events go, "" for nowhere; failing, failures: how, and how many times, the API fails next."""

    webhook: str = ""
    key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(24)}")
    secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(24)}")
    failing: Failure = Failure.DOWN
    failures: int = 0

    def __post_init__(self) -> None:
        self.lock = RLock()  # one request at a time: the book is plain dictionaries
        self.book = Book()
        self.api = Api(self.book, self.key)
        self.courier = Courier(self.webhook, self.secret)
        self.book.listeners.append(self.courier.take)

    def fail(self, how: Failure, times: int) -> None:
        with self.lock:
            self.failing, self.failures = how, times

    def next_failure(self) -> Failure | None:
        with self.lock:
            if not self.failures:
                return None
            self.failures -= 1
            return self.failing

    def advance(self, seconds: int) -> None:
        """Its clock goes on; what ends by then ends at the next look."""
        with self.lock:
            self.book.shift += seconds
