"""Change, cancel, 来場・欠席: by staff, with a reason, also when it is too late for residents."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications.models import Event
from reservations import services
from reservations.invariant import problems
from reservations.ledger.attending import mark
from reservations.models import Attendance, Booking, Presence, State
from reservations.refusals import Changed, NotActive
from tests.reservations.desk import booked_by_staff, held_by_resident, make_checkup_form, somebody
from tests.reservations.scene import CheckUp, add_slots, booked
from tests.support.cast import Cast

AFTERWARDS = "2027-06-07T12:00:00+09:00"


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


@pytest.fixture
def clerk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.officer)
    return client


def the_booking(cast: Cast, check_up: CheckUp, places: int = 2) -> Booking:
    slot = add_slots(check_up, 3, places=places)[0]
    return booked_by_staff(make_checkup_form(cast.children), slot, cast.officer)


def url(name: str, booking: Booking) -> str:
    return reverse(f"ledger:{name}", args=(booking.pk,))


# --- change and cancel


def test_a_booking_moves_with_a_reason_even_after_its_day(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    other = check_up.calendar.slots.order_by("starts_at").last()
    assert other is not None
    with time_machine.travel(AFTERWARDS):
        clerk.force_login(cast.officer)
        page = clerk.get(url("change", booking)).content.decode()
        assert "今の予約" in page
        sent = {"slot": str(other.pk), "sequence": "0", "reason": "本人から電話で申出"}
        response = clerk.post(url("change", booking), sent)
    assert response["Location"] == url("booking", booking)
    assert (booked(booking.slot), booked(other)) == (0, 1) and not [*problems()]
    event = Event.objects.get(kind="slot_changed")
    assert (event.actor, event.data["reason"]) == (cast.officer, "本人から電話で申出")


def test_a_full_slot_is_refused_with_the_nearest_and_the_reason_stays(
    cast: Cast, check_up: CheckUp, clerk: Client
) -> None:
    booking = the_booking(cast, check_up, places=1)
    other, third = check_up.calendar.slots.order_by("starts_at")[1:3]
    booked_by_staff(booking.application.form, other, cast.officer, somebody("太郎", "タロウ"))
    response = clerk.post(url("change", booking), {"slot": str(other.pk), "sequence": "0", "reason": "都合"})
    page = response.content.decode()
    assert response.status_code == 409 and "空きがありません" in page and ">都合<" in page
    assert "近くの空き" in page and f'value="{third.pk}"' in page
    assert booked(booking.slot) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"reason": "都合"}, "新しい日時を選んでください"),
        ({"reason": " ", "slot": "own"}, "理由を入力してください"),
        ({"reason": "都合", "slot": "9" * 40}, "新しい日時を選んでください"),
        ({"reason": "都合", "slot": "999999"}, "なくなりました"),
        ({"reason": "都合", "slot": "own", "sequence": "7"}, "別の画面で変更されています"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(
    cast: Cast, check_up: CheckUp, clerk: Client, sent: dict[str, str], said: str
) -> None:
    booking = the_booking(cast, check_up)
    other = check_up.calendar.slots.order_by("starts_at").last()
    assert other is not None
    sent = {name: str(other.pk) if text == "own" else text for name, text in sent.items()}
    response = clerk.post(url("change", booking), sent)
    assert response.status_code == 409 and said in response.content.decode()
    assert booked(booking.slot) == 1 and not [*problems()]


def test_a_slot_of_another_reception_is_no_place_for_it(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    foreign = check_up.calendar.slots.get(pk=booking.slot_id)
    elsewhere = type(check_up.calendar).objects.create(
        department=cast.waste, name="粗大ごみ", code="sodai", valid_from="2026-04-01"
    )
    foreign.pk = None
    foreign.calendar = elsewhere
    foreign.save()
    response = clerk.post(url("change", booking), {"slot": str(foreign.pk), "reason": "都合"})
    assert response.status_code == 409


def test_a_booking_is_cancelled_with_a_reason_and_only_once(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    assert clerk.get(url("cancel", booking)).status_code == 200
    said = clerk.post(url("cancel", booking), {"reason": "\x00 "}).content.decode()
    assert "理由を入力してください。申請の履歴に残ります。" in said
    assert booked(booking.slot) == 1
    for _ in range(2):
        assert clerk.post(url("cancel", booking), {"reason": "入院のため"}).status_code == 302
    assert booked(booking.slot) == 0 and not [*problems()]
    assert Event.objects.get(kind="slot_cancelled").data["reason"] == "入院のため"
    response = clerk.get(url("change", booking), follow=True)
    assert "すでに終わっています" in response.content.decode()
    assert "日時を変更する" not in response.content.decode()
    assert "記録できません（予約は終わっています）" in clerk.get(url("booking", booking)).content.decode()


def test_a_hold_of_a_resident_may_be_cancelled_too(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    (slot,) = add_slots(check_up)
    booking = held_by_resident(make_checkup_form(cast.children), slot)
    clerk.post(url("cancel", booking), {"reason": "重複のため"})
    booking.refresh_from_db()
    assert (booking.state, booked(slot)) == (State.RELEASED, 0)


# --- 来場・欠席


def press(clerk: Client, booking: Booking, presence: str, item: str = "", **more: str) -> int:
    attendee = booking.attendees.get()
    sent = {"mark": f"{attendee.pk}:{item}:{presence}", **more}
    return clerk.post(url("mark", booking), sent).status_code


def test_a_person_and_an_item_are_marked_and_it_is_known_who_did_it_and_when(
    cast: Cast, check_up: CheckUp, clerk: Client
) -> None:
    booking = the_booking(cast, check_up)
    assert press(clerk, booking, "came") == 302
    assert press(clerk, booking, "absent", item=str(check_up.stomach.pk)) == 302
    person, item = Attendance.objects.order_by("pk")
    assert (person.presence, person.item, person.staff) == (Presence.CAME, None, cast.officer)
    assert (item.presence, item.item) == (Presence.ABSENT, check_up.stomach)
    told = list(Event.objects.filter(kind="attendance_marked").values_list("data__sentence", flat=True))
    assert told == ["見本 花子を来場と記録しました", "見本 花子（胃（バリウム））を欠席と記録しました"]
    page = clerk.get(url("booking", booking)).content.decode()
    assert "ledger-mark--came" in page and "ledger-mark--absent" in page and "4/5 10:0" in page


def test_a_mark_is_taken_back_and_changed_and_the_history_keeps_all(
    cast: Cast, check_up: CheckUp, clerk: Client
) -> None:
    booking = the_booking(cast, check_up)
    for presence in ("came", "came", "", "", "absent", "came"):
        press(clerk, booking, presence)
    assert Attendance.objects.get().presence == Presence.CAME
    told = Event.objects.filter(kind="attendance_marked").values_list("data__presence", flat=True)
    assert list(told) == ["came", "", "absent", "came"]


def test_a_mark_from_the_day_leads_back_to_its_row(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    attendee = booking.attendees.get()
    sent = {"mark": f"{attendee.pk}::came", "back": "day"}
    assert clerk.post(url("mark", booking), sent)["Location"] == (
        f"{reverse('ledger:day', args=('kenshin',))}?day=2027-06-07#a{attendee.pk}"
    )


def test_only_who_is_expected_is_marked(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    attendee = booking.attendees.get()
    with pytest.raises(Changed):  # nobody asked for this examination
        mark(
            booking_id=booking.pk,
            attendee_id=attendee.pk,
            item_id=check_up.lungs.pk,
            presence=Presence.CAME,
            actor=cast.officer,
        )
    services.staff_cancel(booking_id=booking.pk, actor=cast.officer, reason="入院")
    with pytest.raises(NotActive):
        mark(booking_id=booking.pk, attendee_id=attendee.pk, item_id=None, presence=Presence.CAME, actor=cast.officer)
    response = clerk.post(url("mark", booking), {"mark": f"{attendee.pk}::came"}, follow=True)
    assert "すでに取り消されています" in response.content.decode()
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    "sent", ["", "::", "x::came", "1:2:3:4", "1::gone", f"{'9' * 30}::came", "1:x:came", "１::came"]
)
def test_a_mark_that_is_none_does_not_exist(cast: Cast, check_up: CheckUp, clerk: Client, sent: str) -> None:
    booking = the_booking(cast, check_up)
    assert clerk.post(url("mark", booking), {"mark": sent}).status_code in (302, 404)
    assert not Attendance.objects.exists()


def test_who_moves_to_another_day_has_not_come_yet(cast: Cast, check_up: CheckUp, clerk: Client) -> None:
    booking = the_booking(cast, check_up)
    press(clerk, booking, "absent")
    other = check_up.calendar.slots.order_by("starts_at").last()
    assert other is not None
    services.staff_change(booking_id=booking.pk, slot_id=other.pk, actor=cast.officer, reason="後日")
    assert not Attendance.objects.exists()
