"""What is still free, for showing. What is shown is never decided upon: taking.py looks again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from reservations.expiry import dead_holds
from reservations.models import Booking, Bucket, Calendar, Claim, Slot
from reservations.party import Party, places_of
from reservations.refusals import NotOpenYet, TooLate
from reservations.taking import ROOM, Room
from reservations.windows import check_bookable

NEARBY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot as somebody may choose it. left: places that anybody may have; items: places left for an item, if limited.

    refusal: why it cannot be booked now although it may be free, "" when it can.
    """

    slot: Slot
    left: int
    items: Mapping[int, int]
    refusal: str = ""

    def fits(self, party: Party) -> bool:
        """Whether the whole party finds its places."""
        if self.refusal or places_of(party) > self.left:
            return False
        return all(places_of(party, item) <= left for item, left in self.items.items())


def choices(
    *, calendar: Calendar, first: date, last: date, staff: bool = False, mine: Booking | None = None
) -> list[Choice]:
    """The slots of these days in order. mine: a booking that would be moved, so that its own places count as free."""
    slots = list(calendar.slots.filter(day__range=(first, last)).select_related("venue").order_by("starts_at", "venue"))
    rooms = _rooms(calendar, first, last)
    back = _given_back({room.id for group in rooms.values() for room in group}, mine)
    now = timezone.now()
    return [_choice(calendar, slot, rooms[slot.pk], back, now, staff=staff) for slot in slots]


def nearest(*, slot: Slot, party: Party, count: int = 3, mine: Booking | None = None) -> list[Choice]:
    """The free slots nearest in time to one that cannot be had, the nearest first."""
    there = choices(calendar=slot.calendar, first=slot.day - NEARBY, last=slot.day + NEARBY, mine=mine)
    fitting = [choice for choice in there if choice.slot.pk != slot.pk and choice.fits(party)]
    return sorted(fitting, key=lambda choice: abs(choice.slot.starts_at - slot.starts_at))[:count]


def _rooms(calendar: Calendar, first: date, last: date) -> dict[int, list[Room]]:
    """By slot, the buckets that count for it."""
    rows = Bucket.objects.filter(slots__calendar=calendar, slots__day__range=(first, last))
    found: dict[int, list[Room]] = defaultdict(list)
    for slot, *room in rows.values_list("slots", *ROOM):
        found[slot].append(Room(*room))
    return found


def _given_back(buckets: set[int], mine: Booking | None) -> dict[int, int]:
    """Places by bucket that only seem to be taken: of dead holds, and of the booking that would be moved."""
    dead = Claim.objects.filter(booking__in=dead_holds(timezone.now()))
    sums = _sums(dead)
    for bucket, n in _sums(Claim.objects.filter(booking=mine)).items() if mine else ():
        sums[bucket] = sums.get(bucket, 0) + n
    return {bucket: n for bucket, n in sums.items() if bucket in buckets}


def _sums(claims: QuerySet[Claim]) -> dict[int, int]:
    return dict(claims.order_by().values_list("bucket").annotate(Sum("n")))


def _choice(
    calendar: Calendar, slot: Slot, rooms: Sequence[Room], back: Mapping[int, int], now: datetime, *, staff: bool
) -> Choice:
    slot.calendar = calendar
    left = {room: room.left(staff=staff, back=back.get(room.id, 0)) for room in rooms}
    items: dict[int, int] = {}
    for room, places in left.items():
        if room.item is not None:
            items[room.item] = min(places, items.get(room.item, places))
    whole = min((places for room, places in left.items() if room.item is None), default=0)
    return Choice(slot, whole, items, "" if staff else _refusal(slot, now))


def _refusal(slot: Slot, now: datetime) -> str:
    try:
        check_bookable(slot, now)
    except (NotOpenYet, TooLate) as refused:
        return refused.message
    return ""
