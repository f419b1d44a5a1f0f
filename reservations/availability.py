"""What is still free, for showing. What is shown is never decided upon: taking.py looks again."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from reservations.expiry import dead_holds
from reservations.models import Booking, Bucket, Calendar, Claim, Slot
from reservations.party import Party, places_of
from reservations.refusals import NotOpenYet, TooLate
from reservations.taking import ROOM, Room
from reservations.waiting.offers import goes_by_lot, open_lotteries
from reservations.windows import check_bookable

NEARBY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Choice:
    """A slot as somebody may choose it. left: places that anybody may have; items: places left for an item, if limited.

    refusal: why it cannot be booked now although it may be free, "" when it can; closed: by staff, for everybody;
    by_lot: until the draw there is no other way to a place;
    limits: of each bucket that counts for it the item, if it has one, and the places left.
    """

    slot: Slot
    left: int
    items: Mapping[int, int]
    refusal: str = ""
    closed: bool = False
    by_lot: bool = False
    limits: Mapping[int, tuple[int | None, int]] = field(default_factory=dict)

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
    now, lotteries = timezone.now(), open_lotteries(calendar)
    found = [_choice(calendar, slot, rooms[slot.pk], back, now, staff=staff) for slot in slots]
    return [replace(choice, by_lot=True) if goes_by_lot(choice.slot, lotteries) else choice for choice in found]


def left_together(several: Iterable[Choice], wanted: Collection[int]) -> int:
    """How many persons who each want these items find a place in any of the slots, which may share their limits."""
    places: dict[int, int] = {}
    sharing: dict[int, tuple[int, list[int]]] = {}  # by bucket, what it has left and whose slots it counts for
    for choice in several:
        most = [choice.left, *(choice.items[item] for item in wanted if item in choice.items)]
        places[choice.slot.pk] = min(most)
        for bucket, (item, left) in choice.limits.items():
            if item is None or item in wanted:
                sharing.setdefault(bucket, (left, []))[1].append(choice.slot.pk)
    # those of few slots first: of a venue's day before the whole day, and that before the season
    for left, slots in sorted(sharing.values(), key=lambda shared: len(shared[1])):
        too_many = sum(places[slot] for slot in slots) - left
        for slot in slots:
            less = min(max(too_many, 0), places[slot])
            places[slot], too_many = places[slot] - less, too_many - less
    return sum(places.values())


def nearest(
    *, slot: Slot, party: Party, count: int = 3, staff: bool = False, mine: Booking | None = None
) -> list[Choice]:
    """The free slots nearest in time to one that cannot be had, the nearest first."""
    first, last = max(slot.day - NEARBY, timezone.localdate()), slot.day + NEARBY
    there = choices(calendar=slot.calendar, first=first, last=last, staff=staff, mine=mine)
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
    return Choice(
        slot,
        left=min((places for room, places in left.items() if room.item is None), default=0),
        items=items,
        refusal="" if staff else _refusal(slot, now),
        closed=any(room.closed for room in left if room.item is None),
        limits={room.id: (room.item, places) for room, places in left.items()},
    )


def _refusal(slot: Slot, now: datetime) -> str:
    try:
        check_bookable(slot, now)
    except (NotOpenYet, TooLate) as refused:
        return refused.message
    return ""
