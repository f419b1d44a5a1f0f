"""Limits that staff change: refused below what is booked, with the bookings concerned; closing is always possible."""

from collections.abc import Collection
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from wagtail.log_actions import log

from reservations.again import again
from reservations.models import ACTIVE, Booking, Bucket, Calendar, Claim, Quota, Scope, Season, Slot
from reservations.refusals import BelowBooked
from reservations.waiting.offers import pass_on_soon
from staff.models import User


def bookings_in(*buckets: int) -> QuerySet[Booking]:
    """The active bookings that have something of the buckets, in the order of their slots."""
    booked = Booking.objects.filter(pk__in=Claim.objects.filter(bucket__in=buckets).values("booking"), state__in=ACTIVE)
    return booked.select_related("slot__venue", "application").order_by("slot__starts_at", "pk")


@again
@transaction.atomic(durable=True)
def resize(*, bucket_ids: Collection[int], public: int, total: int, actor: User, reason: str = "") -> None:
    """Give the buckets new limits: all of them or none. Raises BelowBooked for the first that has more booked."""
    _resize(bucket_ids, public, total)
    _note(bucket_ids, actor, {"public": public, "total": total, "reason": reason})


def resize_slot(*, slot_id: int, public: int, total: int, actor: User, reason: str = "") -> None:
    resize(bucket_ids=_own([slot_id]), public=public, total=total, actor=actor, reason=reason)


def resize_day(*, calendar: Calendar, day: date, public: int, total: int, actor: User, reason: str = "") -> None:
    """Every slot of the day."""
    slots = calendar.slots.filter(day=day).values_list("pk", flat=True)
    resize(bucket_ids=_own(list(slots)), public=public, total=total, actor=actor, reason=reason)


@again
@transaction.atomic(durable=True)
def resize_shared(
    *, source: Quota | Season, public: int, total: int, first: date, actor: User, reason: str = ""
) -> None:
    """A quota's limit for every day from `first` on and for days to come, or a season's. Raises BelowBooked."""
    buckets = source.buckets.all() if isinstance(source, Season) else source.buckets.filter(day__gte=first)
    numbers = list(buckets.values_list("pk", flat=True))
    source.limit_public, source.limit_total = public, total
    source.save(update_fields=["limit_public", "limit_total"])
    _resize(numbers, public, total)
    _note(numbers, actor, {"public": public, "total": total, "reason": reason})


@again
@transaction.atomic(durable=True)
def close(*, bucket_ids: Collection[int], actor: User, reason: str, closed: bool = True) -> list[Booking]:
    """Take no more bookings, or take them again; returns the bookings that are there, for staff to see to."""
    chosen = Bucket.objects.filter(pk__in=bucket_ids)
    # in the order of ids, as everybody locks them
    numbers = list(chosen.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    chosen.update(closed=closed)
    _note(numbers, actor, {"closed": closed, "reason": reason})
    return list(bookings_in(*numbers))


def close_slot(*, slot_id: int, actor: User, reason: str, closed: bool = True) -> list[Booking]:
    return close(bucket_ids=_own([slot_id]), actor=actor, reason=reason, closed=closed)


def close_day(
    *,
    calendar: Calendar,
    day: date,
    actor: User,
    reason: str,
    venue_id: int | None = None,
    closed: bool = True,
) -> list[Booking]:
    """Every slot of the day, or of one venue on it."""
    slots = calendar.slots.filter(day=day)
    if venue_id is not None:
        slots = slots.filter(venue=venue_id)
    numbers = _own(list(slots.values_list("pk", flat=True)))
    return close(bucket_ids=numbers, actor=actor, reason=reason, closed=closed)


def _own(slots: Collection[int]) -> list[int]:
    """The slots' own buckets."""
    return list(Bucket.objects.filter(slot__in=slots, scope=Scope.SLOT).values_list("pk", flat=True))


def _resize(bucket_ids: Collection[int], public: int, total: int) -> None:
    """In the order of ids, as everybody locks them."""
    for number in sorted(bucket_ids):
        fits = Bucket.objects.filter(pk=number, taken__lte=total)
        if not fits.update(limit_public=public, limit_total=total):
            raise BelowBooked(Bucket.objects.get(pk=number), list(bookings_in(number)))


def _note(bucket_ids: Collection[int], actor: User, data: dict[str, object]) -> None:
    """In the history of the slots concerned, which the administration shows. There may be places for who waits, too."""
    calendars = Slot.objects.filter(buckets__in=bucket_ids).order_by().values_list("calendar", flat=True).distinct()
    for calendar in calendars:
        transaction.on_commit(partial(pass_on_soon, calendar))
    for slot in Slot.objects.filter(own_buckets__in=bucket_ids).select_related("venue").distinct():
        log(instance=slot, action="reservations.limits", user=actor, data=data)
