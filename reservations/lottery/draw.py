"""Opening a lottery, drawing it once, and repeating the draw to see whether it was so.

A draw is one transaction: whoever dies in the middle has drawn nothing, and who draws again draws the same, because
the seed is older than the entries and nobody enters any more. Places are taken as by everybody else (taking.shift).
"""

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from wagtail.log_actions import log

from applications.status import Status
from reservations.again import again
from reservations.expiry import expire_holds
from reservations.layout import lock_calendar
from reservations.lottery.drawing import Drawn, Ground, Place, Ticket, allocate, ground_from
from reservations.lottery.entering import takes_part
from reservations.lottery.events import OF_RESULT, tell_entry
from reservations.models import (
    ACTIVE,
    ON_LIST,
    Attendee,
    Booking,
    Bucket,
    Lottery,
    LotteryEntry,
    LotteryState,
    Result,
    Scope,
    Slot,
    State,
    Wait,
    WaitingEntry,
    hash_of,
)
from reservations.moving import is_duplicate
from reservations.party import digest
from reservations.placing import write
from reservations.refusals import Busy, NoSlots, NotDue, Refused
from reservations.taking import ROOM, Delta, NotTaken, Room, net, season_in, shift, wants
from reservations.waiting.offers import lock_buckets, pass_on
from staff.models import User

TRIES = 5
WHOLE = "reservations.lottery"


@again
@transaction.atomic(durable=True)
def open_lottery(*, lottery_id: int, actor: User) -> Lottery:
    """From here on its places go by lot. The seed is made, and its hash can be seen. Raises NoSlots, NotDue."""
    lottery = _locked(lottery_id)
    if lottery.state != LotteryState.PREPARED:
        return lottery
    if timezone.now() >= lottery.closes_at:
        raise NotDue("申込みの締切を過ぎています。締切を先の日時にしてから、受付を始めてください。")
    own = Bucket.objects.filter(slot__in=lottery.slots, scope=Scope.SLOT).values_list("pk", flat=True)
    buckets = list(own)
    if not buckets:
        raise NoSlots
    lottery.seed = secrets.token_hex(32)
    lottery.seed_hash = hash_of(lottery.seed)
    lottery.state = LotteryState.OPEN
    lottery.save(update_fields=["seed", "seed_hash", "state"])
    log(instance=lottery, action=f"{WHOLE}.open", user=actor, data={"seed_hash": lottery.seed_hash})
    lock_buckets(buckets)
    Bucket.objects.filter(pk__in=buckets).update(queued=True)
    return lottery


@again
@transaction.atomic(durable=True)
def remove_lottery(*, lottery_id: int, actor: User) -> None:
    """Only before it is open: what people have been told of stays. Raises NotDue."""
    lottery = _locked(lottery_id)
    if lottery.state != LotteryState.PREPARED:
        raise NotDue("受付を始めた抽選は、削除できません。")
    log(instance=lottery, action="wagtail.delete", user=actor, deleted=True)
    lottery.delete()


def draw(*, lottery_id: int, actor: User | None = None) -> Lottery:
    """Draw, once: a second call finds it done. actor: None for the program at the time that was set.

    Raises NotDue before entries are closed, Busy.
    """
    for _ in range(TRIES):
        lottery = Lottery.objects.get(pk=lottery_id)
        expire_holds(buckets=sorted(set(Bucket.objects.filter(slots__in=lottery.slots).values_list("pk", flat=True))))
        try:
            lottery = _draw(lottery_id, actor)
        except NotTaken:  # staff changed a limit meanwhile
            continue
        except IntegrityError as problem:  # a person booked elsewhere meanwhile
            if not is_duplicate(problem):
                raise
            continue
        with suppress(Refused):  # else the job sees to it
            pass_on(lottery.calendar_id)
        return lottery
    raise Busy


def draw_due() -> int:
    """What is to be drawn at a set time; how many were. For the worker."""
    now = timezone.now()
    due = Lottery.objects.filter(state=LotteryState.OPEN, draws_at__lte=now, closes_at__lte=now)
    drawn = 0
    for number in due.order_by("draws_at", "pk").values_list("pk", flat=True):
        draw(lottery_id=number)
        drawn += 1
    return drawn


@again
@transaction.atomic(durable=True)
def _draw(lottery_id: int, actor: User | None) -> Lottery:
    lottery = _locked(lottery_id)
    if lottery.is_drawn:
        return lottery
    now = timezone.now()
    if lottery.state != LotteryState.OPEN or now < lottery.closes_at:
        raise NotDue
    entries = {
        entry.number: entry
        for entry in lottery.entries.filter(result=Result.ENTERED).select_related("application", "lottery")
    }
    out = _left_out(entries.values())
    parts = {number: entry for number, entry in entries.items() if number not in out}
    layouts, ground = _read_ground(lottery, parts.values())
    drawn = allocate(lottery.seed, [_ticket(entry) for entry in parts.values()], ground, reserves=lottery.reserves)
    # bookings move later: what was won is written down beside what it was won of
    won = {str(each.number): each.slot for each in drawn if each.slot is not None}
    lottery.ground = {**ground.to_json(), "won": won}
    lottery.state, lottery.drawn_at, lottery.drawn_by = LotteryState.DRAWN, now, actor
    lottery.save(update_fields=["ground", "state", "drawn_at", "drawn_by"])
    deltas = [delta for each in drawn for delta in _give(lottery, parts[each.number], each, layouts)]
    _let_hope(lottery, [parts[each.number] for each in drawn if each.reserve])
    for number, result in out.items():
        entries[number].result = result
        entries[number].save(update_fields=["result"])
        tell_entry(entries[number], OF_RESULT[result])
    told = {"seed": lottery.seed, "seed_hash": lottery.seed_hash, "entries": len(drawn), "won": len(won)}
    log(instance=lottery, action=f"{WHOLE}.draw", user=actor, data=told)
    shift(net([], deltas), staff=False, waited=True)
    return lottery


def _left_out(entries: Collection[LotteryEntry]) -> dict[int, Result]:
    """Who takes no part, by number: not declared, or with a place of another day by now; nobody has two."""
    applications = {entry.application_id for entry in entries}
    active = Booking.objects.filter(application__in=applications, state__in=ACTIVE)
    settled = set(active.values_list("application", flat=True))
    out = {entry.number: Result.WITHDRAWN for entry in entries if entry.application_id in settled}
    return out | {entry.number: Result.VOID for entry in entries if not takes_part(entry)}


def _ticket(entry: LotteryEntry) -> Ticket:
    return Ticket(entry.number, entry.people, tuple(entry.slots))


def _read_ground(lottery: Lottery, entries: Iterable[LotteryEntry]) -> tuple[dict[int, list[Room]], Ground]:
    to_come = lottery.slots.filter(starts_at__gt=timezone.now())
    rooms: dict[int, list[Room]] = {slot: [] for slot in to_come.values_list("pk", flat=True)}
    rows = Bucket.objects.filter(slots__in=lottery.slots).order_by("pk")
    for slot, *room in rows.values_list("slots", *ROOM):
        if slot in rooms:
            rooms[slot].append(Room(*room))
    slots = {
        slot: Place(
            once=str(season_in(those) or f"c{lottery.calendar_id}"),
            buckets=tuple((room.id, room.item) for room in those),
        )
        for slot, those in rooms.items()
    }
    free = {room.id: room.left(staff=False, waited=True) for those in rooms.values() for room in those}
    ways = {place.once for place in slots.values()}
    persons = {person.person for entry in entries for person in entry.people if person.person}
    active = Attendee.objects.filter(booking__slot__calendar=lottery.calendar_id, once__isnull=False)
    booked = {f"{way}:{person}" for way in ways for person in persons} & set(active.values_list("once", flat=True))
    return rooms, Ground(slots, free, frozenset(booked))


def _give(lottery: Lottery, entry: LotteryEntry, drawn: Drawn, rooms: dict[int, list[Room]]) -> list[Delta]:
    """Write what an entry has won, or that it has not; what has to be taken for it."""
    entry.place, entry.reserve = drawn.place, drawn.reserve
    deltas: list[Delta] = []
    slot = None
    if drawn.slot is not None:
        slot = Slot.objects.select_related("calendar", "venue").get(pk=drawn.slot)
        deltas = wants(rooms[slot.pk], entry.people)
        entry.result, entry.booking = Result.WON, _booking(entry, slot)
        write(entry.booking, entry.people, deltas)
    else:
        entry.result = Result.LOST if drawn.reserve is None else Result.RESERVE
    entry.save(update_fields=["place", "reserve", "result", "booking"])
    tell_entry(entry, OF_RESULT[Result(entry.result)], slot=slot)
    return deltas


def _booking(entry: LotteryEntry, slot: Slot) -> Booking:
    """Sure at once; where a payment or the like is still waited for, kept until it comes."""
    now, application = timezone.now(), entry.application
    waits = application.status == Status.PENDING
    return Booking(
        application=application,
        slot=slot,
        state=State.HOLD if waits else State.CONFIRMED,
        channel=application.channel,
        party=digest(entry.people),
        kept=waits,
        hold_expires_at=now + timedelta(hours=slot.calendar.declared_hours) if waits else None,
        confirmed_at=None if waits else now,
    )


def _let_hope(lottery: Lottery, entries: list[LotteryEntry]) -> None:
    """補欠 wait for each of their wishes, in the order of the draw."""
    last = WaitingEntry.objects.filter(calendar=lottery.calendar_id).aggregate(last=Max("rank"))["last"] or 0
    there = set(lottery.slots.values_list("pk", flat=True))
    waiting = WaitingEntry.objects.filter(calendar=lottery.calendar_id, state__in=ON_LIST)
    already = set(waiting.values_list("application", "slot"))
    waits = [
        (entry, slot)
        for entry in entries
        for slot in entry.slots
        if slot in there and (entry.application_id, slot) not in already
    ]
    WaitingEntry.objects.bulk_create(
        WaitingEntry(
            application=entry.application,
            calendar_id=lottery.calendar_id,
            slot_id=slot,
            state=Wait.WAITING,
            rank=last + number,
            party=entry.party,
            email=entry.email,
        )
        for number, (entry, slot) in enumerate(waits, start=1)
    )


def differences(lottery: Lottery) -> Iterator[str]:
    """The draw once more, from the seed and what was written down: a sentence for whatever does not match."""
    if hash_of(lottery.seed) != lottery.seed_hash:
        yield "乱数の種が、公開したハッシュ値と合いません。"
    entries = {each.number: each for each in lottery.entries.filter(place__isnull=False)}
    tickets, ground = [_ticket(entry) for entry in entries.values()], ground_from(lottery.ground)
    for each in allocate(lottery.seed, tickets, ground, reserves=lottery.reserves):
        entry = entries[each.number]
        won = lottery.ground["won"].get(str(each.number))
        written = (entry.place, entry.reserve, won, entry.result == Result.WON)
        if written != (each.place, each.reserve, each.slot, each.slot is not None):
            yield f"抽選番号{each.number}: 記録と、やり直した抽選の結果が違います。"
    silent = lottery.entries.filter(place__isnull=True).exclude(result__in=(Result.VOID, Result.WITHDRAWN))
    for number in silent.values_list("number", flat=True):
        yield f"抽選番号{number}: 抽選に加わっていません。"


def _locked(lottery_id: int) -> Lottery:
    """The reception's row first, as everybody does who touches its lists."""
    calendar = Lottery.objects.values_list("calendar", flat=True).get(pk=lottery_id)
    lock_calendar(calendar)
    Lottery.objects.select_for_update(no_key=True).get(pk=lottery_id)
    return Lottery.objects.select_related("calendar").get(pk=lottery_id)
