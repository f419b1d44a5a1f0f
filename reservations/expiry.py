"""Holds whose time is over. A job ends them every minute, and whoever finds a place taken looks first."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.status import Status
from reservations.ending import end
from reservations.models import Booking, State
from reservations.taking import NotTaken

BATCH = 100  # ended in one transaction
TRIES = 3

# Their holds count no longer than they say.
UNDECLARED = (Status.DRAFT, Status.WITHDRAWN, Status.EXPIRED, Status.REJECTED)
# The hold of a declared application outlives its first minutes: it waits for the payment, up to a limit of its own.
# One that nobody asked for (補欠) waits for a yes, whatever the application has come to.
FORGOTTEN = Q(application__status__in=UNDECLARED) | Q(application__status=Status.PENDING, kept=True) | Q(unasked=True)


def dead_holds(now: datetime) -> QuerySet[Booking]:
    """Holds that nobody may rely on any more."""
    return Booking.objects.filter(FORGOTTEN, state=State.HOLD, hold_expires_at__lte=now)


def expire_holds(*, buckets: Collection[int] | None = None, bookings: Collection[int] | None = None) -> int:
    """End dead holds; how many. Safe in any number of workers.

    With buckets or bookings only those concerned, and it waits for whoever else is ending them: afterwards they are.
    """
    dead = dead_holds(timezone.now())
    if buckets is not None:
        dead = dead.filter(pk__in=Booking.objects.filter(claims__bucket__in=buckets).values("pk"))
    if bookings is not None:
        dead = dead.filter(pk__in=bookings)
    is_job = buckets is None and bookings is None
    ended = 0
    while (batch := _expire_batch(dead, skip_locked=is_job)) > 0:
        ended += batch
        if batch < BATCH:
            break
    return ended


def _expire_batch(dead: QuerySet[Booking], *, skip_locked: bool) -> int:
    for _ in range(TRIES):
        try:
            return _expire_some(dead, skip_locked=skip_locked)
        except NotTaken:  # staff changed the limits between reading and giving back
            continue
    return 0


@transaction.atomic(durable=True)
def _expire_some(dead: QuerySet[Booking], *, skip_locked: bool) -> int:
    """Who is about to declare holds the application's row: then the hold lives, and is passed by."""
    locked = dead.select_related("application").select_for_update(
        of=("self", "application"), no_key=True, skip_locked=skip_locked
    )
    found = list(locked.order_by("pk")[:BATCH])
    if found:
        end(found, State.EXPIRED, timezone.now())
    return len(found)
