"""Makes slots, each with all the buckets that count for it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from reservations.models import Bucket, Calendar, LotteryState, Quota, Scope, Season, Slot
from reservations.planning import PlannedSlot

BATCH = 1000

Link = Slot.buckets.through  # slot × bucket


def lock_calendar(calendar: int) -> Calendar:
    """The row, held until the transaction ends: two people never lay out the same reception at once."""
    return Calendar.objects.select_for_update(no_key=True).get(pk=calendar)


def make_slots(calendar: Calendar, planned: Sequence[PlannedSlot]) -> list[Slot]:
    """The slots with all their buckets; call it in a transaction that has locked the calendar."""
    seasons = list(calendar.seasons.all())
    slots = Slot.objects.bulk_create(
        (
            Slot(
                calendar=calendar,
                venue_id=plan.venue,
                season=season_of(seasons, plan.day),
                day=plan.day,
                starts_at=plan.starts_at,
                ends_at=plan.ends_at,
            )
            for plan in planned
        ),
        batch_size=BATCH,
    )
    own = Bucket.objects.bulk_create(_own_buckets(calendar, slots, planned), batch_size=BATCH)
    shared = _shared_buckets(calendar, slots)
    links = [Link(slot_id=bucket.slot_id, bucket_id=bucket.pk) for bucket in own]
    links += [Link(slot_id=slot.pk, bucket_id=bucket.pk) for bucket, slot in shared]
    Link._default_manager.bulk_create(links, batch_size=BATCH)
    return slots


def season_of(seasons: Iterable[Season], day: date) -> Season | None:
    return next((season for season in seasons if season.first_day <= day <= season.last_day), None)


def _own_buckets(calendar: Calendar, slots: Sequence[Slot], planned: Sequence[PlannedSlot]) -> Iterator[Bucket]:
    """A slot of days that a lottery is open for goes by lot from its first moment."""
    by_lot = list(calendar.lotteries.filter(state=LotteryState.OPEN).values_list("first_day", "last_day"))
    for slot, plan in zip(slots, planned, strict=True):
        queued = any(first <= slot.day <= last for first, last in by_lot)
        yield Bucket(scope=Scope.SLOT, slot=slot, limit_public=plan.public, limit_total=plan.total, queued=queued)
        for item, public, total in plan.items:
            yield Bucket(scope=Scope.SLOT_ITEM, slot=slot, item_id=item, limit_public=public, limit_total=total)


def _shared_buckets(calendar: Calendar, slots: Sequence[Slot]) -> Iterator[tuple[Bucket, Slot]]:
    """The buckets of days and seasons that these slots count for, made where they are missing."""
    quotas = list(calendar.quotas.all())
    wanted = [(key, slot) for slot in slots for key in shared_keys(quotas, slot)]
    buckets = shared_buckets(calendar, {slot.day for slot in slots}, (key for key, _ in wanted))
    for key, slot in wanted:
        yield buckets[key], slot


Key = tuple[Quota | Season, date | None]  # a quota and a day, or a season


def shared_keys(quotas: Iterable[Quota], slot: Slot) -> list[Key]:
    """Which shared buckets the slot counts for."""
    keys: list[Key] = [(quota, slot.day) for quota in quotas if quota.venue_id in (None, slot.venue_id)]
    if slot.season is not None and slot.season.limit_total is not None:
        keys.append((slot.season, None))
    return keys


def shared_buckets(calendar: Calendar, days: Collection[date], keys: Iterable[Key]) -> dict[Key, Bucket]:
    """The bucket of each key, made where it is missing."""
    of_days = Bucket.objects.filter(quota__calendar=calendar, day__in=days)
    there = of_days | Bucket.objects.filter(season__calendar=calendar)
    found = {key_of(bucket): bucket for bucket in there.select_related("quota", "season")}
    missing = [_shared(*key) for key in dict.fromkeys(keys) if key not in found]
    made = Bucket.objects.bulk_create(missing, batch_size=BATCH)
    return found | {key_of(bucket): bucket for bucket in made}


def key_of(bucket: Bucket) -> Key:
    """Of a shared bucket."""
    source = bucket.quota or bucket.season
    if source is None:
        raise ValueError("the bucket is a slot's own")
    return source, bucket.day


def _shared(source: Quota | Season, day: date | None) -> Bucket:
    bucket = Bucket(day=day, limit_public=source.limit_public or 0, limit_total=source.limit_total or 0)
    if isinstance(source, Quota):
        bucket.scope, bucket.quota, bucket.item_id = Scope.DAY, source, source.item_id
    else:
        bucket.scope, bucket.season = Scope.SEASON, source
    return bucket
