"""Delivers events to their subscribers: at least once each, outside any transaction, however often it takes."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from applications.models import Delivery, DeliveryState
from applications.subscribers import subscribers

log = logging.getLogger(__name__)

# A worker that dies holds its delivery no longer than this
LEASE = timedelta(minutes=5)
# Waits after the first, second, … failure; after the last one staff have to look
BACKOFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]


def deliver_due(limit: int = 50) -> int:
    """Deliver what is due, oldest first; how many were tried. Safe in any number of workers at once."""
    tried = 0
    while tried < limit and (delivery := _claim()) is not None:
        _deliver(delivery)
        tried += 1
    return tried


@transaction.atomic
def _claim() -> Delivery | None:
    """Take one delivery for the length of a lease; nobody else gets it meanwhile."""
    now = timezone.now()
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    skip = connection.features.has_select_for_update_skip_locked  # SQLite: one writer at a time anyway
    delivery = waiting.select_for_update(skip_locked=skip).first()
    if delivery is not None:
        delivery.attempts += 1
        delivery.due_at = now + LEASE
        delivery.save(update_fields=["attempts", "due_at"])
    return delivery


def _deliver(delivery: Delivery) -> None:
    subscriber = subscribers().get(delivery.subscriber)
    try:
        if subscriber is None:
            raise LookupError(f"no subscriber named {delivery.subscriber!r} in APPLICATION_SUBSCRIBERS")
        subscriber.deliver(delivery.event)
    except Exception as problem:  # whatever one subscriber does must not stop the others
        log.exception("delivery %s to %s failed", delivery.pk, delivery.subscriber)
        _failed(delivery, problem)
    else:
        delivery.state, delivery.delivered_at, delivery.last_error = DeliveryState.DELIVERED, timezone.now(), ""
        delivery.save(update_fields=["state", "delivered_at", "last_error"])


def _failed(delivery: Delivery, problem: Exception) -> None:
    if delivery.attempts > len(BACKOFF):
        delivery.state = DeliveryState.DEAD
    else:
        delivery.due_at = timezone.now() + BACKOFF[delivery.attempts - 1]
    delivery.last_error = f"{type(problem).__name__}: {problem}"[:2000]
    delivery.save(update_fields=["state", "due_at", "last_error"])


def retry(delivery_id: int) -> bool:
    """Put a dead delivery back into the queue; False when it is not dead (any more)."""
    return bool(
        Delivery.objects.filter(pk=delivery_id, state=DeliveryState.DEAD).update(
            state=DeliveryState.WAITING, due_at=timezone.now(), attempts=0
        )
    )
