"""日時の選択: what the resident sees, and what a choice does."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from applications import outbox
from applications.lifecycle import move
from applications.models import Application
from applications.status import Action
from formbuilder.models import FormPage
from reservations import capacity, services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Booking, Calendar, State
from tests.applications.residents import leads_to, text_of
from tests.reservations.residents import Booker, make_checkup_form, offered
from tests.reservations.scene import (
    CheckUp,
    add_quota,
    add_slots,
    alone,
    applications,
    booked,
    bucket_of,
    make_check_up,
)
from tests.support.cast import Cast


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    return make_checkup_form(cast)


@pytest.fixture
def resident(form: FormPage) -> Booker:
    return Booker(form).arrive()


def test_the_check_page_leads_to_the_choice_and_the_choice_back_to_it(resident: Booker, check_up: CheckUp) -> None:
    slot, _ = add_slots(check_up, 2, places=5)
    assert leads_to(resident.get("check")) == "reservation"
    page = resident.look()
    assert "残5" in text_of(page)
    assert leads_to(resident.pick(slot)) == "check"
    checked = resident.get("check")
    assert "2027年6月7日（月）6:00〜6:30" in text_of(checked)
    assert "まで、この日時を確保しています" in text_of(checked)
    assert "/apply/checkup/reservation/" in checked.content.decode()
    assert (resident.booking.state, booked(slot)) == (State.HOLD, 2)


def test_a_form_without_a_reservation_has_no_such_page(cast: Cast) -> None:
    resident = Booker(cast.form)
    resident.fill("1", {"氏名": {"family": "見本", "given": "花子"}})
    assert resident.get("reservation").status_code == 404
    assert Booker(cast.other_form).get("reservation").status_code == 302


def test_the_page_comes_after_the_answers(form: FormPage) -> None:
    resident = Booker(form)
    assert leads_to(resident.get("reservation")) == "checkup"  # nothing begun
    resident.fill("1", {})
    assert leads_to(resident.get("reservation")) == "checkup"  # nothing answered


# --- what is shown


def test_few_full_and_closed_times_say_so_in_words(cast: Cast, resident: Booker, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 5, places=4)
    others = applications(cast.form, 3)
    services.hold(application=others[0], slot_id=slots[1].pk, party=alone())
    services.hold(application=others[1], slot_id=slots[2].pk, party=alone() * 3)
    services.hold(application=others[2], slot_id=slots[3].pk, party=alone() * 4)
    capacity.close_slot(slot_id=slots[4].pk, actor=cast.officer, reason="点検")
    page = resident.look()
    shown = text_of(page)
    for words in ("6:00〜6:30 あすぱる 残4", "△ 残3", "残1（2が必要です）", "満員", "受付停止"):
        assert words in shown
    assert offered(page) == [slots[0].pk, slots[1].pk]


def test_an_item_that_is_full_on_a_day_is_named(cast: Cast, form: FormPage, check_up: CheckUp) -> None:
    add_quota(check_up, 2, item=check_up.lungs)
    (slot,) = add_slots(check_up, places=9)
    (other,) = applications(cast.form, 1)
    services.hold(application=other, slot_id=slot.pk, party=alone(check_up.lungs) * 2)
    both = text_of(Booker(form).arrive("stomach", "lungs").look())
    assert "肺CTは満員" in both
    assert "この日は満員：「肺CT」" in both
    assert "残9" not in text_of(Booker(form).arrive("lungs", 氏名={"family": "別", "given": "人"}).look())
    assert "残7" in text_of(Booker(form).arrive("stomach").look())


def test_an_item_with_too_few_places_says_how_many(cast: Cast, form: FormPage, check_up: CheckUp) -> None:
    add_slots(check_up, places=9, items={check_up.lungs: 1})
    assert "肺CTは残1" in text_of(Booker(form).arrive("lungs").look())


def test_a_day_has_as_many_places_as_its_slots_share(resident: Booker, check_up: CheckUp) -> None:
    add_quota(check_up, 7)
    add_quota(check_up, 6, venue=check_up.venue)
    add_slots(check_up, 4, places=5)
    assert "月7日 残6" in text_of(resident.look())
    add_slots(check_up, 4, places=5, venue=check_up.other_venue)
    assert "月7日 残7" in text_of(resident.look())
    assert "月7日 残6" in text_of(resident.look(f"?venue={check_up.venue.pk}"))


def test_the_month_the_list_and_the_venue_are_the_visitor_s_choice(resident: Booker, check_up: CheckUp) -> None:
    june, _ = add_slots(check_up, 2, places=5)
    (july,) = add_slots(check_up, places=5, day=june.day + timedelta(days=30), venue=check_up.other_venue)
    first = resident.look()
    assert "<table" in first.content.decode()
    assert july.pk not in offered(first)
    assert offered(resident.look("?month=2027-07")) == [july.pk]
    assert offered(resident.look("?day=2027-07-07&view=list")) == [july.pk]
    as_list = resident.look("?view=list")
    assert "<table" not in as_list.content.decode()
    assert "6月7日（月）" in text_of(as_list)
    assert offered(resident.look(f"?venue={check_up.other_venue.pk}")) == [july.pk]  # the next free one
    assert "前の月" in text_of(resident.look("?month=2027-07"))
    assert "次の月" not in text_of(resident.look("?month=2027-07"))


@pytest.mark.parametrize(
    "query",
    ["month=2027-13", "month=x", "day=0001-01-01", "day=99999", "venue=0", "venue=9" * 9, "view=x&month=9999-12"],
)
def test_an_address_that_makes_no_sense_shows_the_usual_page(resident: Booker, check_up: CheckUp, query: str) -> None:
    (slot,) = add_slots(check_up, places=5)
    page = resident.look(f"?{query}")
    assert page.status_code == 200
    assert offered(page) == [slot.pk]


def test_a_month_without_a_place_offers_the_next_ones(cast: Cast, resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=1)
    (later,) = add_slots(check_up, places=5, day=slot.day + timedelta(days=30))
    page = resident.look()
    assert "2027年6月に、予約できる空きはありません" in text_of(page)
    assert offered(page) == [later.pk]


def test_where_everything_is_full_the_department_can_be_called(cast: Cast, resident: Booker, check_up: CheckUp) -> None:
    type(cast.children).objects.filter(pk=cast.children.pk).update(phone="025-000-1003")
    add_slots(check_up, places=1)
    shown = text_of(resident.look())
    assert "空きはありません" in shown
    assert "025-000-1003" in shown


def test_a_reception_without_any_time_says_so(cast: Cast, resident: Booker) -> None:
    type(cast.children).objects.filter(pk=cast.children.pk).update(phone="025-000-1003")
    shown = text_of(resident.look())
    assert "いま予約できる日時がありません" in shown
    assert "025-000-1003" in shown


def test_before_it_opens_the_page_says_when(resident: Booker, check_up: CheckUp) -> None:
    slots = add_slots(check_up, 2, places=5)
    Calendar.objects.update(opens_at="2027-05-01T00:00:00Z")
    page = resident.look()
    assert "2027年5月1日 9時00分 から予約できます" in text_of(page)
    assert offered(page) == []
    refused = resident.pick(slots[0])
    assert refused.status_code == 409
    assert "5月1日 9:00に始まります" in text_of(refused)


def test_what_is_over_or_too_near_cannot_be_chosen(
    resident: Booker, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    early, late = add_slots(check_up, 2, places=5)
    Calendar.objects.update(book_hours=2)
    clock.move_to("2027-06-07T04:10:00+09:00")
    page = resident.look()
    assert "予約の受付は6月7日 4:00に終わりました" in text_of(page)
    assert offered(page) == [late.pk]
    refused = resident.pick(early)
    assert "終わりました" in text_of(refused)
    assert offered(refused)[0] == late.pk  # the nearest free one
    clock.move_to("2027-06-07T06:10:00+09:00")
    assert "6:00〜6:30" not in text_of(resident.look())


# --- choosing


def test_a_double_tap_is_one_booking(resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    for _ in range(2):
        assert leads_to(resident.pick(slot, key="the-same")) == "check"
    assert (Booking.objects.count(), booked(slot)) == (1, 2)


def test_another_time_moves_the_hold(resident: Booker, check_up: CheckUp) -> None:
    first, second = add_slots(check_up, 2, places=5)
    resident.pick(first, key="a")
    assert "選択中" in text_of(resident.look())
    assert leads_to(resident.pick(second, key="a")) == "check"
    assert (booked(first), booked(second), Booking.objects.count()) == (0, 2, 1)


def test_the_old_place_stays_when_the_new_one_is_gone(cast: Cast, resident: Booker, check_up: CheckUp) -> None:
    first, second, third = add_slots(check_up, 3, places=2)
    resident.pick(first)
    services.hold(application=applications(cast.form, 1)[0], slot_id=second.pk, party=alone())
    refused = resident.pick(second)
    assert refused.status_code == 409
    assert "空きがありません" in text_of(refused)
    assert "近い日時の空き" in text_of(refused)
    assert third.pk in offered(refused)
    assert booked(first) == 2
    assert resident.answers["人数"] == "2"


def test_a_hold_that_ran_out_leads_back_and_says_why(
    resident: Booker, check_up: CheckUp, clock: time_machine.Traveller
) -> None:
    slot, _ = add_slots(check_up, 2, places=5)
    resident.pick(slot, key="k")
    clock.shift(timedelta(minutes=16))
    late = text_of(resident.look())
    assert "仮押さえの時間が過ぎました" in late  # nobody has ended it yet
    assert "選択中" not in late
    expire_holds()
    assert leads_to(resident.declare()) == "checkup"
    assert leads_to(resident.get()) == "check"
    assert leads_to(resident.get("check")) == "reservation"
    assert "仮押さえの時間が過ぎました。入力した内容は残っています" in text_of(resident.look())
    assert leads_to(resident.pick(slot, key="k")) == "check"  # the page was still open: the same key
    assert booked(slot) == 2
    assert resident.get("check").status_code == 200


def test_other_answers_lead_back_and_the_same_time_is_one_press_away(resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=3)
    resident.pick(slot)
    resident.arrive(人数="3")
    assert leads_to(resident.get("check")) == "reservation"
    page = resident.look()
    assert "人数や項目が、日時を選んだときから変わりました" in text_of(page)
    assert "同じ日時で取り直す" in text_of(page)
    assert leads_to(resident.pick(slot)) == "check"
    assert booked(slot) == 3
    resident.arrive(人数="4")
    refused = resident.pick(slot)
    assert "空きがありません" in text_of(refused)
    assert booked(slot) == 3  # what is held stays until something else is had


def test_answers_that_do_not_tell_who_comes_lead_to_the_form(form: FormPage) -> None:
    resident = Booker(form).arrive(人数="")
    page = resident.look()
    assert page.status_code == 409
    assert "前の画面に戻って" in text_of(page)
    assert resident.pick(1).status_code == 409


def test_a_form_that_moved_to_another_reception_lets_the_old_place_go(
    cast: Cast, form: FormPage, resident: Booker, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=3)
    resident.pick(slot)
    other = make_other_reception(cast)
    (new,) = add_slots(other, places=3)
    make_checkup_form(cast, calendar="other")
    resident.post("update")
    assert "予約の受付が新しくなりました" in text_of(resident.look())
    assert leads_to(resident.pick(new)) == "check"
    assert (booked(slot), booked(new)) == (0, 2)


def make_other_reception(cast: Cast, **settings: Any) -> CheckUp:
    Calendar.objects.filter(code="kenshin").update(code="kenshin-old")
    made = make_check_up(cast.children)
    Calendar.objects.filter(pk=made.calendar.pk).update(code="other", **settings)
    Calendar.objects.filter(code="kenshin-old").update(code="kenshin")
    made.calendar.refresh_from_db()
    return made


# --- hostile


@pytest.mark.parametrize("slot", ["", "x", "-1", "0", "9" * 15, "9" * 400, "1 OR 1=1", "\x00", "１"])
def test_garbage_takes_nothing(resident: Booker, check_up: CheckUp, slot: str) -> None:
    add_slots(check_up, places=5)
    refused = resident.pick(slot, key="\x00'\"")
    assert refused.status_code == 409
    assert "入力した内容は残っています" in text_of(refused)
    assert not Booking.objects.exists()


def test_a_slot_of_another_reception_is_no_slot(cast: Cast, resident: Booker) -> None:
    (foreign,) = add_slots(make_other_reception(cast), places=5)
    refused = resident.pick(foreign)
    assert "選んだ枠がなくなりました" in text_of(refused)
    assert bucket_of(foreign).taken == 0


def test_a_reception_of_another_department_is_none(cast: Cast, resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    Calendar.objects.update(department=cast.waste)
    assert "予約の受付が、いまありません" in text_of(resident.pick(slot))
    assert booked(slot) == 0


def test_a_strange_key_is_none(resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    for key in ("\x00", "'" * 500, "鍵"):
        assert leads_to(resident.pick(slot, key=key)) == "check"
    assert Booking.objects.count() == 1


def test_nobody_chooses_for_another_draft(form: FormPage, resident: Booker, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    stranger = Booker(form)
    stranger.client.cookies["mg-checkup"] = f"{resident.draft.public_id}.{'x' * 43}"
    assert leads_to(stranger.pick(slot)) == "checkup"
    assert not Booking.objects.exists()


def test_an_application_that_has_left_the_draft_chooses_no_more(resident: Booker, check_up: CheckUp) -> None:
    slot, other = add_slots(check_up, 2, places=5)
    resident.pick(slot)
    resident.declare()
    assert leads_to(resident.pick(other)) == "done"
    outbox.deliver_due()
    move(Application.objects.get().pk, Action.WITHDRAW)
    assert leads_to(resident.get("reservation")) == "done"
    assert booked(slot) == 2
    assert list(problems()) == []
