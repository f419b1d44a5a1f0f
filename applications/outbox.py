"""Delivers events to their subscribers: at least once each, outside any transaction, however often it takes."""

import logging
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from applications.failures import where_it_failed
from applications.models import Delivery, DeliveryState
from applications.subscribers import subscribers

log = logging.getLogger(__name__)

# A worker that dies holds its delivery no longer than this
LEASE = timedelta(minutes=5)
# Waits after the first, second, … failure; after the last one staff have to look
KILLED = "WorkerKilled"
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
    # one that took its worker down every time never got as far as _failed
    waiting.filter(attempts__gt=len(BACKOFF)).update(state=DeliveryState.DEAD, last_error=KILLED)
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
    except Exception as problem:  # noqa: BLE001 - whatever one subscriber does must not stop the others
        place = where_it_failed(problem)
        log.error("delivery %s to %s failed: %s", delivery.pk, delivery.subscriber, place)  # noqa: TRY400 - a traceback may hold answers
        _failed(delivery, problem)
    else:
        _note(delivery, state=DeliveryState.DELIVERED, delivered_at=timezone.now(), last_error="")


def _failed(delivery: Delivery, problem: Exception) -> None:
    error = type(problem).__name__  # its text may hold an address or an answer
    if delivery.attempts > len(BACKOFF):
        _note(delivery, state=DeliveryState.DEAD, last_error=error)
    else:
        _note(delivery, due_at=timezone.now() + BACKOFF[delivery.attempts - 1], last_error=error)


def _note(delivery: Delivery, **result: Any) -> None:
    """Write the result of this attempt, unless a later one has begun or ended: then this one came too late."""
    mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.WAITING)
    mine.update(**result)


def retry(delivery_id: int) -> bool:
    """Put a dead delivery back into the queue; False when it is not dead (any more)."""
    return bool(
        Delivery.objects.filter(pk=delivery_id, state=DeliveryState.DEAD).update(
            state=DeliveryState.WAITING, due_at=timezone.now(), attempts=0
        )
    )


def again(event_id: int, subscriber: str) -> bool:
    """Deliver an event to one subscriber once more, whether that failed or not; False while it waits anyway."""
    done = Delivery.objects.filter(event_id=event_id, subscriber=subscriber).exclude(state=DeliveryState.WAITING)
    return bool(done.update(state=DeliveryState.WAITING, due_at=timezone.now(), attempts=0, last_error=""))
