"""Getting onto the waiting list and off it, one function each. What is raised is in refusals.py."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone

from applications.answers import opened
from applications.facts import facts_of
from applications.models import Application
from applications.status import Status
from reservations import services
from reservations.again import again
from reservations.layout import lock_calendar
from reservations.models import ACTIVE, ON_LIST, Bucket, Slot, State, Wait, WaitingEntry
from reservations.moving import ended, until_taken
from reservations.party import Party, digest, places_of, told
from reservations.refusals import (
    ByLot,
    HoldsAnother,
    NeverFits,
    NotOnOffer,
    OfferGone,
    SlotGone,
    StillFree,
    TooMany,
    TooManyWaits,
)
from reservations.taking import rooms_of, wants
from reservations.waiting.events import JOINED, LEFT, MOVED, REMOVED, tell_wait
from reservations.waiting.offers import goes_by_lot, lock_buckets, open_lotteries, pass_on_soon
from reservations.windows import check_bookable
from staff.models import User

MOST = 5  # slots that one application may wait for


def live_entries(application: Application) -> QuerySet[WaitingEntry]:
    """What the application waits for, or is offered, now."""
    entries = WaitingEntry.objects.filter(application=application, state__in=ON_LIST)
    return entries.select_related("slot__venue", "calendar", "booking").order_by("rank", "pk")


def position(entry: WaitingEntry) -> int:
    """How many are to be asked for this slot until it is the entry's turn, itself included."""
    before = Q(rank__lt=entry.rank) | Q(rank=entry.rank, pk__lt=entry.pk)
    return WaitingEntry.objects.filter(before, slot=entry.slot_id, state=Wait.WAITING).count() + 1


def contact_of(application: Application) -> str:
    """The mail address, which a draft has among its answers only."""
    if application.status != Status.DRAFT:
        return application.email
    engine = application.version.engine
    answers = engine.state(opened(application), timezone.localdate()).answers
    return facts_of(engine, answers).email


def join(*, application: Application, slot_id: int, party: Party, actor: User | None = None) -> WaitingEntry:
    """Wait for a place; actor: who of the staff enters it.

    Joining again is joining once; with more people than before, it is at the end.

    Raises SlotGone, NotOnOffer, NotOpenYet, TooLate, TooMany, ByLot, NeverFits, StillFree, HoldsAnother, TooManyWaits.
    """
    slot = Slot.objects.select_related("calendar", "venue").filter(pk=slot_id).first()
    if slot is None:
        raise SlotGone
    if not slot.calendar.waiting_list:
        raise NotOnOffer
    check_bookable(slot, timezone.now())
    if places_of(party) > slot.calendar.max_places:
        raise TooMany(slot.calendar.max_places)
    entry = _join(application, slot, party, contact_of(application), actor)
    pass_on_soon(slot.calendar_id)
    entry.refresh_from_db()
    return entry


@again
@transaction.atomic(durable=True)
def _join(application: Application, slot: Slot, party: Party, email: str, actor: User | None) -> WaitingEntry:
    calendar = lock_calendar(slot.calendar_id)
    mine = {entry.slot_id: entry for entry in live_entries(application)}
    entry = mine.get(slot.pk)
    if entry is not None and (entry.state == Wait.OFFERED or digest(entry.people) == digest(party)):
        return entry
    if application.bookings.filter(state__in=ACTIVE).exists():
        raise HoldsAnother
    if entry is None and len(mine) >= MOST:
        raise TooManyWaits(MOST)
    if goes_by_lot(slot, open_lotteries(calendar)):
        raise ByLot
    _keep(slot, party)
    if entry is None:
        entry = WaitingEntry(application=application, calendar=slot.calendar, slot=slot, rank=_end_of(slot))
    elif _asks_for_more(entry.people, party):
        entry.rank = _end_of(slot)
    is_new = entry.pk is None
    entry.party, entry.email = told(party), email
    entry.save()
    if is_new:
        tell_wait(entry, JOINED, actor=actor)
    return entry


def _keep(slot: Slot, party: Party) -> None:
    """From here on nobody passes by the list: whatever the party needs is kept, until it is known what is missing."""
    rooms = rooms_of(slot.pk)
    deltas = wants(rooms, party)
    if not deltas:
        raise SlotGone
    most, left = {room.id: room.public for room in rooms}, {room.id: room.left(staff=False) for room in rooms}
    if any(n > most[bucket] for bucket, n, _ in deltas):
        raise NeverFits
    if all(n <= left[bucket] for bucket, n, _ in deltas):
        raise StillFree
    lock_buckets([bucket for bucket, _, _ in deltas])
    Bucket.objects.filter(pk__in=[bucket for bucket, _, _ in deltas]).update(queued=True)


def _asks_for_more(before: Party, after: Party) -> bool:
    items = {item for person in after for item in person.items}
    return any(places_of(after, item) > places_of(before, item) for item in [None, *items])


def _end_of(slot: Slot) -> int:
    last = WaitingEntry.objects.filter(calendar=slot.calendar_id).aggregate(last=Max("rank"))["last"]
    return (last or 0) + 1


def leave(*, entry_id: int) -> WaitingEntry:
    """The resident does not want to wait any more, or not what was offered. Leaving twice is leaving once."""
    return _off(entry_id, Wait.LEFT, LEFT)


def remove(*, entry_id: int, actor: User, reason: str) -> WaitingEntry:
    """Staff take the entry from the list."""
    return _off(entry_id, Wait.REMOVED, REMOVED, actor=actor, reason=reason)


def _off(entry_id: int, state: Wait, kind: str, *, actor: User | None = None, reason: str = "") -> WaitingEntry:
    entry = _write_off(entry_id, state, kind, actor, reason)
    if entry.state == Wait.OFFERED and entry.booking_id is not None:
        booking = entry.booking_id
        until_taken(lambda: ended(booking, {State.HOLD: State.RELEASED}, actor=actor, reason=reason))
    pass_on_soon(entry.calendar_id)
    entry.refresh_from_db()
    return entry


@again
@transaction.atomic(durable=True)
def _write_off(entry_id: int, state: Wait, kind: str, actor: User | None, reason: str) -> WaitingEntry:
    entry = locked(entry_id)
    if entry.state == Wait.WAITING:
        entry.state, entry.ended_at = state, timezone.now()
        entry.save(update_fields=["state", "ended_at"])
        tell_wait(entry, kind, actor=actor, reason=reason)
    return entry


@again
@transaction.atomic(durable=True)
def move_to_front(*, entry_id: int, actor: User, reason: str) -> WaitingEntry:
    """Staff let the entry be next. Raises OfferGone when it waits no more."""
    entry = locked(entry_id)
    if entry.state != Wait.WAITING:
        raise OfferGone
    listed = WaitingEntry.objects.filter(calendar=entry.calendar_id, state=Wait.WAITING)
    entry.rank = listed.aggregate(first=Min("rank"))["first"] - 1
    entry.save(update_fields=["rank"])
    tell_wait(entry, MOVED, actor=actor, reason=reason)
    return entry


def accept(*, entry_id: int) -> WaitingEntry:
    """Who has declared already (補欠) takes what is offered; a draft is declared instead. Raises OfferGone, Full."""
    entry = WaitingEntry.objects.select_related("booking", "application").get(pk=entry_id)
    if entry.booking is None or entry.application.status == Status.DRAFT or not can_be_taken(entry, timezone.now()):
        raise OfferGone
    services.confirm(booking_id=entry.booking.pk)
    pass_on_soon(entry.calendar_id)
    entry.refresh_from_db()
    return entry


def can_be_taken(entry: WaitingEntry, now: datetime) -> bool:
    """Whether what was offered is still there, job or no job; also when it has been taken already."""
    booking = entry.booking
    if booking is None or booking.slot_id != entry.slot_id:
        return False
    if booking.state == State.HOLD:
        return booking.kept or (entry.offered_until is not None and now < entry.offered_until)
    return booking.state == State.CONFIRMED


def locked(entry_id: int) -> WaitingEntry:
    """The entry as it stands while nobody else touches its list."""
    calendar = WaitingEntry.objects.values_list("calendar", flat=True).get(pk=entry_id)
    lock_calendar(calendar)
    return WaitingEntry.objects.select_related("application", "slot__venue").get(pk=entry_id)
