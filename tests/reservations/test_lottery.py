"""抽選: who enters in time takes part, the draw is made once, and anybody can repeat it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from applications.models import Application, Event
from applications.status import Status
from reservations import capacity, services
from reservations.invariant import problems
from reservations.lottery import draw as drawing
from reservations.lottery.draw import differences, draw, draw_due, open_lottery
from reservations.lottery.drawing import in_order
from reservations.lottery.entering import enter, entry_of, lottery_for, withdraw
from reservations.models import (
    Booking,
    Bucket,
    Lottery,
    LotteryEntry,
    LotteryState,
    Result,
    Slot,
    State,
    Wait,
    WaitingEntry,
    hash_of,
)
from reservations.party import Party, person_key
from reservations.refusals import (
    AlreadyEntered,
    Full,
    HoldsAnother,
    NoEntries,
    NoSlots,
    NotDue,
    NoWish,
    SlotGone,
    TooMany,
    TooManyWishes,
)
from reservations.relayout import remove_slots
from reservations.waiting.entries import join
from reservations.waiting.offers import offer_places
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    add_quota,
    add_season,
    add_slots,
    alone,
    applications,
    booked,
    family,
)
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_lost(db: None) -> Any:
    yield
    assert list(problems()) == []


def make_lottery(check_up: CheckUp, **settings: Any) -> Lottery:
    now = timezone.now()
    given = {"opens_at": now, "closes_at": now + timedelta(days=10), "wishes": 2, **settings}
    return Lottery.objects.create(
        calendar=check_up.calendar, name="前期", first_day=FIRST_DAY, last_day=FIRST_DAY + timedelta(days=6), **given
    )


def open_one(cast: Cast, check_up: CheckUp, **settings: Any) -> Lottery:
    return open_lottery(lottery_id=make_lottery(check_up, **settings).pk, actor=cast.officer)


def received(application: Application) -> None:
    """Declared and arrived, as the desk has it."""
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, reference=f"R{application.pk}", received_at=timezone.now()
    )


def enter_all(
    cast: Cast, lottery: Lottery, slots: Sequence[Slot], count: int, party: Party | None = None
) -> list[LotteryEntry]:
    entries = [
        enter(lottery_id=lottery.pk, application=each, party=party or alone(), slots=[slot.pk for slot in slots])
        for each in applications(cast.form, count)
    ]
    for entry in entries:
        received(entry.application)
    return entries


def results(entries: Sequence[LotteryEntry]) -> list[str]:
    for entry in entries:
        entry.refresh_from_db()
    return [entry.result for entry in entries]


def test_the_hash_of_the_seed_is_told_before_and_the_seed_after(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slots = add_slots(check_up, places=2)
    lottery = open_one(cast, check_up)
    assert lottery.seed_hash == hash_of(lottery.seed)
    entry = ModelLogEntry.objects.get(action="reservations.lottery.open")
    assert entry.data == {"seed_hash": lottery.seed_hash}
    again = open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    assert again.seed == lottery.seed
    enter_all(cast, lottery, slots, 3)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk, actor=cast.officer)
    drawn = ModelLogEntry.objects.get(action="reservations.lottery.draw")
    assert drawn.data == {"seed": lottery.seed, "seed_hash": lottery.seed_hash, "entries": 3, "won": 2}


def test_places_go_by_lot_and_to_nobody_else(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    (slot,) = add_slots(check_up, places=3)
    lottery = open_one(cast, check_up)
    (passer_by,) = applications(cast.form, 1)
    with pytest.raises(Full):
        services.hold(application=passer_by, slot_id=slot.pk, party=alone())
    with pytest.raises(Full):
        services.staff_book(application=passer_by, slot_id=slot.pk, party=alone(), actor=cast.officer)
    entries = enter_all(cast, lottery, [slot], 5)
    with pytest.raises(NotDue):
        draw(lottery_id=lottery.pk)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk, actor=cast.officer)
    assert sorted(results(entries)) == [Result.RESERVE] * 2 + [Result.WON] * 3
    assert booked(slot) == 3
    assert sorted(entry.place or 0 for entry in entries) == [1, 2, 3, 4, 5]
    assert sorted(entry.reserve for entry in entries if entry.reserve) == [1, 2]
    assert all(entry.booking.state == State.CONFIRMED for entry in entries if entry.booking)
    kinds = list(Event.objects.filter(kind__startswith="lottery_").order_by("kind").values_list("kind", flat=True))
    assert kinds == ["lottery_entered"] * 5 + ["lottery_reserve"] * 2 + ["lottery_won"] * 3
    assert list(differences(Lottery.objects.get())) == []


def test_what_is_left_after_the_draw_is_everybodys(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up, places=3)
    lottery = open_one(cast, check_up)
    enter_all(cast, lottery, [slot], 2)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert not Bucket.objects.filter(queued=True).exists()
    services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())
    assert booked(slot) == 3


def test_who_did_not_win_waits_in_the_order_of_the_draw(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    first, second = add_slots(check_up, 2)
    lottery = open_one(cast, check_up)
    entries = enter_all(cast, lottery, [first, second], 4)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    results(entries)
    in_turn = sorted((entry for entry in entries if entry.reserve), key=lambda entry: entry.reserve or 0)
    waits = WaitingEntry.objects.order_by("rank").values_list("application", "slot")
    assert list(waits) == [(entry.application_id, slot.pk) for entry in in_turn for slot in (first, second)]
    (winner,) = (entry for entry in entries if entry.booking and entry.booking.slot_id == first.pk)
    assert winner.booking_id is not None
    services.cancel(booking_id=winner.booking_id)
    offered = WaitingEntry.objects.get(state=Wait.OFFERED)
    assert (offered.application_id, offered.slot) == (in_turn[0].application_id, first)
    assert offered.booking is not None
    assert offered.booking.unasked


def test_families_stay_together_and_wishes_are_tried_in_order(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    add_quota(check_up, 3, item=check_up.stomach)
    small, large = add_slots(check_up, places=2)[0], add_slots(check_up, places=9, venue=check_up.other_venue)[0]
    lottery = open_one(cast, check_up)
    (three,) = enter_all(cast, lottery, [small, large], 1, family(3))
    (two,) = enter_all(cast, lottery, [small, large], 1, family(2, check_up.stomach))
    (others,) = enter_all(cast, lottery, [large, small], 1, family(2, check_up.stomach))
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([three])[0] == Result.WON
    assert three.booking is not None
    assert (three.booking.slot, three.booking.attendees.count()) == (large, 3)
    # the day has stomachs for three: one of the two families, and all of it
    assert sorted(results([two, others])) == [Result.RESERVE, Result.WON]


def test_who_has_not_declared_in_time_takes_no_part(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    (declared,) = enter_all(cast, lottery, [slot], 1)
    (draft,) = applications(cast.form, 1)
    forgotten = enter(lottery_id=lottery.pk, application=draft, party=alone(), slots=[slot.pk])
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([declared, forgotten]) == [Result.WON, Result.VOID]
    assert forgotten.place is None
    assert list(differences(Lottery.objects.get())) == []


def test_who_still_has_to_pay_wins_a_place_that_waits_for_it(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    (application,) = applications(cast.form, 1)
    entry = enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[slot.pk])
    Application.objects.filter(pk=application.pk).update(status=Status.PENDING)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    entry.refresh_from_db()
    assert entry.booking is not None
    assert (entry.booking.state, entry.booking.kept) == (State.HOLD, True)


def test_beyond_the_reserves_there_is_no_hope(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up, reserves=1)
    entries = enter_all(cast, lottery, [slot], 4)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert sorted(results(entries)) == [Result.LOST, Result.LOST, Result.RESERVE, Result.WON]
    assert WaitingEntry.objects.count() == 1


def test_it_is_drawn_once(cast: Cast, check_up: CheckUp, clock: time_machine.Traveller) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up, draws_at=timezone.now() + timedelta(days=12))
    entries = enter_all(cast, lottery, [slot], 3)
    clock.shift(timedelta(days=11))
    assert draw_due() == 0
    clock.shift(timedelta(days=2))
    assert draw_due() == 1
    before = results(entries)
    assert draw_due() == 0
    draw(lottery_id=lottery.pk)
    assert results(entries) == before
    assert Booking.objects.count() == 1


def test_a_crash_in_the_middle_draws_nothing_and_the_next_draw_is_the_same(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = add_slots(check_up, places=2)
    lottery = open_one(cast, check_up)
    entries = enter_all(cast, lottery, [slot], 6)
    clock.shift(timedelta(days=11))
    real, wanted = drawing._let_hope, in_order(lottery.seed, [entry.number for entry in entries])

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(drawing, "_let_hope", crash)
    with pytest.raises(KeyboardInterrupt):
        draw(lottery_id=lottery.pk)
    assert set(results(entries)) == {Result.ENTERED}
    assert not Booking.objects.exists()
    monkeypatch.setattr(drawing, "_let_hope", real)
    draw(lottery_id=lottery.pk)
    results(entries)
    assert [entry.number for entry in sorted(entries, key=lambda entry: entry.place or 0)] == wanted


def test_capacity_that_changes_during_the_draw_is_drawn_again_with_what_is_so(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (slot,) = add_slots(check_up, places=3)
    lottery = open_one(cast, check_up)
    entries = enter_all(cast, lottery, [slot], 5)
    clock.shift(timedelta(days=11))
    real, times = drawing.shift, []

    def smaller(*given: Any, **how: Any) -> None:
        if not times:
            times.append(1)
            Bucket.objects.filter(slot=slot).update(limit_public=1, limit_total=1)
        real(*given, **how)

    monkeypatch.setattr(drawing, "shift", smaller)
    draw(lottery_id=lottery.pk)
    # the change was undone with the attempt that made it, so the second finds three places
    assert results(entries).count(Result.WON) == booked(slot) == 3


def test_entries_may_be_changed_and_withdrawn_until_the_end(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    first, second = add_slots(check_up, 2)
    lottery = open_one(cast, check_up)
    (application,) = applications(cast.form, 1)
    entry = enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])
    changed = enter(lottery_id=lottery.pk, application=application, party=family(2), slots=[second.pk, first.pk])
    assert (changed.pk, changed.number) == (entry.pk, entry.number)
    assert (changed.slots, len(changed.people)) == ([second.pk, first.pk], 2)
    withdraw(entry_id=entry.pk)
    withdraw(entry_id=entry.pk)
    assert entry_of(application) is None
    anew = enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])
    assert anew.number == 2
    clock.shift(timedelta(days=11))
    with pytest.raises(NoEntries):
        withdraw(entry_id=anew.pk)
    with pytest.raises(NoEntries):
        enter(lottery_id=lottery.pk, application=application, party=alone(), slots=[first.pk])


def test_nobody_enters_twice_by_two_applications(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    one, two = applications(cast.form, 2)
    party = alone(person=person_key("ミホンハナコ"))
    entry = enter(lottery_id=lottery.pk, application=one, party=party, slots=[slot.pk])
    with pytest.raises(AlreadyEntered):
        enter(lottery_id=lottery.pk, application=two, party=party, slots=[slot.pk])
    withdraw(entry_id=entry.pk)
    enter(lottery_id=lottery.pk, application=two, party=party, slots=[slot.pk])


def test_who_has_a_place_this_season_wins_no_second(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    add_season(check_up)
    (earlier,) = add_slots(check_up, day=FIRST_DAY - timedelta(days=7))
    (slot,) = add_slots(check_up)
    party = alone(person=person_key("ミホンハナコ"))
    (before,) = applications(cast.form, 1)
    services.hold(application=before, slot_id=earlier.pk, party=party)
    services.confirm(booking_id=Booking.objects.get().pk)
    lottery = open_one(cast, check_up)
    (entry,) = enter_all(cast, lottery, [slot], 1, party)
    clock.shift(timedelta(days=11))
    draw(lottery_id=lottery.pk)
    assert results([entry]) == [Result.RESERVE]
    assert booked(slot) == 0


def test_entries_that_make_no_sense_are_refused(cast: Cast, check_up: CheckUp) -> None:
    first, second, third = add_slots(check_up, 3)
    (outside,) = add_slots(check_up, day=FIRST_DAY + timedelta(days=30))
    lottery = open_one(cast, check_up)
    holder, other = applications(cast.form, 2)
    services.hold(application=holder, slot_id=outside.pk, party=alone())
    refused: list[tuple[type[Exception], Application, Party, list[int]]] = [
        (NoWish, other, alone(), []),
        (TooManyWishes, other, alone(), [first.pk, second.pk, third.pk]),
        (SlotGone, other, alone(), [outside.pk]),
        (TooMany, other, family(11), [first.pk]),
        (HoldsAnother, holder, alone(), [first.pk]),
    ]
    for problem, application, party, slots in refused:
        with pytest.raises(problem):
            enter(lottery_id=lottery.pk, application=application, party=party, slots=slots)
    assert not LotteryEntry.objects.exists()


def test_a_lottery_opens_only_with_slots_and_before_its_end(cast: Cast, check_up: CheckUp) -> None:
    lottery = make_lottery(check_up)
    assert lottery_for(check_up.calendar) is None
    with pytest.raises(NoSlots):
        open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    add_slots(check_up)
    past = timezone.now() - timedelta(days=1)
    Lottery.objects.update(opens_at=past - timedelta(days=1), closes_at=past)
    with pytest.raises(NotDue):
        open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    Lottery.objects.update(closes_at=timezone.now() + timedelta(days=1))
    open_lottery(lottery_id=lottery.pk, actor=cast.officer)
    assert lottery_for(check_up.calendar) == lottery


def test_slots_that_are_made_later_go_by_lot_too(cast: Cast, check_up: CheckUp) -> None:
    add_slots(check_up)
    open_one(cast, check_up)
    (later,) = add_slots(check_up, venue=check_up.other_venue)
    offer_places()
    with pytest.raises(Full):
        services.hold(application=applications(cast.form, 1)[0], slot_id=later.pk, party=alone())


def test_the_command_draws_and_says_whether_a_draw_was_so(
    cast: Cast, check_up: CheckUp, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    entries = enter_all(cast, lottery, [slot], 3)
    with pytest.raises(CommandError, match="まだ抽選できません"):
        call_command("reservations_draw", lottery.pk)
    with pytest.raises(CommandError, match="ありません"):
        call_command("reservations_draw", 0)
    with pytest.raises(CommandError, match="まだ抽選していません"):
        call_command("reservations_draw", lottery.pk, verify=True)
    clock.shift(timedelta(days=11))
    call_command("reservations_draw")
    call_command("reservations_draw", lottery.pk)
    call_command("reservations_draw", verify=True)
    assert "合っています" in capsys.readouterr().out
    results(entries)
    first, second = sorted(entries, key=lambda entry: entry.place or 0)[:2]
    LotteryEntry.objects.filter(pk=second.pk).update(place=99)
    with pytest.raises(CommandError, match="1件"):
        call_command("reservations_draw", lottery.pk, verify=True)
    Lottery.objects.update(seed="ff")
    with pytest.raises(CommandError):
        call_command("reservations_draw", verify=True)
    assert "ハッシュ値と合いません" in capsys.readouterr().out
    assert first.result == Result.WON


def test_the_database_keeps_a_winner_and_the_booking_together(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    lottery = open_one(cast, check_up)
    (entry,) = enter_all(cast, lottery, [slot], 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        LotteryEntry.objects.filter(pk=entry.pk).update(result=Result.WON)
    assert Lottery.objects.get().state == LotteryState.OPEN


def test_a_slot_somebody_waits_for_is_not_removed(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    capacity.close_slot(slot_id=slot.pk, actor=cast.officer, reason="点検")
    join(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=alone())
    assert remove_slots(slot_ids=[slot.pk]) == 0
