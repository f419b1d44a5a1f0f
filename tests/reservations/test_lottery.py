"""抽選: who enters in time takes part, the draw is made once, and anybody can repeat it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import ModelLogEntry

from applications.models import Application, Event
from applications.status import Status
from reservations import services, taking
from reservations.invariant import problems
from reservations.lottery import draw as drawing
from reservations.lottery.draw import differences, draw, draw_due, open_lottery
from reservations.lottery.drawing import in_order
from reservations.lottery.entering import enter
from reservations.models import (
    Booking,
    Bucket,
    Lottery,
    LotteryEntry,
    Result,
    State,
    Wait,
    WaitingEntry,
    hash_of,
)
from reservations.refusals import (
    Full,
    NotDue,
)
from tests.reservations.drawn import enter_all, open_one, results
from tests.reservations.scene import (
    CheckUp,
    add_quota,
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
    real, times = taking.shift, list[int]()

    def smaller(*given: Any, **how: Any) -> None:
        if not times:
            times.append(1)
            Bucket.objects.filter(slot=slot).update(limit_public=1, limit_total=1)
        real(*given, **how)

    monkeypatch.setattr(drawing, "shift", smaller)
    draw(lottery_id=lottery.pk)
    # the change was undone with the attempt that made it, so the second finds three places
    assert results(entries).count(Result.WON) == booked(slot) == 3


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
