"""Checkout sessions: a page to pay on, and how it ends."""

from urllib.parse import urlsplit

from payments.standin.book import Book, Thing
from payments.standin.refused import Refused

SOONEST, LATEST = 30 * 60, 24 * 3600  # seconds from its creation until a page ends
METHODS = ("card", "konbini")
LIMITS = {"card": (50, 99_999_999), "konbini": (120, 300_000)}  # yen
KONBINI_DAYS = 3


def create(book: Book, given: Thing) -> Thing:
    """Raises Refused."""
    for name in ("mode", "success_url", "line_items"):
        if not given.get(name):
            raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name, is_early=True)
    _only(given, "mode", "payment")
    _only(given, "ui_mode", "hosted_page")
    for name in ("success_url", "cancel_url"):
        _check_url(given.get(name), name)
    items = [_line(item, number) for number, item in enumerate(given["line_items"])]
    total = sum(item["amount_total"] for item in items)
    methods = given.get("allowed_payment_method_types") or list(METHODS)
    for method in methods:
        _check_method(method, total)
    session = _new(book, given, methods, total)
    session["url"] = f"{book.origin}/c/pay/{session['id']}"
    book.behind[session["id"]] = {"line_items": items, "intent": given.get("payment_intent_data", {})}
    return session


def _new(book: Book, given: Thing, methods: list[str], total: int) -> Thing:
    return book.add(
        "checkout.session",
        amount_subtotal=total,
        amount_total=total,
        allowed_payment_method_types=given.get("allowed_payment_method_types"),
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=given.get("cancel_url"),
        client_reference_id=given.get("client_reference_id"),
        currency="jpy",
        custom_fields=[],
        custom_text=dict.fromkeys(("after_submit", "shipping_address", "submit")),
        customer=None,
        customer_details=None,
        customer_email=given.get("customer_email"),
        expires_at=_end(book, given.get("expires_at")),
        livemode=False,
        locale=given.get("locale"),
        metadata=given.get("metadata", {}),
        mode="payment",
        payment_intent=None,
        payment_method_options=given.get("payment_method_options", {}),
        payment_method_types=methods,
        payment_status="unpaid",
        shipping_options=[],
        status="open",
        submit_type=given.get("submit_type"),
        success_url=given["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
    )


def _only(given: Thing, name: str, value: str) -> None:
    if given.get(name, value) != value:
        raise Refused(f"The stand-in knows {name}={value} alone.", param=name, is_early=True)


def _check_url(url: str | None, param: str) -> None:
    if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
        raise Refused("Not a valid URL", code="url_invalid", param=param, is_early=True)


def _line(item: Thing, number: int) -> Thing:
    param = f"line_items[{number}]"
    if "price_data" not in item:
        raise Refused("The stand-in has no stored prices.", param=f"{param}[price_data]", is_early=True)
    price, quantity = item["price_data"], item.get("quantity", 1)
    if price["currency"] != "jpy":
        raise Refused("The stand-in takes yen alone.", param=f"{param}[price_data][currency]", is_early=True)
    if quantity < 0 or price.get("unit_amount", -1) < 0:
        raise Refused("Invalid non-negative integer", code="parameter_invalid_integer", param=param, is_early=True)
    amount = price["unit_amount"] * quantity
    return {
        "id": f"li_{number}",
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": "jpy",
        "description": price.get("product_data", {}).get("name"),
        "quantity": quantity,
    }


def _check_method(method: str, total: int) -> None:
    if method not in METHODS:
        raise Refused(
            f"The payment method type provided: {method} is invalid.",
            param="allowed_payment_method_types",
            is_early=True,
        )
    least, most = LIMITS[method]
    if total < least:
        raise Refused(f"The total amount due must be at least ¥{least} for {method}.", code="amount_too_small")
    if total > most:
        raise Refused(f"The total amount due must be no more than ¥{most:,} for {method}.", code="amount_too_large")


def _end(book: Book, wished: int | None) -> int:
    now = book.now()
    if wished is None:
        return now + LATEST
    if not SOONEST <= wished - now <= LATEST:
        when = "at least 30 minutes" if wished - now < SOONEST else "less than 24 hours"
        raise Refused(f"The `expires_at` timestamp must be {when} from Checkout Session creation.", param="expires_at")
    return wished


def expire(book: Book, given: Thing, name: str) -> Thing:
    """Raises Refused."""
    session = book.find("checkout.session", name, "session")
    if session["status"] != "open":
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
    close(book, session)
    return session


def close(book: Book, session: Thing) -> None:
    """The page ends without a payment."""
    session.update(status="expired", url=None)
    if session["payment_intent"]:
        intent = book.find("payment_intent", session["payment_intent"])
        intent.update(status="canceled", canceled_at=book.now(), cancellation_reason="expired", next_action=None)
        book.tell("payment_intent.canceled", intent)
    book.tell("checkout.session.expired", session)
