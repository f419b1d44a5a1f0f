"""What a person does with a checkout page: pays by card, takes a voucher to a shop, or lets it be.

What happened to the session and the payment is told in the order in which the API is known to tell it; who listens may
not rely on that.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

from payments.standin.book import Book, Thing
from payments.standin.intents import Decline, begin, charge, complete, fail, pending, succeed, voucher_of
from payments.standin.sessions import KONBINI_DAYS, close

JAPAN = timezone(timedelta(hours=9))
STORES = {
    "familymart": "ファミリーマート",
    "lawson": "ローソン",
    "ministop": "ミニストップ",
    "seicomart": "セイコーマート",
}


GENERIC = Decline(
    "card_declined",
    "generic_decline",
    "Your card was declined.",
    "カードが承認されませんでした。別のカードをお使いください。",
)
NO_FUNDS = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    "カードの残高か利用枠が足りません。別のカードをお使いください。",
)
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    "",
    "The provided payment method has failed authentication.",
    "カード会社での本人認証ができませんでした。もう一度ためすか、別のカードをお使いください。",
)
DECLINES = {decline.message: decline for decline in (GENERIC, NO_FUNDS, NOT_AUTHENTICATED)}


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    label: str
    decline: Decline | None = None
    is_secured: bool = False


CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "支払える"),
        Card("4000000000000002", "承認されない", GENERIC),
        Card("4000000000009995", "残高が足りない", NO_FUNDS),
        Card("4000002500003155", "3Dセキュアの本人認証がある", is_secured=True),
    )
}


def pay_by_card(book: Book, session: Thing, card: Card, person: Thing) -> Decline | None:
    """The session is complete, or asks for the bank's page (`next_action`), or the card was declined. Raises Over."""
    intent = begin(book, session, "card", person)
    if card.is_secured:
        intent.update(
            status="requires_action",
            next_action={
                "type": "redirect_to_url",
                "redirect_to_url": {"url": f"{book.origin}/c/bank/{intent['id']}", "return_url": session["url"]},
            },
        )
        book.tell("payment_intent.requires_action", intent)
        return None
    return _settle(book, session, intent, card, card.decline)


def answer_bank(book: Book, session: Thing, is_confirmed: bool) -> Decline | None:
    """What the person did on the page of 3-D Secure. Raises Over."""
    intent = pending(book, session, "redirect_to_url")
    card = next(card for card in CARDS.values() if card.is_secured)
    if not is_confirmed:
        fail(book, intent, NOT_AUTHENTICATED, None)
        return NOT_AUTHENTICATED
    return _settle(book, session, intent, card, None)


def _settle(book: Book, session: Thing, intent: Thing, card: Card, decline: Decline | None) -> Decline | None:
    """The card's bank has spoken."""
    details = {"type": "card", "card": {"brand": "visa", "last4": card.number[-4:]}}
    made = charge(book, intent, details, decline)
    if decline is not None:
        fail(book, intent, decline, made)
        return decline
    succeed(book, intent, made)
    complete(book, session, "paid")
    return None


def last_problem(book: Book, session: Thing) -> str:
    """Why the try before this one failed, for the person."""
    error = session["payment_intent"] and book.find("payment_intent", session["payment_intent"])["last_payment_error"]
    return DECLINES[error["message"]].text if error else ""


def take_voucher(book: Book, session: Thing, person: Thing) -> Thing:
    """The session is complete, and unpaid until somebody pays at a shop; the intent. Raises Over."""
    intent = begin(book, session, "konbini", person)
    days = session["payment_method_options"].get("konbini", {}).get("expires_after_days") or KONBINI_DAYS
    last = datetime.fromtimestamp(book.now(), JAPAN).date() + timedelta(days=days)
    until = int(datetime.combine(last, time(23, 59, 59), JAPAN).timestamp())
    code = f"{secrets.randbelow(10**6):06d}"
    intent.update(
        status="requires_action",
        next_action={
            "type": "konbini_display_details",
            "konbini_display_details": {
                "expires_at": until,
                "hosted_voucher_url": f"{book.origin}/c/voucher/{intent['id']}",
                "stores": {name: {"payment_code": code, "confirmation_number": person["phone"]} for name in STORES},
            },
        },
    )
    book.tell("payment_intent.requires_action", intent)
    complete(book, session, "unpaid")
    return intent


def pay_voucher(book: Book, session: Thing, store: str = "lawson") -> None:
    """Money on the counter of a shop, days later. Raises Over."""
    intent = pending(book, session, "konbini_display_details")
    succeed(book, intent, charge(book, intent, {"type": "konbini", "konbini": {"store": {"chain": store}}}))
    session["payment_status"] = "paid"
    book.tell("checkout.session.async_payment_succeeded", session)


def let_voucher_expire(book: Book, session: Thing) -> None:
    """Nobody came to the shop in time. Raises Over."""
    intent = pending(book, session, "konbini_display_details")
    expired = Decline("payment_intent_payment_attempt_expired", "", "The konbini voucher has expired.", "")
    fail(book, intent, expired, None)
    book.tell("checkout.session.async_payment_failed", session)


def sweep(book: Book) -> None:
    """What ends by the clock: pages, and vouchers."""
    now = book.now()
    if now == book.swept:
        return
    book.swept = now
    for session in list(book.things["checkout.session"].values()):
        if session["status"] == "open" and session["expires_at"] <= now:
            close(book, session)
        elif (voucher := voucher_of(book, session)) and voucher["expires_at"] < now:
            let_voucher_expire(book, session)
