"""Writes a new booking with everything it has, and takes its places: all of it or nothing."""

import json
from collections.abc import Iterable, Sequence

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from reservations.events import CONFIRMED, tell
from reservations.models import Attendee, AttendeeItem, Booking, Claim, Slot, State
from reservations.one_trip import Statement
from reservations.party import Party, Person
from reservations.taking import Delta, NotTaken, columns, shift

# The same as `place`, in the database: one statement is one transaction, so the places are locked for as long as the
# server needs for a line of writing, and never for a round trip.
PLACE = Statement("SELECT reservations_place(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")
STALE, SHORT = -1, 0
NOT_TAKEN = "MG001"  # the function's own error code, after which nothing of it stays


class Stale(Exception):
    """What was known of the slot is no longer so (known.py)."""


def place(booking: Booking, party: Party, deltas: Sequence[Delta], *, staff: bool) -> Booking:
    """The booking, saved, its places taken. Raises NotTaken, and IntegrityError for a key or a person that is there."""
    with transaction.atomic(durable=True):
        write(booking, party, deltas)
        shift(deltas, staff=staff)
    return booking


def write(booking: Booking, party: Party, deltas: Iterable[Delta]) -> None:
    """Everything but the places: those are taken last, in the same transaction."""
    booking.save(force_insert=True)
    write_party(booking, party)
    write_claims(booking, deltas)
    if booking.state == State.CONFIRMED:
        tell(booking, CONFIRMED, actor=booking.staff)


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


def place_at_once(booking: Booking, party: Party, deltas: Sequence[Delta], version: str) -> Booking:
    """A hold for a resident, on PostgreSQL, in one round trip.

    deltas, version: by what is known of the slot. Raises Stale, NotTaken, IntegrityError.
    """
    booking.created_at = timezone.now()
    people = [
        {
            "ordinal": ordinal,
            "name": person.name,
            "places": person.places,
            "person": person.person,
            "once": once_of(booking.slot, person.person),
            "items": sorted(person.items),
        }
        for ordinal, person in enumerate(party)
    ]
    # all as texts: the database knows what they are, and psycopg takes longer over lists and moments than over the rest
    parameters = [
        *(str(booking.slot_id), str(booking.application_id), booking.channel, booking.key, booking.party),
        *(str(booking.created_at), str(booking.hold_expires_at), str(booking.slot.calendar_id), version),
        *(f"{{{','.join(map(str, column))}}}" for column in columns(deltas)),
        *(json.dumps(people if len(people) > 1 else people[0]), str(any(person.items for person in party))),
    ]
    number = _call(parameters)
    if number == STALE:
        raise Stale
    if number == SHORT:
        raise NotTaken(deltas, staff=False)
    booking.pk, booking._state.adding, booking._state.db = number, False, connection.alias
    return booking


def _call(parameters: Sequence[str | None]) -> int:
    try:
        if connection.in_atomic_block:  # a test's, or RuntimeError: taking places is the last thing a request does
            with transaction.atomic(durable=True):
                return int(PLACE.value(parameters))
        return int(PLACE.value(parameters))
    except DatabaseError as problem:
        if getattr(problem.__cause__, "sqlstate", None) == NOT_TAKEN:
            return SHORT
        raise
