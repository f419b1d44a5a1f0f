"""The API itself, without HTTP: who asks, what for, and whether it was asked before."""

import hmac
import re
import secrets
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from stripe.params import (
    ChargeListParams,
    ChargeRetrieveParams,
    DisputeListParams,
    DisputeRetrieveParams,
    EventListParams,
    EventRetrieveParams,
    PaymentIntentCancelParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
    RefundCancelParams,
    RefundCreateParams,
    RefundListParams,
    RefundRetrieveParams,
)
from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListLineItemsParams,
    SessionListParams,
    SessionRetrieveParams,
)

from payments.standin import intents, refunds, sessions
from payments.standin.attempts import sweep
from payments.standin.book import Book, Thing
from payments.standin.parameters import read, unfold
from payments.standin.refused import Refused
from payments.standin.showing import line_items, listed, shown

# what is done with the parameters and with the id in the path
Does = Callable[..., Thing]
READS: list[tuple[str, str, Any, Any]] = [
    ("checkout/sessions", "checkout.session", SessionListParams, SessionRetrieveParams),
    ("payment_intents", "payment_intent", PaymentIntentListParams, PaymentIntentRetrieveParams),
    ("charges", "charge", ChargeListParams, ChargeRetrieveParams),
    ("refunds", "refund", RefundListParams, RefundRetrieveParams),
    ("disputes", "dispute", DisputeListParams, DisputeRetrieveParams),
    ("events", "event", EventListParams, EventRetrieveParams),
]
DOES: list[tuple[str, str, Any, Does]] = [
    ("POST", "checkout/sessions", SessionCreateParams, sessions.create),
    ("POST", "checkout/sessions/ID/expire", SessionExpireParams, sessions.expire),
    (
        "GET",
        "checkout/sessions/ID/line_items",
        SessionListLineItemsParams,
        lambda book, given, name: line_items(book, name),
    ),
    ("POST", "payment_intents/ID/cancel", PaymentIntentCancelParams, intents.cancel),
    ("POST", "refunds", RefundCreateParams, refunds.create),
    ("POST", "refunds/ID/cancel", RefundCancelParams, refunds.cancel),
]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: re.Pattern[str]
    shape: Any
    does: Does


def _route(method: str, path: str, shape: Any, does: Does) -> Route:
    return Route(method, re.compile("/v1/" + path.replace("ID", r"([A-Za-z0-9_]+)")), shape, does)


def _list(kind: str, path: str) -> Does:
    return lambda book, given: listed(book, kind, given, f"/v1/{path}")


def _find(kind: str) -> Does:
    return lambda book, given, name: book.find(kind, name)


ROUTES = [
    *(_route(*does) for does in DOES),
    *(_route("GET", path, shape, _list(kind, path)) for path, kind, shape, _ in READS),
    *(_route("GET", f"{path}/ID", shape, _find(kind)) for path, kind, _, shape in READS),
]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Thing
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Api:
    """remembered: by idempotency key, the request it came with and what it was answered."""

    book: Book
    key: str
    remembered: dict[str, tuple[object, Answer]] = field(default_factory=dict)

    def answer(self, method: str, path: str, text: str, headers: Mapping[str, str]) -> Answer:
        """text: the parameters as they are sent, in the body or behind the path."""
        about = {"Request-Id": f"req_{secrets.token_hex(7)}"}
        name = headers.get("Idempotency-Key", "") if method == "POST" else ""
        if name:
            about["Idempotency-Key"] = name
        try:
            self._authenticate(headers.get("Authorization", ""))
            request = (method, path, sorted(parse_qsl(text, keep_blank_values=True)))
            if known := self._remembered(name, request):
                return Answer(known.status, known.body, {**about, "Idempotent-Replayed": "true"})
            self.book.cause = {"id": about["Request-Id"], "idempotency_key": name or None}
            done = self._do(method, path, unfold(parse_qsl(text, keep_blank_values=True)))
        except Refused as refused:
            done = Answer(refused.status, refused.body)
            if refused.is_early:
                return Answer(done.status, done.body, about)
        finally:
            self.book.cause = {}
        if name:
            self.remembered[name] = (request, done)
        return Answer(done.status, done.body, about)

    def _authenticate(self, given: str) -> None:
        kind, _, secret = given.partition(" ")
        if kind == "Basic":
            try:
                secret = b64decode(secret, validate=True).decode().partition(":")[0]
            except (Error, UnicodeDecodeError):
                secret = ""
        if not secret or kind not in {"Basic", "Bearer"}:
            raise Refused("You did not provide an API key.", status=401, is_early=True)
        if not hmac.compare_digest(secret.encode(), self.key.encode()):
            raise Refused(f"Invalid API Key provided: ****{secret[-4:]}", status=401, is_early=True)

    def _remembered(self, name: str, request: object) -> Answer | None:
        if name not in self.remembered:
            return None
        before, answer = self.remembered[name]
        if before != request:
            raise Refused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{name}' if you meant to execute a different request.",
                type="idempotency_error",
                is_early=True,
            )
        return answer

    def _do(self, method: str, path: str, sent: Thing) -> Answer:
        sweep(self.book)
        for route in ROUTES:
            match = route.path.fullmatch(path)
            if match and route.method == method:
                given = read(sent, route.shape)
                return Answer(
                    200, shown(self.book, route.does(self.book, given, *match.groups()), given.get("expand", []))
                )
        raise Refused(f"Unrecognized request URL ({method}: {path}).", status=404, is_early=True)
