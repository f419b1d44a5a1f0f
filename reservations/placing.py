"""Writes a new booking with everything it has, and takes its places: all of it or nothing."""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from reservations.events import CONFIRMED, tell
from reservations.models import Attendee, AttendeeItem, Booking, Claim, State
from reservations.party import Party, Person
from reservations.taking import LOCKED, TABLE, WANT, Delta, NotTaken, columns, limit_name, shift

_BOOKING = ("application_id", "slot_id", "state", "channel", "key", "party", "hold_expires_at", "extended", "kept")
_BOOKING += ("sequence", "staff_id", "created_at", "confirmed_at", "ended_at")

# One statement is one transaction: the places are locked for as long as the server needs, never for a round trip.
# Whatever was locked is all that was wanted (`enough`), or nothing is written.
HOLD = f"""
    WITH want AS ({WANT}), locked AS ({LOCKED}),
    enough AS (SELECT 1 FROM locked HAVING count(*) = %s),
    shifted AS (UPDATE {TABLE} b SET taken = b.taken + l.n FROM locked l, enough WHERE b.id = l.id),
    booked AS (
        INSERT INTO {Booking._meta.db_table} ({", ".join(_BOOKING)})
        SELECT {", ".join(["%s"] * len(_BOOKING))} FROM enough RETURNING id),
    claimed AS (
        INSERT INTO {Claim._meta.db_table} (booking_id, bucket_id, n)
        SELECT booked.id, l.id, l.n FROM booked, locked l),
    came AS (
        INSERT INTO {Attendee._meta.db_table} (booking_id, ordinal, name, places, person, once)
        SELECT booked.id, a.* FROM booked,
        unnest(%s::int[], %s::text[], %s::int[], %s::text[], %s::text[]) AS a(ordinal, name, places, person, once)
        ORDER BY a.once RETURNING id, ordinal),
    wished AS (
        INSERT INTO {AttendeeItem._meta.db_table} (attendee_id, item_id)
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


def once_of(booking: Booking, person: Person) -> str | None:
    """What no other active booking may have: the person in the season, or in the whole reception if it has none."""
    if not person.person:
        return None
    slot = booking.slot
    return f"{slot.season_id or f'c{slot.calendar_id}'}:{person.person}"


def write_party(booking: Booking, party: Party) -> None:
    """In the order of `once`, the same for all who write: two families in one another's way wait, they do not block."""
    rows = [
        Attendee(
            booking=booking,
            ordinal=ordinal,
            name=person.name,
            places=person.places,
            person=person.person,
            once=once_of(booking, person),
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
    booking.created_at = booking._meta.get_field("created_at").pre_save(booking, add=True)
    people = range(len(party))
    wishes = [(ordinal, item) for ordinal in people for item in sorted(party[ordinal].items)]
    parameters = [
        *columns(deltas),
        len(deltas),
        *(getattr(booking, name) for name in _BOOKING),
        list(people),
        [person.name for person in party],
        [person.places for person in party],
        [person.person for person in party],
        [once_of(booking, person) for person in party],
        [ordinal for ordinal, _ in wishes],
        [item for _, item in wishes],
    ]
    row = _one_row(HOLD.format(limit=limit_name(staff=False)), parameters)
    if row is None:
        raise NotTaken(deltas, staff=False)
    booking.pk, booking._state.adding, booking._state.db = row, False, connection.alias
    return booking


def _one_row(statement: str, parameters: Sequence[object]) -> int | None:
    """The first column of the one row, None when there is none. Refuses to be a part of a longer transaction."""
    if connection.in_atomic_block:  # a test's, or RuntimeError
        with transaction.atomic(durable=True):
            return _fetch(statement, parameters)
    return _fetch(statement, parameters)


def _fetch(statement: str, parameters: Sequence[object]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    return None if row is None else int(row[0])
