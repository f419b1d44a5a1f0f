"""突合: what we have against what Stripe has, and against what must hold among ourselves. It changes nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from applications.gates import Moment, first_closed
from applications.status import Status
from payments.fees import balance_of
from payments.models import Fee, Payment, Refund
from payments.status import RECEIVED, RefundState, State
from payments.stripe_provider import KEY
from payments.stripe_provider import NAME as STRIPE

JUST_NOW = timedelta(minutes=10)  # what happens meanwhile is no difference
PAID = "succeeded"
NO_MONEY = frozenset({"failed", "canceled"})


def differences(since: datetime, intents: Iterator[Any], refunds: Iterator[Any]) -> Iterator[str]:
    """One line for each; no name of a person. intents, refunds: everything that Stripe made since then."""
    theirs = {intent.id: intent for intent in intents}
    yield from _payments(since, theirs)
    yield from _refunds(since, list(refunds))
    yield from _among_ourselves(since)


def _payments(since: datetime, theirs: dict[str, Any]) -> Iterator[str]:
    ours = {payment.public_id: payment for payment in Payment.objects.filter(provider=STRIPE, created_at__gte=since)}
    by_intent = {payment.intent: payment for payment in ours.values() if payment.intent}
    for intent in theirs.values():
        payment = by_intent.get(intent.id) or ours.get(_key(intent))
        if payment is None:
            if intent.status == PAID and not _is_known(intent):
                yield f"{intent.id}: {intent.amount_received}円がStripeで支払われていますが、支払いの記録がありません。"
            continue
        is_paid, is_ours = intent.status == PAID, payment.state in (*RECEIVED, State.LOST)
        if is_paid and not is_ours and not _is_new(intent):
            yield f"{_name(payment)}: Stripeでは支払い済みですが、記録は「{payment.get_state_display()}」です。"
        elif is_ours and not is_paid:
            yield f"{_name(payment)}: 記録は納付済みですが、Stripeでは支払われていません（{intent.status}）。"
        elif is_paid and is_ours and intent.amount_received != payment.amount:
            yield f"{_name(payment)}: 金額が違います。記録 {payment.amount}円、Stripe {intent.amount_received}円。"
    for payment in by_intent.values():
        if payment.intent not in theirs and payment.state in RECEIVED:
            yield f"{_name(payment)}: 記録は納付済みですが、Stripeにこの支払い（{payment.intent}）がありません。"


def _is_known(intent: Any) -> bool:
    """Of a payment that was begun before the days that are looked at."""
    return Payment.objects.filter(intent=intent.id).exists() or Payment.objects.filter(public_id=_key(intent)).exists()


def _refunds(since: datetime, theirs: list[Any]) -> Iterator[str]:
    known = Refund.objects.filter(payment__provider=STRIPE).exclude(ref=None).select_related("payment__fee")
    told = {refund.id for refund in theirs}
    ours = {refund.ref: refund for refund in known.filter(Q(created_at__gte=since) | Q(ref__in=told))}
    for each in theirs:
        found = ours.get(each.id)
        if found is not None and (what := _differs(found, each)):
            yield f"{_name(found.payment)}: {what}"
        elif found is None and each.status not in NO_MONEY and not _is_new(each):
            yield f"{each.id}: {each.amount}円がStripeで返金されていますが、返金の記録がありません。"
    for ref, refund in ours.items():
        if ref not in told and refund.state == RefundState.SUCCEEDED:
            yield f"{_name(refund.payment)}: 記録は返金済みですが、Stripeにこの返金（{ref}）がありません。"


def _differs(ours: Refund, theirs: Any) -> str:
    label = ours.get_state_display()
    if ours.amount != theirs.amount:
        return f"返金の額が違います。記録 {ours.amount}円、Stripe {theirs.amount}円。"
    if theirs.status in NO_MONEY and ours.state not in (RefundState.FAILED, RefundState.REPLACED):
        return f"Stripeでは返金できていませんが、記録は「{label}」です。"
    if theirs.status == PAID and ours.state != RefundState.SUCCEEDED and not _is_new(theirs):
        return f"Stripeでは返金済みですが、記録は「{label}」です。"
    return ""


def _among_ourselves(since: datetime) -> Iterator[str]:
    """Paid and not arrived, held beyond what is claimed, and refunds that wait for somebody."""
    old = timezone.now() - JUST_NOW
    for fee in Fee.objects.filter(created_at__gte=since, created_at__lt=old).select_related("application__version"):
        balance = balance_of(fee)
        if balance.surplus and not fee.payments.filter(state=State.DISPUTED).exists():
            yield f"{fee.number}: 手数料より{balance.surplus}円多く納付されていますが、返金の手続がありません。"
        is_waiting = fee.application.status == Status.PENDING
        if is_waiting and balance.received and first_closed(fee.application, Moment.ARRIVAL) is None:
            yield f"{fee.number}: 納付済みですが、申請が受け付けられていません。"
    for refund in Refund.objects.filter(state=RefundState.FAILED, created_at__gte=since).select_related("payment__fee"):
        yield f"{_name(refund.payment)}: {refund.amount}円を返金できていません。手数料の画面で手続をしてください。"


def _name(payment: Payment) -> str:
    return f"{payment.fee.number}（{payment.amount}円）"


def _key(intent: Any) -> str:
    metadata = getattr(intent, "metadata", None)
    return str(getattr(metadata, KEY, None) or "")


def _is_new(thing: Any) -> bool:
    return bool(thing.created > (timezone.now() - JUST_NOW).timestamp())
