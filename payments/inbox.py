"""What Stripe tells by webhook: kept once by its id, answered at once, and looked into by the worker.

An event is only a reason to look. So it does not matter how often it comes, how late, or in which order.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applications.failures import where_it_failed
from payments.lifecycle import apply
from payments.models import InboxEvent, Payment, Told
from payments.paying import look
from payments.providers import Rejected, Seen
from payments.status import Action
from payments.stripe_provider import Told as StripeTold
from payments.stripe_provider import fetch_event

log = logging.getLogger(__name__)

CREATED, CLOSED = "charge.dispute.created", "charge.dispute.closed"
KINDS = frozenset(
    {
        *(f"checkout.session.{what}" for what in ("completed", "expired")),
        *(f"checkout.session.async_payment_{what}" for what in ("succeeded", "failed")),
        *(f"payment_intent.{what}" for what in ("succeeded", "payment_failed")),
        *(f"refund.{what}" for what in ("created", "updated", "failed")),
        *("charge.refunded", CREATED, CLOSED),
    }
)
VERDICTS = {"lost": Action.LOST, "won": Action.WON, "warning_closed": Action.WON}

LEASE = timedelta(minutes=5)
BACKOFF = [timedelta(seconds=s) for s in (30, 120, 600, 3600, 14_400, 43_200)]
KEPT = timedelta(days=90)  # Stripe tells again for three days at most
BATCH = 50


def receive(told: StripeTold) -> bool:
    """Keep it; False when it has been told before."""
    state = Told.WAITING if told.kind in KINDS else Told.UNKNOWN
    _, is_new = InboxEvent.objects.get_or_create(
        event_id=told.event_id,
        defaults={
            "kind": told.kind[:60],
            "payment": told.payment,
            "session": told.session,
            "intent": told.intent,
            "state": state,
            "due_at": timezone.now(),
        },
    )
    return is_new


def process_due() -> int:
    """Look into what was told; how many were tried. Safe in any number of workers."""
    tried = 0
    while tried < BATCH and (event := _claim()) is not None:
        _process(event)
        tried += 1
    return tried


def _claim() -> InboxEvent | None:
    """One that is due, ours for the length of a lease: of two workers one changes the row."""
    now = timezone.now()
    for event in InboxEvent.objects.filter(state=Told.WAITING, due_at__lte=now).order_by("due_at", "pk")[:BATCH]:
        mine = InboxEvent.objects.filter(pk=event.pk, state=Told.WAITING, attempts=event.attempts)
        if mine.update(attempts=event.attempts + 1, due_at=now + LEASE):
            event.attempts += 1
            return event
    return None


def _process(event: InboxEvent) -> None:
    try:
        payment = payment_of(event)
        if payment is None:
            _later(event, "no such payment", Told.UNKNOWN)
            return
        _look_into(event, payment)
    except Exception as problem:  # noqa: BLE001 - one event must not stop the others
        log.error("payment event %s failed: %s", event.event_id, where_it_failed(problem))  # noqa: TRY400 - a traceback may hold what a person typed
        _later(event, type(problem).__name__, Told.DEAD)
    else:
        InboxEvent.objects.filter(pk=event.pk).update(state=Told.DONE, last_error="")


def payment_of(event: InboxEvent) -> Payment | None:
    """Whose event it is; None while, or because, we do not know the payment."""
    names = {"public_id": event.payment, "ref": event.session, "intent": event.intent}
    asked = Q(pk__in=())
    for name, value in names.items():
        if value:
            asked |= Q(**{name: value})
    return Payment.objects.select_related("fee__application").filter(asked).order_by("pk").first()


def _look_into(event: InboxEvent, payment: Payment) -> None:
    if event.session and not payment.ref:  # told sooner than the answer to our own request was written down
        payment = apply(payment.pk, Seen(Action.OPENED, ref=event.session))
    look(payment)
    if event.kind == CREATED:
        apply(payment.pk, Seen(Action.DISPUTED))
    elif event.kind == CLOSED:
        verdict = VERDICTS.get(fetch_event(event.event_id).dispute)
        if verdict is None:
            raise Rejected("no verdict")
        apply(payment.pk, Seen(verdict))


def _later(event: InboxEvent, why: str, at_last: Told) -> None:
    if event.attempts > len(BACKOFF):
        InboxEvent.objects.filter(pk=event.pk).update(state=at_last, last_error=why)
    else:
        due_at = timezone.now() + BACKOFF[event.attempts - 1]
        InboxEvent.objects.filter(pk=event.pk).update(due_at=due_at, last_error=why)


@transaction.atomic
def forget_old() -> int:
    """Remove what was looked into long ago; 0, because that is never urgent."""
    InboxEvent.objects.filter(state__in=(Told.DONE, Told.UNKNOWN), received_at__lt=timezone.now() - KEPT).delete()
    return 0
