"""Money on its way back: refunds, and disputes."""

from payments.standin.book import Book, Thing
from payments.standin.refused import Refused

ENDED = frozenset({"failed", "canceled"})  # of a refund: the money stays


def create(book: Book, given: Thing) -> Thing:
    """Raises Refused."""
    made_of = _charge(book, given)
    left = made_of["amount"] - made_of["amount_refunded"]
    amount = given.get("amount", left)
    if not made_of["paid"]:
        raise Refused(f"Charge {made_of['id']} has not been paid, so it cannot be refunded.", param="charge")
    if any(dispute["status"] != "won" for dispute in book.having("dispute", charge=made_of["id"])):
        raise Refused(f"Charge {made_of['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Refused(f"Charge {made_of['id']} has already been refunded.", code="charge_already_refunded")
    if amount <= 0:
        raise Refused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise Refused(
            f"Refund amount (¥{amount:,}) is greater than unrefunded amount on charge (¥{left:,})", param="amount"
        )
    refund = _new(book, made_of, amount, given)
    _count(book, made_of)
    book.tell("refund.created", refund)
    book.tell("charge.refunded", made_of)
    return refund


def _charge(book: Book, given: Thing) -> Thing:
    if given.get("charge"):
        return book.find("charge", given["charge"], "charge")
    if not given.get("payment_intent"):
        raise Refused(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = book.find("payment_intent", given["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise Refused(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    return book.find("charge", intent["latest_charge"])


def _new(book: Book, made_of: Thing, amount: int, given: Thing) -> Thing:
    """Of a card: done. Of a convenience store: once the person has said to which account, by mail."""
    is_cash = made_of["payment_method_details"]["type"] == "konbini"
    mail = given.get("instructions_email") or made_of["billing_details"]["email"]
    if is_cash and not mail:
        raise Refused("An email is required to refund this payment.", param="instructions_email")
    action = {
        "type": "display_details",
        "display_details": {
            "email_sent": {"email_sent_at": book.now(), "email_sent_to": mail},
            "expires_at": book.now() + 45 * 24 * 3600,
        },
    }
    return book.add(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=made_of["id"],
        currency="jpy",
        instructions_email=mail if is_cash else None,
        metadata=given.get("metadata") or {},
        next_action=action if is_cash else None,
        payment_intent=made_of["payment_intent"],
        reason=given.get("reason"),
        receipt_number=None,
        status="requires_action" if is_cash else "succeeded",
    )


def _count(book: Book, made_of: Thing) -> None:
    refunds = [refund for refund in book.having("refund", charge=made_of["id"]) if refund["status"] not in ENDED]
    back = sum(refund["amount"] for refund in refunds)
    made_of.update(amount_refunded=back, refunded=back == made_of["amount"])


def settle(book: Book, refund: Thing, status: str) -> None:
    """succeeded: the person named an account; failed: the money came back. It may fail after it had succeeded."""
    refund.update(status=status, next_action=None)
    if status == "failed":
        refund["failure_reason"] = "expired_or_canceled_card"
    _count(book, book.find("charge", refund["charge"]))
    book.tell("refund.updated", refund)
    book.tell("charge.refund.updated", refund)
    if status == "failed":
        book.tell("refund.failed", refund)


def cancel(book: Book, given: Thing, name: str) -> Thing:
    """Raises Refused."""
    refund = book.find("refund", name, "refund")
    if refund["status"] != "requires_action":
        raise Refused(f"Refund {name} has a status of {refund['status']}; it cannot be canceled.")
    settle(book, refund, "canceled")
    return refund


def dispute(book: Book, made_of: Thing) -> Thing:
    """The holder of the card asks the bank for the money back. Raises Refused."""
    if made_of["disputed"] or not made_of["paid"] or made_of["refunded"]:
        raise Refused(f"Charge {made_of['id']} cannot be disputed.")
    made_of["disputed"] = True
    made = book.add(
        "dispute",
        amount=made_of["amount"] - made_of["amount_refunded"],
        balance_transactions=[],
        charge=made_of["id"],
        currency="jpy",
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={"due_by": book.now() + 9 * 24 * 3600, "has_evidence": False, "past_due": False},
        is_charge_refundable=False,
        livemode=False,
        metadata={},
        payment_intent=made_of["payment_intent"],
        reason="fraudulent",
        status="needs_response",
    )
    book.tell("charge.dispute.created", made)
    book.tell("charge.dispute.funds_withdrawn", made)
    return made


def close(book: Book, made: Thing, status: str) -> None:
    """status: won, or lost."""
    made["status"] = status
    book.tell("charge.dispute.closed", made)
    if status == "won":
        book.tell("charge.dispute.funds_reinstated", made)
