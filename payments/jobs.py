"""What the worker does about payments. Each claims rows by changing them; of two workers one does it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, move
from applications.models import Application
from applications.status import Action, Status
from payments import events
from payments.claiming import ask
from payments.fees import balance_of
from payments.lifecycle import LOOK_AGAIN, apply_refund
from payments.models import Fee, Payment, Refund
from payments.paying import PROVIDERS, look
from payments.providers import Rejected, SeenRefund, Unreachable
from payments.status import UNDER_WAY, RefundAction, RefundState, State

logger = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=5)
QUIET = timedelta(minutes=15)  # who pays at once is not asked by mail


def look_due() -> int:
    """Ask about payments of which nothing was told for a while; how many."""
    now = timezone.now()
    due = Payment.objects.filter(look_at__lte=now).order_by("look_at").select_related("fee__application")[:BATCH]
    mine = [payment for payment in due if _claimed(payment, now)]
    for payment in mine:
        try:
            look(payment)
        except (Unreachable, Rejected) as problem:
            logger.warning("payment %s: %s", payment.pk, type(problem).__name__)
    return len(mine)


def _claimed(payment: Payment, now: datetime) -> bool:
    again = now + (LOOK_AGAIN if payment.state == State.WAITING else LEASE)
    return bool(Payment.objects.filter(pk=payment.pk, look_at=payment.look_at).update(look_at=again))


def send_refunds() -> int:
    """Send back what is to go back, and ask how what was sent is doing; how many."""
    now = timezone.now()
    due = Refund.objects.filter(due_at__lte=now, state__in=(RefundState.REQUESTED, RefundState.PENDING))
    related = due.select_related("payment__fee__application").order_by("due_at")[:BATCH]
    mine = [refund for refund in related if _claimed_refund(refund, now)]
    for refund in mine:
        _send(refund)
    return len(mine)


def _claimed_refund(refund: Refund, now: datetime) -> bool:
    again = now + (LOOK_AGAIN if refund.state == RefundState.PENDING else LEASE)
    return bool(Refund.objects.filter(pk=refund.pk, due_at=refund.due_at).update(due_at=again))


def _send(refund: Refund) -> None:
    try:
        seen = PROVIDERS[refund.payment.provider].refund(refund)
    except Unreachable as problem:
        logger.warning("refund %s: %s", refund.pk, problem)
        return
    except Rejected as problem:
        logger.error("refund %s: %s", refund.pk, problem)  # noqa: TRY400 - no traceback: it may hold what a person typed
        seen = SeenRefund(refund.ref or "", refund.public_id, refund.amount, RefundAction.FAILED)
    apply_refund(refund.pk, seen)


def ask_unpaid() -> int:
    """Who declared a while ago and has not paid is asked by mail, once; how many."""
    old = timezone.now() - QUIET
    waiting = Fee.objects.filter(application__status=Status.PENDING, asked_at=None, total__gt=0, created_at__lt=old)
    return sum(_ask(pk) for pk in waiting.order_by("pk").values_list("application", flat=True)[:BATCH])


@transaction.atomic
def _ask(application_id: int) -> bool:
    application, fee = _pending(application_id)
    if fee is None or fee.asked_at is not None:
        return False
    if fee.payments.filter(state=State.WAITING).exists():  # the voucher's mail says it all
        fee.asked_at = timezone.now()
        fee.save(update_fields=["asked_at"])
        return True
    return ask(application, fee)


def expire_unpaid() -> int:
    """Applications that were to be paid to arrive, and were not in time: they end, and their places are free again."""
    late = Fee.objects.filter(application__status=Status.PENDING, due_by__lt=timezone.now())
    pks = late.exclude(payments__state__in=UNDER_WAY).order_by("due_by").values_list("application", flat=True)
    return sum(_expire(pk) for pk in pks[:BATCH])


@transaction.atomic
def _expire(application_id: int) -> bool:
    application, fee = _pending(application_id)
    if fee is None or fee.due_by is None or fee.due_by >= timezone.now():
        return False
    due = balance_of(fee).due
    if not due or fee.payments.filter(state__in=UNDER_WAY).exists():
        return False
    events.tell(application, events.LAPSED, due)
    move(application_id, Action.EXPIRE)
    return True


def _pending(application_id: int) -> tuple[Application, Fee | None]:
    """Under its lock; without a fee when it is not waiting any more."""
    application = lock(application_id)
    if application.status != Status.PENDING:
        return application, None
    return application, Fee.objects.get(application=application)
