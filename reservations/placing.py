"""Writes a new booking with everything it has, and takes its places: all of it or nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from reservations.events import CONFIRMED, tell
from reservations.models import Attendee, AttendeeItem, Booking, Claim, Slot, State
from reservations.party import Party, Person
from reservations.taking import Delta, NotTaken, columns, shift

# One statement is one transaction: the places are locked for as long as the server needs, never for a round trip.
# `locked` is that of taking.SHIFT; unless it is all that was wanted (`enough`), nothing is written.
HOLD = """
    WITH want AS (SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w(id, n, layout)),
    locked AS (
        SELECT b.id, w.n FROM reservations_bucket b JOIN want w ON w.id = b.id
        WHERE b.layout = w.layout AND NOT b.closed AND b.taken + w.n <= b.limit_public
        ORDER BY b.id FOR NO KEY UPDATE OF b),
    enough AS (SELECT 1 FROM locked HAVING count(*) = %s),
    shifted AS (UPDATE reservations_bucket b SET taken = b.taken + l.n FROM locked l, enough WHERE b.id = l.id),
    booked AS (
        INSERT INTO reservations_booking
            (application_id, slot_id, state, channel, key, party, hold_expires_at, created_at, extended, kept, sequence)
        SELECT %s, %s, 'hold', %s, %s, %s, %s, %s, false, false, 0 FROM enough RETURNING id),
    claimed AS (
        INSERT INTO reservations_claim (booking_id, bucket_id, n) SELECT booked.id, l.id, l.n FROM booked, locked l),
    came AS (
        INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person, once)
        SELECT booked.id, a.* FROM booked,
        unnest(%s::int[], %s::text[], %s::int[], %s::text[], %s::text[]) AS a(ordinal, name, places, person, once)
        ORDER BY a.once RETURNING id, ordinal),
    wished AS (
        INSERT INTO reservations_attendeeitem (attendee_id, item_id)
        SELECT came.id, w.item FROM came JOIN unnest(%s::int[], %s::bigint[]) AS w(ordinal, item) USING (ordinal))
    SELECT id FROM booked
"""


def place(booking: Booking, party: Party, deltas: Sequence[Delta], *, staff: bool) -> Booking:
    """The booking, saved, its places taken. Raises NotTaken, and IntegrityError for a key or a person that is there."""
    if connection.vendor == "postgresql" and booking.state == State.HOLD and not staff:
        return _place_at_once(booking, party, deltas)
    with transaction.atomic(durable=True):
        booking.save(force_insert=True)
        write_party(booking, party)
        write_claims(booking, deltas)
        if booking.state == State.CONFIRMED:
            tell(booking, CONFIRMED, actor=booking.staff)
        shift(deltas, staff=staff)
    return booking


def once_of(slot: Slot, person: str) -> str | None:
    """What no other active booking may have: the person in the season, or in the whole reception if it has none."""
    return f"{slot.season_id or f'c{slot.calendar_id}'}:{person}" if person else None


def write_party(booking: Booking, party: Party) -> None:
    """In the order of `once`, the same for all who write: two families in one another's way wait, they do not block."""
    rows = [
        Attendee(
            booking=booking,
            ordinal=ordinal,
            name=person.name,
            places=person.places,
            person=person.person,
            once=once_of(booking.slot, person.person),
        )
        for ordinal, person in enumerate(party)
    ]
    Attendee.objects.bulk_create(sorted(rows, key=lambda row: row.once or ""))
    AttendeeItem.objects.bulk_create(
        AttendeeItem(attendee=row, item_id=item) for row in rows for item in sorted(party[row.ordinal].items)
    )


def write_claims(booking: Booking, deltas: Iterable[Delta]) -> None:
    Claim.objects.bulk_create(Claim(booking=booking, bucket_id=bucket, n=n) for bucket, n, _ in deltas)


def party_of(booking: Booking) -> Party:
    """The party as it was written."""
    return tuple(
        Person(row.name, row.places, row.person, frozenset(wish.item_id for wish in row.wishes.all()))
        for row in booking.attendees.prefetch_related("wishes")
    )


def _place_at_once(booking: Booking, party: Party, deltas: Sequence[Delta]) -> Booking:
    booking.created_at = timezone.now()
    people = list(range(len(party)))
    wishes = [(ordinal, item) for ordinal in people for item in sorted(party[ordinal].items)]
    parameters = [
        *columns(deltas),
        len(deltas),
        *(booking.application_id, booking.slot_id, booking.channel, booking.key, booking.party),
        *(booking.hold_expires_at, booking.created_at),
        people,
        [person.name for person in party],
        [person.places for person in party],
        [person.person for person in party],
        [once_of(booking.slot, person.person) for person in party],
        [ordinal for ordinal, _ in wishes],
        [item for _, item in wishes],
    ]
    number = _execute(HOLD, parameters)
    if number is None:
        raise NotTaken(deltas, staff=False)
    booking.pk, booking._state.adding, booking._state.db = number, False, connection.alias
    return booking


def _execute(statement: str, parameters: Sequence[Any]) -> int | None:
    """The number that the statement returns, None when it returns no row. Never a part of a longer transaction."""
    if connection.in_atomic_block:  # a test's, or RuntimeError
        with transaction.atomic(durable=True):
            return _fetch(statement, parameters)
    return _fetch(statement, parameters)


def _fetch(statement: str, parameters: Sequence[Any]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return None if row is None else int(row[0])
