"""Every change of an endpoint, one function each."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.models import Event
from exports.webhooks.models import Endpoint, Message, MessageState
from exports.webhooks.signing import new_secret, sealed
from staff.models import User

OVERLAP = timedelta(hours=24)
REPLAY_MOST = 10_000  # events at once
REPLAY_DAYS = 90


def make(user: User, **given: Any) -> tuple[Endpoint, str]:
    """A new endpoint, and its secret, which nobody sees again."""
    endpoint, secret = Endpoint(user=user, **given), new_secret()
    endpoint.secret = sealed(secret, endpoint)
    endpoint.save()
    return endpoint, secret


def change(endpoint: Endpoint, **given: Any) -> None:
    """Write what the form says; what waits goes to the new address."""
    Endpoint.objects.filter(pk=endpoint.pk).update(**given)
    _try_at_once(endpoint)


@transaction.atomic
def rotate(endpoint: Endpoint) -> str:
    """A new secret; the one before goes on signing for a day."""
    locked = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    secret = new_secret()
    locked.old_secret, locked.old_until = locked.secret, timezone.now() + OVERLAP
    locked.secret = sealed(secret, locked)
    locked.save(update_fields=["secret", "old_secret", "old_until"])
    return secret


def stop(endpoint: Endpoint, because: str) -> bool:
    """Nothing is sent any more, and nothing lost: what waits goes on waiting. False when it had stopped already."""
    running = Endpoint.objects.filter(pk=endpoint.pk, stopped_at__isnull=True)
    return bool(running.update(stopped_at=timezone.now(), stopped_because=because))


def start(endpoint: Endpoint, user: User) -> None:
    """Who starts it answers for it from now on."""
    Endpoint.objects.filter(pk=endpoint.pk).update(
        stopped_at=None, stopped_because="", failures=0, next_at=None, user=user
    )


def queue(endpoint: Endpoint, events: Iterable[Event]) -> None:
    """Once for each event, however often it is called."""
    now = timezone.now()
    Message.objects.bulk_create(
        [Message(endpoint=endpoint, event=event, due_at=now) for event in events], ignore_conflicts=True
    )


def again(message: Message) -> bool:
    """Send it once more, with its old id; False while it is waiting anyway."""
    _try_at_once(message.endpoint)
    over = Message.objects.filter(pk=message.pk).exclude(state=MessageState.WAITING)
    return bool(over.update(state=MessageState.WAITING, attempts=0, due_at=timezone.now()))


@transaction.atomic
def replay(endpoint: Endpoint, since: datetime) -> int:
    """Send everything since that moment (again), also what was never queued; how many, at most REPLAY_MOST."""
    events = Event.objects.filter(
        application__department=endpoint.department_id,
        application__received_at__isnull=False,
        kind__in=endpoint.kinds,
        at__gte=since,
    ).order_by("pk")
    if endpoint.forms:
        events = events.filter(application__form__in=endpoint.forms)
    wanted = list(events[:REPLAY_MOST])
    queue(endpoint, wanted)
    now, pks = timezone.now(), [event.pk for event in wanted]
    for at in range(0, len(pks), 500):  # SQLite takes a limited number of values
        known = Message.objects.filter(endpoint=endpoint, event__in=pks[at : at + 500])
        known.update(state=MessageState.WAITING, attempts=0, due_at=now)
    _try_at_once(endpoint)
    return len(wanted)


def _try_at_once(endpoint: Endpoint) -> None:
    """Somebody has mended something: the rest after the last failure is over."""
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, next_at=None)
