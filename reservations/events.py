"""What happens to a booking, told in the history of its application, and from there to its subscribers."""

from typing import Any

from applications.lifecycle import record
from reservations.models import Booking, Slot
from staff.models import User

CONFIRMED = "slot_confirmed"
CHANGED = "slot_changed"
CANCELLED = "slot_cancelled"


def tell(
    booking: Booking, kind: str, *, actor: User | None = None, reason: str = "", before: Slot | None = None
) -> None:
    """Write the event; inside the transaction that it tells of. before: the slot that a change gave up."""
    data: dict[str, Any] = {"booking": booking.pk, "sequence": booking.sequence, "slot": _told(booking.slot)}
    if reason:
        data["reason"] = reason
    if before is not None:
        data["before"] = _told(before)
    record(booking.application, kind, actor=actor, data=data)


def _told(slot: Slot) -> dict[str, Any]:
    return {"id": slot.pk, "starts_at": slot.starts_at, "ends_at": slot.ends_at, "venue": slot.venue.name}
