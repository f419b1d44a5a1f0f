"""What happens to a booking, told in the history of its application, and from there to its subscribers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.lifecycle import lock, record
from reservations.models import Booking, Slot
from staff.models import User

CONFIRMED = "slot_confirmed"
CHANGED = "slot_changed"
CANCELLED = "slot_cancelled"
LOST = "slot_lost"
SENTENCES = {
    CONFIRMED: "予約が確定しました（{slot}）",
    CHANGED: "予約を変更しました（{before} → {slot}）",
    CANCELLED: "予約を取り消しました（{slot}）",
    LOST: "仮押さえの期限が過ぎているあいだに、枠が埋まりました（{slot}）",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A booking's place and time as an event told it; both may have changed since."""

    sequence: int
    starts_at: datetime
    ends_at: datetime
    venue: str
    address: str

    @property
    def when(self) -> str:
        return Slot(starts_at=self.starts_at, ends_at=self.ends_at).when


def tell(
    booking: Booking, kind: str, *, actor: User | None = None, reason: str = "", before: Slot | None = None
) -> None:
    """Write the event; inside the transaction that it tells of. before: the slot that a change gave up."""
    data: dict[str, Any] = {"booking": booking.pk, "sequence": booking.sequence, "slot": told_slot(booking.slot)}
    sentence = SENTENCES[kind].format(slot=f"{booking.slot.when} {booking.slot.venue}", before=before and before.when)
    data["sentence"] = sentence
    if reason:
        data["reason"] = reason
    if before is not None:
        data["before"] = told_slot(before)
    record(booking.application, kind, actor=actor, data=data)


@transaction.atomic
def tell_lost(booking: Booking) -> None:
    """The place was gone when everything else was done; said once, however often it is tried again."""
    application = lock(booking.application_id)
    if not application.events.filter(kind=LOST, data__booking=booking.pk).exists():
        tell(booking, LOST)


def told_slot(slot: Slot) -> dict[str, Any]:
    return {
        "id": slot.pk,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "venue": slot.venue.name,
        "address": slot.venue.address,
    }


def told_of(data: Mapping[str, Any]) -> Told:
    """What an event's data say, as the database gives them back."""
    slot = data["slot"]
    starts_at, ends_at = (datetime.fromisoformat(slot[name]) for name in ("starts_at", "ends_at"))
    return Told(data["sequence"], starts_at, ends_at, slot["venue"], slot.get("address", ""))


def told_of_booking(booking: Booking) -> Told:
    slot = booking.slot
    return Told(booking.sequence, slot.starts_at, slot.ends_at, slot.venue.name, slot.venue.address)
