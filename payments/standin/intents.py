"""Payment intents and charges: what is behind a checkout page."""

import secrets
from dataclasses import dataclass
from typing import Any

from payments.standin.book import Book, Thing
from payments.standin.refused import Refused


@dataclass(frozen=True, slots=True)
class Decline:
    """As the API says it; text: as the person reads it."""

    code: str
    decline_code: str
    message: str
    text: str


class Over(Exception):
    """The page, or the voucher, cannot be paid any more."""


def begin(book: Book, session: Thing, method: str, person: Thing) -> Thing:
    """The intent of a page that somebody pays on; made at the first try. Raises Over."""
    if session["status"] != "open" or session["expires_at"] <= book.now():
        raise Over
    session["customer_details"] = {**person, "address": None, "tax_exempt": "none", "tax_ids": []}
    if session["payment_intent"] is None:
        intent = _new(book, session)
        session["payment_intent"] = intent["id"]
        book.tell("payment_intent.created", intent)
    intent = book.find("payment_intent", session["payment_intent"])
    intent.update(
        status="requires_confirmation",
        next_action=None,
        last_payment_error=None,
        payment_method=f"pm_{secrets.token_hex(12)}",
        payment_method_types=[method],
    )
    return intent


def _new(book: Book, session: Thing) -> Thing:
    about = book.behind[session["id"]]["intent"]
    made = book.add(
        "payment_intent",
        amount=session["amount_total"],
        amount_capturable=0,
        amount_received=0,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=None,
        confirmation_method="automatic",
        currency="jpy",
        customer=None,
        description=about.get("description"),
        last_payment_error=None,
        latest_charge=None,
        livemode=False,
        metadata=about.get("metadata", {}),
        next_action=None,
        payment_method=None,
        payment_method_options=session["payment_method_options"],
        payment_method_types=session["payment_method_types"],
        receipt_email=about.get("receipt_email"),
        status="requires_payment_method",
    )
    made["client_secret"] = f"{made['id']}_secret_{secrets.token_hex(12)}"
    return made


def pending(book: Book, session: Thing, action: str) -> Thing:
    """The intent that waits for just this. Raises Over."""
    if session["payment_intent"] is None:
        raise Over
    intent = book.find("payment_intent", session["payment_intent"])
    if intent["status"] != "requires_action" or intent["next_action"]["type"] != action:
        raise Over
    return intent


def charge(book: Book, intent: Thing, details: Thing, decline: Decline | None = None) -> Thing:
    """One try to get the money, told right away."""
    person = session_of(book, intent["id"])["customer_details"]
    is_paid = decline is None
    made = book.add(
        "charge",
        amount=intent["amount"],
        amount_captured=intent["amount"] if is_paid else 0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details={**person, "tax_id": None},
        captured=is_paid,
        currency="jpy",
        customer=None,
        description=intent["description"],
        disputed=False,
        failure_code=None if decline is None else decline.code,
        failure_message=None if decline is None else decline.message,
        livemode=False,
        metadata=dict(intent["metadata"]),
        outcome=_outcome(decline),
        paid=is_paid,
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details=details,
        receipt_email=intent["receipt_email"],
        refunded=False,
        status="succeeded" if is_paid else "failed",
    )
    intent["latest_charge"] = made["id"]
    book.tell("charge.succeeded" if is_paid else "charge.failed", made)
    return made


def _outcome(decline: Decline | None) -> Thing:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": None if decline is None else decline.decline_code,
        "seller_message": "Payment complete." if decline is None else decline.message,
        "type": "authorized" if decline is None else "issuer_declined",
    }


def succeed(book: Book, intent: Thing, made: Thing) -> None:
    intent.update(status="succeeded", amount_received=made["amount"], next_action=None, last_payment_error=None)
    book.tell("payment_intent.succeeded", intent)


def fail(book: Book, intent: Thing, decline: Decline, made: Thing | None) -> None:
    """The intent can be tried again, as far as its page is open."""
    said: dict[str, Any] = {"type": "card_error", "code": decline.code, "message": decline.message}
    if decline.decline_code:
        said["decline_code"] = decline.decline_code
    if made is not None:
        said["charge"] = made["id"]
    intent.update(status="requires_payment_method", next_action=None, payment_method=None, last_payment_error=said)
    book.tell("payment_intent.payment_failed", intent)


def complete(book: Book, session: Thing, payment_status: str) -> None:
    session.update(status="complete", payment_status=payment_status, url=None)
    book.tell("checkout.session.completed", session)


def cancel(book: Book, given: Thing, name: str) -> Thing:
    """Before it is paid: a voucher becomes worthless. Raises Refused."""
    intent = book.find("payment_intent", name, "intent")
    session = session_of(book, name)
    if session["status"] == "open":
        raise Refused("You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session instead.")
    if intent["status"] in {"succeeded", "canceled"}:
        raise Refused(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    reason = given.get("cancellation_reason")
    intent.update(status="canceled", canceled_at=book.now(), cancellation_reason=reason, next_action=None)
    book.tell("payment_intent.canceled", intent)
    return intent


def voucher_of(book: Book, session: Thing) -> Thing | None:
    """The voucher that can still be paid."""
    if session["status"] != "complete" or session["payment_status"] == "paid":
        return None
    action = book.find("payment_intent", session["payment_intent"])["next_action"] or {}
    found: Thing | None = action.get("konbini_display_details")
    return found


def session_of(book: Book, intent: str) -> Thing:
    """Raises Refused."""
    book.find("payment_intent", intent, "intent")
    return book.having("checkout.session", payment_intent=intent)[0]
