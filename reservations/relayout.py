"""Limits that come or go while people book: who has booked already counts, and nobody who is booking passes them by.

A slot's own bucket is the lock of its set of buckets: who changes the set holds it and raises its `layout`, so that
whoever read the old set takes nothing and reads again (taking.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from reservations.again import again
from reservations.layout import BATCH, Key, Link, key_of, lock_calendar, season_of, shared_buckets, shared_keys
from reservations.models import (
    ACTIVE,
    Attendee,
    Booking,
    Bucket,
    Calendar,
    Claim,
    Lottery,
    LotteryState,
    Quota,
    Scope,
    Season,
    Slot,
)
from reservations.party import places_of
from reservations.placing import once_of, party_of
from reservations.refusals import BelowBooked


@again
@transaction.atomic(durable=True)
def lay_out(*, calendar_id: int, first: date) -> int:
    """Let the reception's quotas and seasons, as they are now, count for every slot from a day on; for how many slots.

    A slot keeps the season it has. Raises BelowBooked when more is booked than a new limit allows.
    """
    return bring_in_line(lock_calendar(calendar_id), first)


def bring_in_line(calendar: Calendar, first: date) -> int:
    """`lay_out`, in a transaction that has locked the calendar."""
    seasons = list(calendar.seasons.filter(last_day__gte=first))
    begin = min([first, *(season.first_day for season in seasons)])  # a season counts from its beginning
    shared = Prefetch("buckets", Bucket.objects.filter(slot=None).select_related("quota", "season"))
    slots = list(calendar.slots.filter(day__gte=begin).select_related("season").prefetch_related(shared))
    joining = _give_seasons(seasons, slots)
    wanted = _missing(calendar, slots, first)
    touched = {slot.pk for slot in joining} | {slot.pk for missing in wanted.values() for slot in missing}
    if not touched:
        return 0
    known = {key_of(bucket): bucket for slot in slots for bucket in slot.buckets.all()}
    _lock(touched, (known[key].pk for key in wanted if key in known))
    _renew_once(joining)
    buckets = shared_buckets(calendar, {slot.day for slot in slots}, wanted)
    for key, missing in wanted.items():
        _attach(buckets[key], missing)
    Bucket.objects.filter(slot__in=touched, scope=Scope.SLOT).update(layout=F("layout") + 1)
    return len(touched)


@again
@transaction.atomic(durable=True)
def remove_quota(*, quota_id: int) -> None:
    """The limit counts for nobody any more."""
    quota = Quota.objects.get(pk=quota_id)
    lock_calendar(quota.calendar_id)
    mine = list(quota.buckets.values_list("pk", flat=True))
    slots = set(Link._default_manager.filter(bucket__in=mine).values_list("slot", flat=True))
    _lock(slots, mine)
    Claim.objects.filter(bucket__in=mine).delete()
    Link._default_manager.filter(bucket__in=mine).delete()
    quota.buckets.all().delete()
    Bucket.objects.filter(slot__in=slots, scope=Scope.SLOT).update(layout=F("layout") + 1)
    quota.delete()


@again
@transaction.atomic(durable=True)
def remove_slots(*, slot_ids: Collection[int]) -> int:
    """Remove slots that nobody ever booked, waited for or may draw; how many. The others stay: they can be closed."""
    for calendar in Calendar.objects.filter(slots__in=slot_ids).distinct().order_by("pk"):
        lock_calendar(calendar.pk)
    _lock(slot_ids, ())
    drawn_for = Lottery.objects.exclude(state=LotteryState.PREPARED).filter(
        calendar=OuterRef("calendar"), first_day__lte=OuterRef("day"), last_day__gte=OuterRef("day")
    )
    unused = Slot.objects.filter(~Exists(drawn_for), pk__in=slot_ids, bookings__isnull=True, waits__isnull=True)
    numbers = list(unused.values_list("pk", flat=True))
    Slot.objects.filter(pk__in=numbers).delete()
    return len(numbers)


def _lock(slots: Collection[int], others: Iterable[int]) -> None:
    """Hold the slots' own buckets, and those others, in the order of ids: nobody takes or gives back meanwhile.

    Their bookings first, as in every kind of move.
    """
    booked = Booking.objects.filter(slot__in=slots, state__in=ACTIVE).select_for_update(no_key=True)
    list(booked.order_by("pk").values_list("pk"))
    own = Q(slot__in=slots, scope=Scope.SLOT)
    locked = Bucket.objects.filter(own | Q(pk__in=list(others))).select_for_update(no_key=True)
    list(locked.order_by("pk").values_list("pk"))


def _give_seasons(seasons: Iterable[Season], slots: Iterable[Slot]) -> list[Slot]:
    """Slots that belong to a season now and did not before; written later, under the lock."""
    joining = []
    for slot in slots:
        if slot.season is None and (season := season_of(seasons, slot.day)):
            slot.season = season
            joining.append(slot)
    return joining


def _missing(calendar: Calendar, slots: Iterable[Slot], first: date) -> dict[Key, list[Slot]]:
    """By shared bucket, the slots that it should count for and does not: of a day, from `first` on."""
    quotas = list(calendar.quotas.all())
    wanted: dict[Key, list[Slot]] = defaultdict(list)
    for slot in slots:
        has = {key_of(bucket) for bucket in slot.buckets.all()}
        for key in shared_keys(quotas if slot.day >= first else (), slot):
            if key not in has:
                wanted[key].append(slot)
    return wanted


def _attach(bucket: Bucket, slots: list[Slot]) -> None:
    """Let the bucket count for the slots, beginning with those who have booked."""
    booked = Booking.objects.filter(slot__in=slots, state__in=ACTIVE).order_by("slot__starts_at", "pk")
    claims = [
        Claim(booking=booking, bucket=bucket, n=n)
        for booking in booked.prefetch_related("attendees__wishes")
        if (n := places_of(party_of(booking), bucket.item_id))
    ]
    more = sum(claim.n for claim in claims)
    fits = Bucket.objects.filter(pk=bucket.pk, taken__lte=F("limit_total") - more)
    if not fits.update(taken=F("taken") + more):
        bucket.taken += more
        raise BelowBooked(bucket, [claim.booking for claim in claims])
    Claim.objects.bulk_create(claims, batch_size=BATCH)
    Link._default_manager.bulk_create((Link(slot_id=slot.pk, bucket_id=bucket.pk) for slot in slots), batch_size=BATCH)


def _renew_once(slots: list[Slot]) -> None:
    """Who may book once in the whole reception, may from now on once in the season."""
    Slot.objects.bulk_update(slots, ["season"], batch_size=BATCH)
    rows = Attendee.objects.filter(booking__slot__in=slots, once__isnull=False).select_related("booking__slot")
    changed = []
    for row in rows:
        row.once = once_of(row.booking.slot, row.person)
        changed.append(row)
    Attendee.objects.bulk_update(changed, ["once"], batch_size=BATCH)
