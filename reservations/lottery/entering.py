"""Taking part in a lottery, and taking part no more. What is raised is in refusals.py."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from applications.models import Application
from applications.status import EDITABLE
from reservations.again import again
from reservations.lottery.events import ENTERED, WITHDRAWN, tell_entry
from reservations.models import (
    ACTIVE,
    Calendar,
    Lottery,
    LotteryEntry,
    LotteryPerson,
    LotteryState,
    Result,
    Slot,
)
from reservations.moving import is_duplicate
from reservations.party import Party, digest, places_of, told
from reservations.refusals import AlreadyEntered, HoldsAnother, NoEntries, NoWish, SlotGone, TooMany, TooManyWishes
from reservations.waiting.entries import contact_of
from reservations.waiting.offers import GONE


def lottery_for(calendar: Calendar) -> Lottery | None:
    """The one that takes entries now, else the next one that will or that waits for its draw."""
    running = calendar.lotteries.filter(state=LotteryState.OPEN).order_by("closes_at", "pk")
    now = timezone.now()
    return next((each for each in running if takes_entries(each, now)), running.first())


def takes_entries(lottery: Lottery, now: datetime) -> bool:
    return lottery.state == LotteryState.OPEN and lottery.opens_at <= now < lottery.closes_at


def is_all_by_lot(calendar: Calendar, now: datetime) -> bool:
    """Whether a lottery takes entries for everything that is still to come."""
    lottery = lottery_for(calendar)
    if lottery is None or not takes_entries(lottery, now):
        return False
    others = calendar.slots.filter(starts_at__gt=now).exclude(day__range=(lottery.first_day, lottery.last_day))
    return not others.exists()


def entry_of(application: Application) -> LotteryEntry | None:
    """The application's part in a lottery, whatever became of it; the last one if there were several."""
    entries = LotteryEntry.objects.filter(application=application).exclude(result=Result.WITHDRAWN)
    return entries.select_related("lottery__calendar", "booking__slot__venue").order_by("pk").last()


def is_by_lot(application: Application) -> bool:
    """Whether a lottery says what became of the application, and not a booking."""
    entry = entry_of(application)
    return entry is not None and entry.result != Result.WON


def stands_for(application: Application, calendar: Calendar, party: Party) -> bool:
    """Whether the application takes part, with these people, in a lottery of the reception that is still open."""
    entry = entry_of(application)
    if entry is None or entry.lottery.calendar_id != calendar.pk or entry.digest != digest(party):
        return False
    return takes_entries(entry.lottery, timezone.now())


def lottery_facts(application: Application) -> dict[str, str]:
    """For the desk: what was asked for by lot, and what came of it."""
    entry = entry_of(application)
    if entry is None:
        return {}
    wishes = "、".join(f"第{rank}希望 {slot}" for rank, slot in enumerate(slots_of(entry), start=1))
    result = f"補欠{entry.reserve}番" if entry.reserve else entry.get_result_display()
    return {"抽選": f"{entry.lottery.name} 抽選番号{entry.number}", "抽選の希望": wishes, "抽選の結果": result}


def slots_of(entry: LotteryEntry) -> list[Slot]:
    """The wishes, the dearest first."""
    found = Slot.objects.select_related("venue").in_bulk(entry.slots)
    return [found[number] for number in entry.slots if number in found]


def enter(*, lottery_id: int, application: Application, party: Party, slots: Sequence[int]) -> LotteryEntry:
    """Take part, or take part with other wishes; the number stays.

    Raises NoEntries, NoWish, TooManyWishes, SlotGone, TooMany, HoldsAnother, AlreadyEntered.
    """
    email = contact_of(application)
    try:
        return _enter(lottery_id, application, party, tuple(dict.fromkeys(slots)), email)
    except IntegrityError as problem:
        if not is_duplicate(problem):
            raise
        raise AlreadyEntered from problem


@again
@transaction.atomic(durable=True)
def _enter(lottery_id: int, application: Application, party: Party, slots: tuple[int, ...], email: str) -> LotteryEntry:
    lottery = _locked(lottery_id)
    if not takes_entries(lottery, timezone.now()):
        raise NoEntries(lottery.closes_at)
    _check(lottery, application, party, slots)
    entry = (
        LotteryEntry.objects.filter(lottery=lottery, application=application).exclude(result=Result.WITHDRAWN).first()
    )
    is_new = entry is None
    if entry is None:
        last = lottery.entries.aggregate(last=Max("number"))["last"]
        entry = LotteryEntry(lottery=lottery, application=application, number=(last or 0) + 1)
    entry.party, entry.digest, entry.slots, entry.email = told(party), digest(party), list(slots), email
    entry.save()
    entry.persons.all().delete()
    persons = sorted({person.person for person in party if person.person})
    LotteryPerson.objects.bulk_create(LotteryPerson(lottery=lottery, entry=entry, person=each) for each in persons)
    if is_new:
        tell_entry(entry, ENTERED)
    return entry


def _check(lottery: Lottery, application: Application, party: Party, slots: tuple[int, ...]) -> None:
    if not slots:
        raise NoWish
    if len(slots) > lottery.wishes:
        raise TooManyWishes(lottery.wishes)
    if lottery.slots.filter(pk__in=slots).count() != len(slots):
        raise SlotGone
    if places_of(party) > lottery.calendar.max_places:
        raise TooMany(lottery.calendar.max_places)
    if application.bookings.filter(state__in=ACTIVE).exists():
        raise HoldsAnother


@again
@transaction.atomic(durable=True)
def withdraw(*, entry_id: int) -> LotteryEntry:
    """Take part no more. Twice is once. Raises NoEntries after the end: then it is for the desk to say."""
    lottery_id = LotteryEntry.objects.values_list("lottery", flat=True).get(pk=entry_id)
    lottery = _locked(lottery_id)
    entry = LotteryEntry.objects.select_related("application", "lottery").get(pk=entry_id)
    if entry.result == Result.WITHDRAWN:
        return entry
    if not takes_entries(lottery, timezone.now()):
        raise NoEntries(lottery.closes_at)
    entry.result = Result.WITHDRAWN
    entry.save(update_fields=["result"])
    entry.persons.all().delete()
    tell_entry(entry, WITHDRAWN)
    return entry


def takes_part(entry: LotteryEntry) -> bool:
    """Who has not declared in time has not applied, nor has who has given up or been refused since."""
    return entry.application.status not in (*EDITABLE, *GONE)


def _locked(lottery_id: int) -> Lottery:
    """Nobody enters while the draw begins."""
    Lottery.objects.select_for_update(no_key=True).get(pk=lottery_id)
    return Lottery.objects.select_related("calendar").get(pk=lottery_id)
