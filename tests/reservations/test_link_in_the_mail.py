"""Who has the link in the mail may look at the reservation, move it and cancel it; nobody else may."""

from datetime import datetime, timedelta
from email.message import EmailMessage as Parsed
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.signing import Signer
from django.test import Client
from icalendar import Calendar as CalendarFile

from applications import outbox
from applications.lifecycle import move
from applications.models import Application, Delivery, DeliveryState, Event
from applications.status import Action, Status
from casework.history import history_of
from formbuilder.models import FormPage
from outreach.models import Message
from reservations import services
from reservations.invariant import problems
from reservations.models import Booking, Calendar, Slot, State
from reservations.party import Person
from reservations.placing import write_party
from reservations.resident.links import token_of
from reservations.resident.mails import party_in_words
from tests.applications.residents import text_of
from tests.reservations.residents import Booker, make_checkup_form, offered
from tests.reservations.scene import CheckUp, add_slots, alone, applications, booked
from tests.support.cast import Cast


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    type(cast.children).objects.filter(pk=cast.children.pk).update(phone="025-000-1003")
    check_up.venue.address = "みほん市中央1-2-3"
    check_up.venue.save()
    return make_checkup_form(cast)


@pytest.fixture
def slots(check_up: CheckUp) -> list[Slot]:
    return add_slots(check_up, 3, places=4)


@pytest.fixture
def resident(form: FormPage, slots: list[Slot]) -> Booker:
    """Whose booking is confirmed; the mail about the arrival is out of the way."""
    resident = Booker(form).arrive("stomach", "lungs")
    resident.pick(slots[0])
    resident.declare()
    outbox.deliver_due()
    return resident


class Link:
    """A browser that has nothing but the address."""

    def __init__(self, application: Application) -> None:
        self.base = f"/reservation/{token_of(application)}/"
        self.client = Client()

    def get(self, place: str = "") -> Any:
        return self.client.get(self.base + place)

    def post(self, place: str, **data: Any) -> Any:
        return self.client.post(self.base + place, data)


@pytest.fixture
def link(resident: Booker) -> Link:
    return Link(resident.draft)


def mails(mailoutbox: list[EmailMessage], words: str) -> list[EmailMessage]:
    return [mail for mail in mailoutbox if words in mail.subject]


def entry_of(mail: EmailMessage) -> tuple[str, Any]:
    """Method and event of the calendar file that went along."""
    parsed: Parsed = mail.message()
    (part,) = [part for part in parsed.walk() if part.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    method, entry = read(content)
    assert part.get_param("method") == method
    assert part.get_filename() == "yoyaku.ics"
    return method, entry


def read(content: bytes) -> tuple[str, Any]:
    calendar = CalendarFile.from_ical(content)
    (entry,) = calendar.walk("VEVENT")
    return str(calendar["method"]), entry


# --- the page


def test_the_page_shows_the_booking_and_its_deadlines(link: Link, resident: Booker) -> None:
    Calendar.objects.update(change_days=7, change_time="17:00", cancel_days=3)
    shown = text_of(link.get())
    for words in (
        "2027年6月7日（月）6:00〜6:30",
        "あすぱる",
        "みほん市中央1-2-3",
        "見本 花子 2：胃（バリウム）・肺CT",
        resident.reference,
        "変更の締切 5月31日 17:00",
        "取消の締切 6月4日 6:00",
        "日時を変更する",
        "予約を取り消す",
        "025-000-1003",
    ):
        assert words in shown
    response = link.get()
    assert "private" in response["Cache-Control"]
    assert "noindex" in response.content.decode()


def test_the_done_page_shows_the_booking_with_its_link(resident: Booker) -> None:
    page = resident.get("done")
    assert "2027年6月7日（月）6:00〜6:30" in text_of(page)
    assert f"/reservation/{token_of(resident.draft)}/calendar.ics" in page.content.decode()


def test_what_has_arrived_can_go_into_a_calendar_though_no_worker_runs(form: FormPage, slots: list[Slot]) -> None:
    resident = Booker(form).arrive()
    resident.pick(slots[0])
    resident.declare()
    assert resident.booking.state == State.HOLD
    assert "カレンダーに入れる" in text_of(resident.get("done"))
    assert Link(resident.draft).get("calendar.ics").status_code == 200


@pytest.mark.parametrize(
    "token",
    ["x", "a" * 22, "1", "é", "..", "a" * 500, "A" * 22 + "." + "b" * 43, Signer(salt="other", sep=".").sign("a" * 22)],
    ids=range(8),  # a signature differs from process to process
)
def test_nothing_but_a_link_of_ours_opens_anything(resident: Booker, token: str) -> None:
    for place in ("", "change/", "cancel/", "calendar.ics"):
        response = Client().get(f"/reservation/{token}/{place}")
        assert response.status_code == 404


def test_an_application_s_id_without_our_signature_opens_nothing(resident: Booker) -> None:
    public_id, _, signature = token_of(resident.draft).rpartition(".")
    for token in (public_id, f"{public_id}.", f"{public_id}.{signature[:-1]}", f"{public_id[::-1]}.{signature}"):
        assert Client().get(f"/reservation/{token}/").status_code == 404


def test_a_link_to_an_application_without_a_booking_shows_nothing(resident: Booker, form: FormPage) -> None:
    assert Link(Booker(form).arrive().draft).get().status_code == 404


# --- change


def test_a_change_by_the_link_takes_the_new_place_and_tells(
    link: Link, slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    page = link.get("change/")
    assert set(offered(page)) == {slot.pk for slot in slots}
    changed = link.post("change/", slot=slots[2].pk, sequence=0)
    assert changed.status_code == 302
    shown = link.client.get(changed["Location"])
    assert "日時を変更しました" in text_of(shown)
    assert "7:00〜7:30" in text_of(shown)
    assert (booked(slots[0]), booked(slots[2])) == (0, 2)
    outbox.deliver_due()
    (mail,) = mails(mailoutbox, "予約を変更しました")
    assert "変更前　　：2027年6月7日（月）6:00〜6:30 あすぱる" in str(mail.body)
    assert list(problems()) == []


def test_a_change_that_cannot_be_had_leaves_the_booking(cast: Cast, link: Link, slots: list[Slot]) -> None:
    services.hold(application=applications(cast.form, 1)[0], slot_id=slots[1].pk, party=alone() * 3)
    refused = link.post("change/", slot=slots[1].pk, sequence=0)
    assert refused.status_code == 409
    assert "空きがありません" in text_of(refused)
    assert offered(refused)[0] in (slots[0].pk, slots[2].pk)
    assert booked(slots[0]) == 2


def test_a_page_that_is_out_of_date_changes_nothing(link: Link, slots: list[Slot]) -> None:
    link.post("change/", slot=slots[1].pk, sequence=0)
    refused = link.post("change/", slot=slots[2].pk, sequence=0)
    assert "別の画面で変更されています" in text_of(refused)
    assert booked(slots[1]) == 2


@pytest.mark.parametrize("sent", [{}, {"slot": "x", "sequence": "0"}, {"slot": "1", "sequence": "x"}])
def test_garbage_changes_nothing(link: Link, slots: list[Slot], sent: dict[str, str]) -> None:
    refused = link.post("change/", **sent)
    assert refused.status_code == 409
    assert "日時が選ばれていません" in text_of(refused)
    assert booked(slots[0]) == 2


def test_a_slot_of_another_reception_is_refused(cast: Cast, link: Link, slots: list[Slot]) -> None:
    other = Calendar.objects.create(
        department=cast.waste, name="粗大ごみ", code="sodai", valid_from=slots[0].day - timedelta(days=90)
    )
    foreign = Slot.objects.create(
        calendar=other,
        venue=other.venues.create(name="庁舎"),
        day=slots[0].day,
        starts_at=slots[0].starts_at,
        ends_at=slots[0].ends_at,
    )
    assert link.post("change/", slot=foreign.pk, sequence=0).status_code == 409
    assert booked(slots[0]) == 2


# --- cancel


def test_a_cancelled_booking_gives_its_places_back_and_the_application_stays(
    link: Link, resident: Booker, slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    asked = link.get("cancel/")
    assert "予約を取り消しますか" in text_of(asked)
    assert booked(slots[0]) == 2  # looking cancels nothing
    for _ in range(2):
        link.post("cancel/")
    shown = text_of(link.get())
    assert "予約は取り消されています" in shown
    assert "申請そのものは残っています" in shown
    assert booked(slots[0]) == 0
    application = Application.objects.get()
    assert application.status == Status.SUBMITTED
    told = history_of(application)[-1]
    assert told.sentence == "予約を取り消しました（2027年6月7日（月）6:00〜6:30 あすぱる）"
    assert told.reason == "申請者がリンクから操作しました。"
    outbox.deliver_due()
    (mail,) = mails(mailoutbox, "予約を取り消しました")
    method, entry = entry_of(mail)
    assert (method, str(entry["status"]), entry["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert "いま有効な予約はありません" in text_of(resident.get("done"))
    assert list(problems()) == []


def test_what_is_cancelled_cannot_be_changed(link: Link, slots: list[Slot]) -> None:
    link.post("cancel/")
    for response in (link.get("change/"), link.post("change/", slot=slots[1].pk, sequence=1), link.get("cancel/")):
        assert response.status_code == 409
        assert "いまは有効ではありません" in text_of(response)
    assert booked(slots[1]) == 0


def test_after_the_deadline_it_is_told_whom_to_call(
    link: Link, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    Calendar.objects.update(change_days=7, change_time="17:00", cancel_days=7, cancel_time="17:00")
    clock.move_to("2027-05-31T17:00:01+09:00")
    shown = text_of(link.get())
    assert "（過ぎました）" in shown
    assert "日時を変更する" not in shown
    late = [link.get("change/"), link.post("change/", slot=slots[1].pk, sequence=0), link.get("cancel/")]
    for response in [*late, link.post("cancel/")]:
        assert response.status_code == 409
        assert "5月31日 17:00に終わりました" in text_of(response)
        assert "025-000-1003" in text_of(response)
    assert booked(slots[0]) == 2
    clock.move_to("2027-06-08T09:00:00+09:00")
    assert "この予約の日は過ぎました" in text_of(link.get())


def test_the_deadline_that_passes_in_the_same_moment_counts(
    link: Link, slots: list[Slot], monkeypatch: pytest.MonkeyPatch
) -> None:
    Calendar.objects.update(cancel_days=400)
    monkeypatch.setattr("reservations.resident.booked._may_not", lambda *_: "")
    response = link.post("cancel/")
    assert response.status_code == 409
    assert "取消の受付は" in text_of(response)
    assert booked(slots[0]) == 2


def test_before_it_is_confirmed_there_is_nothing_to_change(form: FormPage, slots: list[Slot]) -> None:
    resident = Booker(form).arrive()
    resident.pick(slots[0])
    link = Link(resident.draft)
    assert "予約を確定しています" in text_of(link.get())
    assert "手続がまだ終わっていません" in text_of(link.post("cancel/"))
    assert link.get("calendar.ics").status_code == 404
    assert booked(slots[0]) == 2


def test_a_withdrawn_application_shows_its_booking_as_cancelled(link: Link, resident: Booker) -> None:
    move(resident.draft.pk, Action.WITHDRAW)
    outbox.deliver_due()
    assert "予約は取り消されています" in text_of(link.get())


def test_what_staff_book_anew_is_behind_the_same_link(
    cast: Cast, link: Link, resident: Booker, slots: list[Slot]
) -> None:
    link.post("cancel/")
    services.staff_book(application=resident.draft, slot_id=slots[2].pk, party=alone(), actor=cast.officer)
    assert "7:00〜7:30" in text_of(link.get())


# --- mails and files


def test_the_confirmation_says_everything_and_comes_once(
    resident: Booker, mailoutbox: list[EmailMessage], check_up: CheckUp
) -> None:
    Delivery.objects.update(state=DeliveryState.WAITING, due_at=datetime.fromisoformat("2027-04-05T00:00:00+09:00"))
    outbox.deliver_due()
    (mail,) = mails(mailoutbox, "予約が確定しました")
    assert mail.subject == "【みほん市】予約が確定しました（総合検診 2027年6月7日（月）6:00〜6:30）"
    assert mail.to == ["hanako@example.jp"]
    for words in (
        "見本 花子 様",
        "日時　　　：2027年6月7日（月）6:00〜6:30",
        "あすぱる",
        "みほん市中央1-2-3",
        "見本 花子　2：胃（バリウム）・肺CT",
        f"/reservation/{token_of(resident.draft)}/",
        "電話 025-000-1003",
        resident.reference,
    ):
        assert words in str(mail.body)
    kept = Message.objects.get(template="reservation_slot_confirmed")
    assert token_of(resident.draft) not in kept.body  # staff read the mails, and need no link of the resident's
    method, entry = entry_of(mail)
    assert b"/reservation/" not in entry.to_ical()  # calendars are shared
    assert (method, str(entry["status"]), entry["sequence"]) == ("REQUEST", "CONFIRMED", 0)
    assert entry["dtstart"].dt == datetime.fromisoformat("2027-06-07T06:00:00+09:00")
    assert entry["dtend"].dt == datetime.fromisoformat("2027-06-07T06:30:00+09:00")
    assert str(entry["location"]) == "あすぱる（みほん市中央1-2-3）"
    assert str(entry["attendee"]) == "mailto:hanako@example.jp"


def test_a_late_mail_tells_what_was_true_when_it_happened(
    link: Link, slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    link.post("change/", slot=slots[1].pk, sequence=0)
    link.post("change/", slot=slots[2].pk, sequence=1)
    outbox.deliver_due()
    found = {entry["sequence"]: entry for _, entry in map(entry_of, mails(mailoutbox, "予約を変更しました"))}
    assert [found[number]["dtstart"].dt.astimezone(slots[0].starts_at.tzinfo) for number in (1, 2)] == [
        slots[1].starts_at,
        slots[2].starts_at,
    ]
    assert found[1]["uid"] == found[2]["uid"]


def test_the_mail_names_everybody_of_a_family_below_one_another(resident: Booker) -> None:
    resident.booking.attendees.all().delete()
    write_party(resident.booking, tuple(Person(f"見本 {given}", 1, given, frozenset()) for given in ("花子", "太郎")))
    assert party_in_words(resident.booking) == "見本 花子\n　　　　　　　見本 太郎"


def test_nobody_is_written_to_without_an_address(
    form: FormPage, slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    resident = Booker(form).arrive(メール="")
    resident.pick(slots[0])
    resident.declare()
    outbox.deliver_due()
    assert resident.booking.state == State.CONFIRMED
    assert mailoutbox == []
    assert not Message.objects.exists()


def test_the_file_can_be_downloaded_and_keeps_its_uid(link: Link, slots: list[Slot]) -> None:
    Slot.objects.get(pk=slots[0].pk).venue.__class__.objects.update(address="長い住所、区切り;と\\と改行" * 5)
    response = link.get("calendar.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="yoyaku.ics"'
    assert max(map(len, response.content.split(b"\r\n"))) <= 75
    method, first = read(response.content)
    assert (method, first["sequence"]) == ("PUBLISH", 0)
    assert "attendee" not in first
    assert str(first["location"]).startswith("あすぱる（長い住所、区切り;と\\と改行")
    link.post("change/", slot=slots[1].pk, sequence=0)
    _, second = read(link.get("calendar.ics").content)
    assert (second["uid"], second["sequence"]) == (first["uid"], 1)
    link.post("cancel/")
    method, third = read(link.get("calendar.ics").content)
    assert (method, third["uid"], third["sequence"]) == ("CANCEL", first["uid"], 2)


def test_history_names_the_change_in_words(link: Link, slots: list[Slot]) -> None:
    link.post("change/", slot=slots[1].pk, sequence=0)
    event = Event.objects.get(kind="slot_changed")
    assert event.data["sentence"].startswith("予約を変更しました（2027年6月7日（月）6:00〜6:30")
    assert Booking.objects.get().sequence == 1
