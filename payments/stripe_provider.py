"""Stripe: cards and konbini on its own page (Checkout). The one module that knows the library.

Amounts in JPY are whole yen. What Stripe tells by webhook is only a hint: what counts is what `look` finds.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from itertools import takewhile
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

import stripe
from django.conf import settings

from applications.models import Application
from payments.fees import online_methods, voucher_days
from payments.links import url_of
from payments.models import Payment, Refund
from payments.providers import Rejected, Seen, SeenRefund, Unreachable
from payments.requirement import CARD, KONBINI
from payments.status import Action, RefundAction

P = ParamSpec("P")
R = TypeVar("R")

NAME = "stripe"
CHECKOUT = "https://checkout.stripe.com"
TIMEOUT = 15  # seconds
RETRIES = 2
KEY = "madoguchi"  # of our own id among the metadata

REFUND_ACTIONS = {
    "succeeded": RefundAction.DONE,
    "pending": RefundAction.SENT,
    "requires_action": RefundAction.SENT,  # the person has to say where to, which Stripe asks by mail
    "failed": RefundAction.FAILED,
    "canceled": RefundAction.FAILED,
}


def client() -> stripe.StripeClient:
    """Raises Rejected where Stripe is not set up."""
    if not settings.STRIPE["key"]:
        raise Rejected("no key")
    return _client(settings.STRIPE["key"], settings.STRIPE["api"])


@lru_cache(maxsize=4)
def _client(key: str, api: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": api} if api else None,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )


def page_origin() -> str:
    """Where the page to pay on is: the button leads there."""
    if not settings.STRIPE["api"]:
        return CHECKOUT
    parts = urlsplit(settings.STRIPE["api"])
    return f"{parts.scheme}://{parts.netloc}"


def asking(function: Callable[P, R]) -> Callable[P, R]:
    """What the library raises, as Unreachable or Rejected: by class, for its texts may hold what a person typed."""

    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as problem:
            raise Rejected(f"{type(problem).__name__} {problem.code or ''}".strip()) from None
        except stripe.StripeError as problem:
            raise Unreachable(type(problem).__name__) from None

    return ask


class Stripe:
    name = NAME

    @asking
    def begin(self, payment: Payment) -> Seen:
        application = payment.fee.application
        session = client().v1.checkout.sessions.create(
            _session_params(application, payment), {"idempotency_key": f"session-{payment.public_id}"}
        )
        return Seen(Action.OPENED, ref=session.id, page_url=session.url or "")

    @asking
    def look(self, payment: Payment) -> Seen:
        if not payment.ref:
            return Seen(None)
        session: Any = client().v1.checkout.sessions.retrieve(payment.ref, {"expand": ["payment_intent"]})
        return _seen(session)

    def close(self, payment: Payment) -> Seen:
        if payment.ref:
            with suppress(Rejected):  # it is over already, one way or the other
                self._expire(payment.ref)
        return self.look(payment)

    @asking
    def _expire(self, ref: str) -> None:
        client().v1.checkout.sessions.expire(ref)

    @asking
    def refund(self, refund: Refund) -> SeenRefund:
        refunds = client().v1.refunds
        if refund.ref:
            return _seen_refund(refunds.retrieve(refund.ref))
        payment = refund.payment
        if not payment.intent:
            raise Rejected("no intent")
        params: Any = {
            "payment_intent": payment.intent,
            "amount": refund.amount,
            "metadata": {KEY: refund.public_id},
        }
        email = payment.fee.application.email
        if payment.method == KONBINI and email:
            params["instructions_email"] = email
        made: Any = refunds.create(params, {"idempotency_key": f"refund-{refund.public_id}"})
        return _seen_refund(made)


def _session_params(application: Application, payment: Payment) -> Any:
    """The same for the same row: a second request with the same key has to be the same request."""
    methods = online_methods(application, payment.fee, payment.amount)
    assert payment.expires_at is not None
    metadata = {KEY: payment.public_id, "fee": payment.fee.number}
    title = application.version.engine.definition.title
    params: dict[str, Any] = {
        "mode": "payment",
        "locale": "ja",
        "allowed_payment_method_types": methods,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "jpy",
                    "unit_amount": payment.amount,
                    "product_data": {"name": f"{title} 手数料（{payment.fee.number}）"},
                },
            }
        ],
        "client_reference_id": payment.public_id,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "expires_at": int(payment.expires_at.timestamp()),
        "success_url": url_of(application, "payment-return"),
        "cancel_url": url_of(application, "payment-cancelled"),
    }
    if KONBINI in methods:
        params["payment_method_options"] = {"konbini": {"expires_after_days": voucher_days(payment.fee)}}
    if application.email:
        params["customer_email"] = application.email
    return params


def _seen(session: Any) -> Seen:
    """A session with its intent, as one look."""
    intent = session.payment_intent
    found: dict[str, Any] = {"ref": session.id, "intent": intent.id if intent else ""}
    if session.status == "expired":
        return Seen(Action.EXPIRED, **found)
    if session.status != "complete" or intent is None:
        return Seen(Action.OPENED, **found)
    if intent.status == "succeeded":
        return _seen_paid(intent, found)
    if intent.status in ("requires_payment_method", "canceled"):  # the voucher was not paid
        return Seen(Action.FAILED, **found)
    details = _part(_part(intent, "next_action"), "konbini_display_details")
    return Seen(
        Action.PROMISED,
        method=KONBINI if details is not None else "",
        voucher_url=_part(details, "hosted_voucher_url") or "",
        voucher_until=_time(_part(details, "expires_at")),
        **found,
    )


def _seen_paid(intent: Any, found: dict[str, Any]) -> Seen:
    charges = client().v1.charges.list({"payment_intent": intent.id, "limit": 10}).data
    paid: Any = next((charge for charge in charges if charge.status == "succeeded"), None)
    kind = _part(_part(paid, "payment_method_details"), "type")
    refunds = client().v1.refunds.list({"payment_intent": intent.id, "limit": 100})
    return Seen(
        Action.PAID,
        amount=intent.amount_received,
        method=kind if kind in (CARD, KONBINI) else "",
        paid_at=_time(_part(paid, "created")),
        refunds=tuple(_seen_refund(refund) for refund in refunds.auto_paging_iter()),
        **found,
    )


def _seen_refund(refund: Any) -> SeenRefund:
    key = _part(_part(refund, "metadata"), KEY) or ""
    action = REFUND_ACTIONS.get(refund.status or "", RefundAction.SENT)
    return SeenRefund(refund.id, str(key), refund.amount, action)


def _part(thing: Any, name: str) -> Any:
    """A part of what Stripe sent, None where it is not there: fields come and go without notice."""
    return getattr(thing, name, None) if thing is not None else None


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


# --- what is told by webhook


class Told:
    """A signed event: its id and kind, and whose it is."""

    def __init__(self, event: Any) -> None:
        thing = event.data.object
        kind: str = event.type
        metadata = _part(thing, "metadata")
        is_session, is_intent = kind.startswith("checkout.session."), kind.startswith("payment_intent.")
        self.event_id: str = event.id
        self.kind = kind
        self.payment = str(_part(metadata, KEY) or "") if is_session or is_intent else ""
        self.session = str(thing.id) if is_session else ""
        intent = thing.id if is_intent else _part(thing, "payment_intent")
        self.intent = str(intent) if isinstance(intent, str) else ""
        self.dispute: str = str(_part(thing, "status") or "") if kind.startswith("charge.dispute.") else ""


def read_event(body: bytes, signature: str) -> Told:
    """Raises Rejected for what Stripe has not signed, or what is no event."""
    if not settings.STRIPE["webhook_secret"]:  # anybody could sign with nothing
        raise Rejected("no secret")
    try:
        event = stripe.Webhook.construct_event(body, signature, settings.STRIPE["webhook_secret"])
        return Told(event)
    except (stripe.SignatureVerificationError, ValueError, AttributeError, TypeError, KeyError) as problem:
        raise Rejected(type(problem).__name__) from None


@asking
def fetch_event(event_id: str) -> Told:
    """The event as Stripe keeps it."""
    return Told(client().v1.events.retrieve(event_id))


# --- everything, for reconciliation


def listed_intents(since: datetime) -> Iterator[Any]:
    """Every payment intent made since then, the newest first."""
    return _made_since(since, client().v1.payment_intents.list({"limit": 100}).auto_paging_iter())


def listed_refunds(since: datetime) -> Iterator[Any]:
    return _made_since(since, client().v1.refunds.list({"limit": 100}).auto_paging_iter())


def _made_since(since: datetime, newest_first: Iterator[Any]) -> Iterator[Any]:
    return takewhile(lambda thing: thing.created >= since.timestamp(), newest_first)
