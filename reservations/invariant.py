"""Whether every counter says what the bookings say. Nothing should ever be found; what is found, is told in words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from reservations.models import ACTIVE, Attendee, Booking, Bucket, Calendar, Claim
from reservations.party import places_of
from reservations.placing import once_of, party_of

CHUNK = 500  # bookings looked at together


def problems(calendars: QuerySet[Calendar] | None = None) -> Iterator[str]:
    """A sentence for each contradiction, all as of one moment: people may go on booking meanwhile. None: of all."""
    within = Calendar.objects.all() if calendars is None else calendars
    with _one_moment():
        yield from counter_problems(within)
        yield from _claims_of_ended(within)
        yield from _persons_of_ended(within)
        for bookings in _active(within):
            for booking in bookings:
                yield from _of_booking(booking)


@contextmanager
def _one_moment() -> Iterator[None]:
    """A snapshot. On SQLite the transaction keeps writers out as long as it lasts."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def buckets_of(calendars: QuerySet[Calendar]) -> QuerySet[Bucket]:
    own, quotas, seasons = (
        Q(slot__calendar__in=calendars),
        Q(quota__calendar__in=calendars),
        Q(season__calendar__in=calendars),
    )
    return Bucket.objects.filter(own | quotas | seasons)


def counter_problems(calendars: QuerySet[Calendar]) -> Iterator[str]:
    counted = buckets_of(calendars)
    buckets = counted.annotate(booked=Coalesce(Sum("claims__n"), 0)).exclude(taken=F("booked"))
    for number, taken, booked in buckets.order_by("pk").values_list("pk", "taken", "booked"):
        yield f"定員 {number}: 数は{taken}、予約の合計は{booked}です。"
    over = counted.filter(taken__gt=F("limit_total")).order_by("pk")
    for number, taken, total in over.values_list("pk", "taken", "limit_total"):
        yield f"定員 {number}: {total}のところ{taken}が入っています。"


def _claims_of_ended(calendars: QuerySet[Calendar]) -> Iterator[str]:
    claims = Claim.objects.filter(booking__slot__calendar__in=calendars)
    for claim in claims.exclude(booking__state__in=ACTIVE).order_by("pk"):
        yield f"予約 {claim.booking_id}: 終わったのに、定員 {claim.bucket_id} を{claim.n}持っています。"


def _persons_of_ended(calendars: QuerySet[Calendar]) -> Iterator[str]:
    rows = Attendee.objects.filter(once__isnull=False, booking__slot__calendar__in=calendars)
    for row in rows.exclude(booking__state__in=ACTIVE).order_by("pk"):
        yield f"予約 {row.booking_id}: 終わったのに、{row.ordinal + 1}人目がほかの予約を妨げています。"


def _active(calendars: QuerySet[Calendar]) -> Iterator[Sequence[Booking]]:
    buckets = Prefetch("slot__buckets", Bucket.objects.only("item"))
    booked = Booking.objects.filter(state__in=ACTIVE, slot__calendar__in=calendars)
    booked = booked.select_related("slot").order_by("pk")
    booked = booked.prefetch_related("attendees__wishes", "claims", buckets)
    last = 0
    while chunk := list(booked.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _of_booking(booking: Booking) -> Iterator[str]:
    party = party_of(booking)
    wanted = {bucket.pk: places_of(party, bucket.item_id) for bucket in booking.slot.buckets.all()}
    wanted = {bucket: n for bucket, n in wanted.items() if n}
    has = {claim.bucket_id: claim.n for claim in booking.claims.all()}
    if has != wanted:
        yield f"予約 {booking.pk}: 定員 {sorted(wanted.items())} を持つはずが、{sorted(has.items())} を持っています。"
    for row in booking.attendees.all():
        if row.once != once_of(booking.slot, row.person):
            yield f"予約 {booking.pk}: {row.ordinal + 1}人目の重複の確かめに使う値が違います。"
