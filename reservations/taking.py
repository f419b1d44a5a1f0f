"""The only place that moves a counter: all buckets of a party at once or none, in the order of their ids.

What a booking has to take from is read before (`rooms_of`) and checked again under the lock (`layout`), so a limit
that was added, split or removed meanwhile is never passed by. How each database does it: docs/adr/0005.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from reservations.models import Bucket, Scope
from reservations.party import Party, places_of
from reservations.refusals import Shortage


class Room(NamedTuple):
    """A bucket as it was read without a lock: good for showing, not for deciding."""

    id: int
    scope: str
    item: int | None
    layout: int
    closed: bool
    public: int
    total: int
    taken: int
    season: int | None  # of the slot, told by the slot's own bucket
    queued: bool = False

    def left(self, *, staff: bool, waited: bool = False, back: int = 0) -> int:
        """Places that can be had. back: of those taken, how many are about to come back; waited: see `shift`."""
        taken = self.taken - back
        if self.closed or (self.queued and not waited and not (staff and taken >= self.public)):
            return 0
        return max(0, (self.total if staff else self.public) - taken)


class Delta(NamedTuple):
    """n: places to take, negative to give back, 0 only to hold the bucket; layout: of the bucket as it was read."""

    bucket: int
    n: int
    layout: int


class NotTaken(Exception):
    """Nothing was taken: a bucket was full, closed, or no longer what it was. The transaction has to be rolled back."""

    def __init__(self, deltas: Sequence[Delta], *, staff: bool) -> None:
        super().__init__("not taken")
        self.deltas, self.staff = deltas, staff


ROOM = ("pk", "scope", "item", "layout", "closed", "limit_public", "limit_total", "taken", "slot__season", "queued")


def rooms_of(slot: int) -> list[Room]:
    """Every bucket that a booking of the slot has to take from; none when the slot is gone."""
    return [Room(*row) for row in Bucket.objects.filter(slots=slot).order_by("pk").values_list(*ROOM)]


def season_in(rooms: Iterable[Room]) -> int | None:
    """The season of the slot whose buckets these are, as it was at the same moment."""
    return next(room.season for room in rooms if room.scope == Scope.SLOT)


def wants(rooms: Iterable[Room], party: Party) -> list[Delta]:
    """What the party takes of these buckets, by id. A bucket of an item that nobody asked for is left alone."""
    wanted = [Delta(room.id, places_of(party, room.item), room.layout) for room in rooms]
    return [delta for delta in wanted if delta.n]


def net(old: Iterable[Delta], new: Iterable[Delta]) -> list[Delta]:
    """One delta for each bucket that either has, so that new places are taken before old ones are given up."""
    sums: dict[int, Delta] = {}
    for delta in [*(Delta(bucket, -n, layout) for bucket, n, layout in old), *new]:
        before = sums.get(delta.bucket)
        sums[delta.bucket] = delta if before is None else delta._replace(n=before.n + delta.n)
    return sorted(sums.values())


# The rows are locked in the order of their ids, and each is judged as it is then, not as the statement found it.
# NO KEY, because a foreign key that points at a bucket need not wait. On fewer rows than wanted, roll back.
SHIFT = """
    WITH want AS (SELECT * FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w(id, n, layout)),
    locked AS (
        SELECT b.id, w.n FROM reservations_bucket b JOIN want w ON w.id = b.id
        WHERE b.layout = w.layout AND (w.n <= 0 OR (NOT b.closed AND b.taken + w.n <= b.{limit} AND {order}))
        ORDER BY b.id FOR NO KEY UPDATE OF b)
    UPDATE reservations_bucket b SET taken = b.taken + l.n FROM locked l WHERE b.id = l.id
"""
SHIFT_ONE = """
    UPDATE reservations_bucket SET taken = taken + %s
    WHERE id = %s AND layout = %s AND (%s <= 0 OR (NOT closed AND taken + %s <= {limit} AND {order}))
"""
# Who waits is overtaken by nobody: while a bucket is queued, residents get nothing of it but from the list, and staff
# only what residents could not have anyway.
PUBLIC, STAFF, WAITED = "NOT queued", "(NOT queued OR taken >= limit_public)", "TRUE"


def shift(deltas: Sequence[Delta], *, staff: bool, waited: bool = False) -> None:
    """Move the counters; the last thing in a transaction, because all who want these places wait until it ends.

    waited: it is the turn of whoever takes them, by the waiting list or by lot. Raises NotTaken, after which nothing of
    the transaction may stay.
    """
    ordered = sorted(deltas)
    rule = {
        "limit": "limit_total" if staff else "limit_public",
        "order": WAITED if waited else STAFF if staff else PUBLIC,
    }
    move = _shift_at_once if connection.vendor == "postgresql" else _shift_one_by_one
    if move(ordered, rule) != len(ordered):
        raise NotTaken(ordered, staff=staff)


def columns(deltas: Sequence[Delta]) -> list[list[int]]:
    """Buckets, n and layouts, for unnest."""
    return [[delta.bucket for delta in deltas], [delta.n for delta in deltas], [delta.layout for delta in deltas]]


def _shift_at_once(deltas: Sequence[Delta], rule: Mapping[str, str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SHIFT.format(**rule), columns(deltas))
        return cursor.rowcount


def _shift_one_by_one(deltas: Sequence[Delta], rule: Mapping[str, str]) -> int:
    """On SQLite: the transaction is IMMEDIATE, so nobody else writes between the first statement and the commit."""
    statement = SHIFT_ONE.format(**rule)
    moved = 0
    with connection.cursor() as cursor:
        for bucket, n, layout in deltas:
            cursor.execute(statement, [n, bucket, layout, n, n])
            moved += cursor.rowcount
    return moved


def shortages(deltas: Sequence[Delta], *, staff: bool) -> list[Shortage] | None:
    """What stands in the way now; [] when nothing does (any more), None when the buckets must be read anew."""
    rows = Bucket.objects.filter(pk__in=[delta.bucket for delta in deltas]).values_list(*ROOM)
    rooms = {row[0]: Room(*row) for row in rows}
    if any(delta.bucket not in rooms or rooms[delta.bucket].layout != delta.layout for delta in deltas):
        return None
    return [
        Shortage(
            bucket=room.id,
            scope=room.scope,
            item=room.item,
            left=room.left(staff=staff),
            closed=room.closed,
            queued=room.queued and room.left(staff=staff, waited=True) >= n,
        )
        for bucket, n, _ in deltas
        if n > 0 and (room := rooms[bucket]).left(staff=staff) < n
    ]
