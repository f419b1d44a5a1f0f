"""The only writer of a payment's and a refund's state: lock the application, ask the table, write all of it together.

Whatever is told is told again, late, or in another order; what the table has no step for changes nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import advance, lock
from applications.models import Application
from applications.status import Status
from payments import events
from payments.fees import ENDED, balance_of, revise
from payments.models import Fee, Payment, Refund
from payments.providers import Seen, SeenRefund
from payments.requirement import COUNTER
from payments.status import (
    RECEIVED,
    REFUND_TRANSITIONS,
    REFUNDABLE,
    TRANSITIONS,
    RefundAction,
    RefundState,
    State,
)
from staff.models import User

LOOK_AGAIN = timedelta(hours=6)
GRACE = timedelta(hours=6)  # between the end of a voucher and the provider's word that it was not paid
PAGE_GRACE = timedelta(minutes=10)  # between the last moment to pay on a page and ours of knowing it
TOO_LATE = "申請が終わったあとに納付されたため"
ELSEWHERE = "決済事業者の管理画面で返金されたため"


class NotPossible(Exception):
    """The table has no such step from where the refund stands."""


def apply(payment_id: int, seen: Seen) -> Payment:
    """Take note of how the provider has the payment, and go on as far as that allows. As often as one likes."""
    application_id = Payment.objects.values_list("fee__application", flat=True).get(pk=payment_id)
    with transaction.atomic():
        application = lock(application_id)
        payment = Payment.objects.select_related("fee").get(pk=payment_id)
        _take(application, payment, seen)
    if payment.state in RECEIVED and application.status in (Status.PENDING, Status.APPROVED):
        advance(application_id)
    return payment


def _take(application: Application, payment: Payment, seen: Seen) -> None:
    before, after = State(payment.state), None
    if seen.action is not None:
        after = TRANSITIONS.get((before, seen.action))
    changed = _fill_in(payment, seen)
    if after is not None:
        if after == State.SUCCEEDED:
            payment.paid_at = seen.paid_at or timezone.now()
            payment.amount = seen.amount or payment.amount
        if after == State.LOST:
            payment.lost_at = timezone.now()
        payment.state = after
        payment.look_at = _next_look(payment)
    if after is not None or changed:
        payment.save()
    if after is not None:
        _tell(application, payment, before)
    if after == State.SUCCEEDED:
        _claim_nothing_more(application, payment)
    for refund in seen.refunds:
        _take_refund(application, payment, refund)
    if after is not None and after in RECEIVED:
        settle(application, payment.fee)


def _fill_in(payment: Payment, seen: Seen) -> bool:
    """What was not known before; a name that the provider gave once stays."""
    changed = False
    for name in ("ref", "intent", "method", "page_url", "voucher_url", "voucher_until"):
        told = getattr(seen, name)
        if told and not getattr(payment, name):
            setattr(payment, name, told)
            changed = True
    return changed


def _next_look(payment: Payment) -> datetime | None:
    """When to ask, in case that what the provider tells does not arrive."""
    now = timezone.now()
    if payment.state == State.OPEN and payment.expires_at:
        return payment.expires_at + PAGE_GRACE
    if payment.state == State.WAITING:
        return min(now + LOOK_AGAIN, max(now + PAGE_GRACE, payment.voucher_until or now + LOOK_AGAIN))
    return None


def _tell(application: Application, payment: Payment, before: State) -> None:
    after = State(payment.state)
    if after == State.WAITING:
        until = payment.voucher_until or payment.fee.due_by or timezone.now()
        events.tell(application, events.PROMISED, payment.amount, payment=payment.pk, until=until + GRACE)
    elif after == State.SUCCEEDED:
        events.tell(application, events.PAID, payment.amount, payment=payment.pk, actor=payment.staff)
    elif before == State.WAITING and after in (State.FAILED, State.EXPIRED):
        events.tell(application, events.FAILED, payment.amount, payment=payment.pk)
    elif after in (State.DISPUTED, State.LOST):
        events.tell(application, events.DISPUTED, payment.amount, payment=payment.pk)


def _claim_nothing_more(application: Application, payment: Payment) -> None:
    """Money for what has come to an end goes back, whatever the editor's rules say of money that came in time."""
    if application.status not in ENDED:
        return
    fee = payment.fee
    kept = max(0, balance_of(fee).net - payment.amount)
    if kept < fee.total:
        revise(fee, kept, reason=TOO_LATE)


def settle(application: Application, fee: Fee, *, reason: str = "", actor: User | None = None) -> list[Refund]:
    """Whatever is held beyond the claim goes back, from the newest payment first. The application's row is locked."""
    surplus = balance_of(fee).surplus
    made = []
    for payment in fee.payments.filter(state__in=REFUNDABLE).order_by("-pk"):
        left = payment.amount - sum(_counting(payment))
        amount = min(surplus, left)
        if amount <= 0:
            continue
        surplus -= amount
        why = reason or _why(fee)
        made.append(_request(application, payment, amount, why, actor))
    return made


def _counting(payment: Payment) -> Iterable[int]:
    """What has been sent back of it, or is promised to be."""
    return payment.refunds.exclude(state=RefundState.REPLACED).values_list("amount", flat=True)


def _why(fee: Fee) -> str:
    last = fee.changes.last()
    return last.reason if last is not None else "手数料より多く納付されたため"


def _request(application: Application, payment: Payment, amount: int, reason: str, actor: User | None) -> Refund:
    now = timezone.now()
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        reason=reason[:500],
        actor=actor,
        created_at=now,
        due_at=now,
    )
    events.tell(application, events.REFUND_STARTED, amount, actor=actor, reason=reason, refund=refund.pk)
    return refund


def apply_refund(refund_id: int, seen: SeenRefund) -> None:
    """Take note of how the provider has the refund."""
    with transaction.atomic():
        application, refund = _locked_refund(refund_id)
        if refund.ref in (None, seen.ref):
            _move_refund(application, refund, seen.action, ref=seen.ref)


def _take_refund(application: Application, payment: Payment, seen: SeenRefund) -> None:
    refund = payment.refunds.filter(ref=seen.ref).first()
    if refund is None and seen.key:
        refund = payment.refunds.filter(public_id=seen.key, ref=None).first()
    if refund is not None:
        _move_refund(application, refund, seen.action, ref=seen.ref)
    elif not seen.key and seen.action != RefundAction.FAILED:
        _made_elsewhere(application, payment, seen)


def _made_elsewhere(application: Application, payment: Payment, seen: SeenRefund) -> None:
    """Somebody sent money back on the provider's own pages: then it is not claimed any more."""
    fee, now = payment.fee, timezone.now()
    refund = Refund.objects.create(
        payment=payment, amount=seen.amount, reason=seen.reason or ELSEWHERE, ref=seen.ref, created_at=now, due_at=now
    )
    revise(fee, max(0, fee.total - seen.amount), reason=ELSEWHERE)
    events.tell(application, events.REFUND_STARTED, seen.amount, reason=refund.reason, refund=refund.pk)
    _move_refund(application, refund, seen.action, ref=seen.ref)


def retry_refund(refund_id: int, *, actor: User) -> Refund:
    """Try once more to send back what could not be sent. Raises NotPossible."""
    with transaction.atomic():
        application, refund = _locked_refund(refund_id)
        if not _move_refund(application, refund, RefundAction.REPLACE):
            raise NotPossible(refund.state)
        return _request(application, refund.payment, refund.amount, refund.reason, actor)


def note_repaid(refund_id: int, *, actor: User, receipt_number: str) -> None:
    """Staff gave the money back by other means: over the counter, or because the provider could not.

    Raises NotPossible: what the provider is sending must not be given a second time.
    """
    with transaction.atomic():
        application, refund = _locked_refund(refund_id)
        if _move_refund(application, refund, RefundAction.REPLACE):
            refund = _request(application, refund.payment, refund.amount, refund.reason, actor)
        elif refund.payment.provider != COUNTER:
            raise NotPossible(refund.state)
        refund.receipt_number = receipt_number
        if not _move_refund(application, refund, RefundAction.REPAID, actor=actor):
            raise NotPossible(refund.state)


def _locked_refund(refund_id: int) -> tuple[Application, Refund]:
    application_id = Refund.objects.values_list("payment__fee__application", flat=True).get(pk=refund_id)
    application = lock(application_id)
    return application, Refund.objects.select_related("payment__fee").get(pk=refund_id)


def _move_refund(
    application: Application, refund: Refund, action: RefundAction, *, ref: str = "", actor: User | None = None
) -> bool:
    """Take a step of the table, if it has one."""
    after = REFUND_TRANSITIONS.get((RefundState(refund.state), action))
    if after is None:
        return False
    now = timezone.now()
    refund.state, refund.ref = after, refund.ref or ref or None
    refund.due_at = now + LOOK_AGAIN if after == RefundState.PENDING else None
    if after == RefundState.SUCCEEDED:
        refund.done_at = now
        events.tell(application, events.REFUND_DONE, refund.amount, actor=actor, refund=refund.pk)
    elif after == RefundState.FAILED:
        refund.failed_at = now
        events.tell(application, events.REFUND_FAILED, refund.amount, refund=refund.pk)
    refund.save()
    return True
