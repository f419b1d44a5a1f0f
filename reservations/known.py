"""Slots, their buckets and the rules of their receptions, remembered by this process: a hold costs one round trip.

What is remembered may be old, so whoever decides by it hands the version of the reception and the layouts of the
buckets to the database, which refuses older ones in the same statement that takes the places (migration 0006). When a
slot begins and where it is never changes.
"""

from dataclasses import dataclass, replace
from threading import Lock

from django.db import connection

from reservations.models import Slot
from reservations.taking import Room, rooms_of, season_in

MOST = 4096  # slots remembered by a process


@dataclass(frozen=True, slots=True)
class Known:
    """version: of the reception's row as PostgreSQL counts it, every change gives it another; "" on SQLite.

    slot: of all bookings that this process makes of it; whoever wants to write to it takes a copy.
    rooms: how full they are is long past. is_fresh: read just now; a refusal by anything older may be wrong.
    """

    slot: Slot
    version: str
    rooms: tuple[Room, ...]
    is_fresh: bool = False


_known: dict[int, Known] = {}
_lock = Lock()


def known_slot(slot_id: int) -> Known | None:
    """The slot with its reception; None when there is none."""
    known = _known.get(slot_id)
    if known is not None:
        return known
    known = _read(slot_id)
    if known is not None and known.version:
        with _lock:
            while len(_known) >= MOST:
                _known.pop(next(iter(_known)))
            _known[slot_id] = replace(known, is_fresh=False)
    return known


def forget(slot_id: int) -> None:
    """What is known of the slot was too old."""
    with _lock:
        _known.pop(slot_id, None)


def _read(slot_id: int) -> Known | None:
    # the version first: if the reception changes meanwhile, it is the older one, and will be refused
    version = _version(slot_id)
    rooms = rooms_of(slot_id)
    slot = Slot.objects.select_related("calendar", "venue").filter(pk=slot_id).first()
    if slot is None or not rooms:
        return None
    slot.season_id = season_in(rooms)
    return Known(slot, version, tuple(rooms), is_fresh=True)


def _version(slot_id: int) -> str:
    if connection.vendor != "postgresql":
        return ""  # nothing is remembered: a round trip there costs nothing
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.xmin::text FROM reservations_calendar c JOIN reservations_slot s ON s.calendar_id = c.id"
            " WHERE s.id = %s",
            [slot_id],
        )
        row = cursor.fetchone()
    return row[0] if row else ""
