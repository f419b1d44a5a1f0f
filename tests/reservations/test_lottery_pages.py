"""抽選 on the resident's way: wishes in place of a time, a declaration, and the result."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications import outbox
from applications.status import Status
from casework.history import history_of
from formbuilder.models import FormPage
from outreach.models import Message
from reservations.gate import ReservationGate
from reservations.invariant import problems
from reservations.lottery.draw import draw, open_lottery
from reservations.models import Booking, Lottery, LotteryEntry, Result, Slot, State
from reservations.resident.links import token_of
from tests.applications.residents import leads_to, text_of
from tests.reservations.residents import Booker, make_checkup_form
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots
from tests.support.cast import Cast


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    return make_checkup_form(cast)


@pytest.fixture
def slots(check_up: CheckUp) -> list[Slot]:
    return add_slots(check_up, 3, places=2)


@pytest.fixture
def lottery(cast: Cast, check_up: CheckUp, slots: list[Slot]) -> Lottery:
    now = timezone.now()
    made = Lottery.objects.create(
        calendar=check_up.calendar,
        name="前期",
        first_day=FIRST_DAY,
        last_day=FIRST_DAY,
        opens_at=now,
        closes_at=now + timedelta(days=3),
    )
    return open_lottery(lottery_id=made.pk, actor=cast.officer)


def wish(resident: Booker, *slots: Slot | str) -> object:
    numbers = [slot.pk if isinstance(slot, Slot) else slot for slot in slots]
    return resident.post("reservation/lottery", {f"wish{rank}": number for rank, number in enumerate(numbers, 1)})


def test_wishes_open_the_way_to_the_check_page_and_the_draw_gives_the_place(
    form: FormPage, slots: list[Slot], lottery: Lottery, clock: time_machine.Traveller
) -> None:
    resident = Booker(form).arrive("stomach")
    assert leads_to(resident.get("check")) == "reservation"
    assert leads_to(resident.look()) == "lottery"
    shown = text_of(resident.get("reservation/lottery"))
    for words in ("第1希望（必須）", "第3希望（任意）", "6月7日（月）6:00〜6:30 あすぱる", "4月8日 10:00 まで"):
        assert words in shown
    assert leads_to(wish(resident, slots[1], slots[0])) == "check"
    checked = text_of(resident.get("check"))
    for words in ("抽選の申込み", "第1希望 2027年6月7日（月）6:30〜7:00", "申込みの締切は4月8日 10:00です"):
        assert words in checked
    resident.declare()
    application = resident.draft
    assert application.status == Status.SUBMITTED
    assert "抽選はこれからです" in text_of(resident.get("done"))
    outbox.deliver_due()
    assert "抽選番号 1" in Message.objects.get(template="lottery_entered").subject
    assert ReservationGate().facts(application)["抽選の結果"] == "申込み"
    clock.shift(timedelta(days=4))
    draw(lottery_id=lottery.pk)
    outbox.deliver_due()
    booking = Booking.objects.get()
    assert (booking.state, booking.slot) == (State.CONFIRMED, slots[1])
    assert "当選" in Message.objects.get(template="lottery_won").subject
    assert any("抽選で当選しました" in entry.sentence for entry in history_of(application))
    assert "2027年6月7日（月）6:30〜7:00" in text_of(resident.get("done"))
    assert list(problems()) == []


def test_the_losers_are_told_and_so_is_the_desk(
    form: FormPage, slots: list[Slot], lottery: Lottery, clock: time_machine.Traveller
) -> None:
    Lottery.objects.update(reserves=1)
    residents = []
    for number in range(3):
        name = {"family": "ミホン", "given": f"ハナコ{'アイウ'[number]}"}
        resident = Booker(form).arrive("stomach", フリガナ=name)
        wish(resident, slots[0])
        resident.declare()
        residents.append(resident)
    clock.shift(timedelta(days=4))
    draw(lottery_id=lottery.pk)
    for _ in range(3):
        outbox.deliver_due()
    mails = set(Message.objects.filter(template__startswith="lottery_").values_list("template", flat=True))
    assert mails == {"lottery_entered", "lottery_won", "lottery_reserve", "lottery_lost"}
    by_result = {LotteryEntry.objects.get(application=each.draft).result: each for each in residents}
    lost, hoping = by_result[Result.LOST], by_result[Result.RESERVE]
    assert ReservationGate().facts(lost.draft)["抽選の結果"] == "落選"
    assert any("抽選に外れました" in entry.sentence for entry in history_of(lost.draft))
    assert "補欠1番" in text_of(hoping.get("done"))
    waiting = Client().get(reverse("reservation-waiting", kwargs={"token": token_of(hoping.draft)}))
    assert "いまの順番は1番目です" in text_of(waiting)


@pytest.mark.parametrize("sent", [[], ["x"], ["0"], ["9" * 30]])
def test_wishes_that_are_none_are_refused_in_words(
    form: FormPage, slots: list[Slot], lottery: Lottery, sent: list[str]
) -> None:
    resident = Booker(form).arrive("stomach")
    answer = wish(resident, *sent)
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert not LotteryEntry.objects.exists()


def test_the_same_time_twice_is_pointed_out_and_the_choice_stays(
    form: FormPage, slots: list[Slot], lottery: Lottery
) -> None:
    resident = Booker(form).arrive("stomach")
    answer = wish(resident, slots[0], slots[0])
    assert "同じ日時を二度選んでいます" in text_of(answer)
    assert f'value="{slots[0].pk}" selected' in answer.content.decode()  # type: ignore[attr-defined]


def test_answers_that_change_close_the_way_until_the_wishes_are_sent_again(
    form: FormPage, slots: list[Slot], lottery: Lottery
) -> None:
    resident = Booker(form).arrive("stomach")
    wish(resident, slots[0])
    resident.fill("2", {"受けたい項目": ["lungs"]})
    assert leads_to(resident.get("check")) == "reservation"
    page = resident.get("reservation/lottery").content.decode()
    assert f'value="{slots[0].pk}" selected' in page
    wish(resident, slots[0])
    assert resident.get("check").status_code == 200


def test_who_has_second_thoughts_withdraws(form: FormPage, slots: list[Slot], lottery: Lottery) -> None:
    resident = Booker(form).arrive("stomach")
    wish(resident, slots[0])
    there = reverse("reservation-waiting", kwargs={"token": token_of(resident.draft)})
    assert "抽選の申込みを取りやめる" in text_of(Client().get(there))
    answer = Client().post(there, {"action": "withdraw"}, follow=True)
    assert "取りやめました" in text_of(answer)
    assert leads_to(resident.get("check")) == "reservation"


def test_outside_the_time_for_entries_the_page_says_so(
    form: FormPage, slots: list[Slot], lottery: Lottery, clock: time_machine.Traveller
) -> None:
    resident = Booker(form).arrive("stomach")
    clock.shift(timedelta(days=4))
    shown = text_of(resident.get("reservation/lottery"))
    assert "いまは申込みの期間ではありません" in shown
    assert "抽選で決める日時があります" in text_of(resident.look())
    answer = wish(resident, slots[0])
    assert answer.status_code == 409  # type: ignore[attr-defined]


def test_without_a_lottery_there_is_no_such_page(form: FormPage, slots: list[Slot]) -> None:
    resident = Booker(form).arrive("stomach")
    assert leads_to(resident.get("reservation/lottery")) == "reservation"


def test_days_that_are_not_drawn_for_are_chosen_as_ever(
    form: FormPage, check_up: CheckUp, slots: list[Slot], lottery: Lottery
) -> None:
    (other,) = add_slots(check_up, places=4, day=FIRST_DAY + timedelta(days=10))
    resident = Booker(form).arrive("stomach")
    assert "抽選に申し込む" in text_of(resident.look())
    assert leads_to(resident.pick(other)) == "check"


def test_a_day_that_goes_by_lot_says_so_and_offers_no_waiting_list(
    form: FormPage, check_up: CheckUp, slots: list[Slot], lottery: Lottery
) -> None:
    add_slots(check_up, day=FIRST_DAY + timedelta(days=1))
    resident = Booker(form).arrive("stomach")
    shown = resident.look(f"?month=2027-06&day={FIRST_DAY.isoformat()}")
    assert text_of(shown).count("あすぱる 抽選で決めます") == len(slots)
    assert "月7日 抽選 抽選で決めます" in text_of(shown)
    assert 'name="wait"' not in shown.content.decode()
    refused = resident.post("reservation/waiting", {"wait": slots[0].pk})
    assert refused.status_code == 409
    assert "この日時は抽選で決めるので" in text_of(refused)
