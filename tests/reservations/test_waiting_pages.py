"""What who waits reads and presses: on the way through the form, and behind the link in the mail."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from applications import outbox
from applications.models import Application
from applications.status import Status
from casework.history import history_of
from formbuilder.models import FormPage
from outreach.models import Message
from reservations import services
from reservations.invariant import problems
from reservations.models import Booking, Calendar, Slot, State, Wait, WaitingEntry
from reservations.resident.links import token_of
from tests.applications.residents import leads_to, text_of
from tests.reservations.residents import Booker, make_checkup_form
from tests.reservations.scene import CheckUp, add_slots, alone, applications
from tests.support.cast import Cast


@pytest.fixture
def form(cast: Cast, check_up: CheckUp) -> FormPage:
    return make_checkup_form(cast)


@pytest.fixture
def slot(cast: Cast, check_up: CheckUp) -> Slot:
    (slot,) = add_slots(check_up, places=2)
    for application in applications(cast.form, 2):
        services.hold(application=application, slot_id=slot.pk, party=alone())
    for booking in Booking.objects.all():
        services.confirm(booking_id=booking.pk)
    return slot


@pytest.fixture
def resident(form: FormPage, slot: Slot) -> Any:
    """Two people wait for two places; the mail about it is out of the way."""
    resident = Booker(form).arrive("stomach")
    answer = wait_for(resident, slot)
    assert answer.status_code == 302
    outbox.deliver_due()
    yield resident
    assert list(problems()) == []


def wait_for(resident: Booker, slot: Slot) -> Any:
    return resident.post("reservation/waiting", {"wait": slot.pk})


def free(slot: Slot) -> None:
    for booking in Booking.objects.filter(slot=slot, state=State.CONFIRMED):
        services.cancel(booking_id=booking.pk)


def link_of(application: Application) -> str:
    return reverse("reservation-waiting", kwargs={"token": token_of(application)})


def page(application: Application, client: Client | None = None) -> str:
    response = (client or Client()).get(link_of(application))
    assert response.status_code == 200
    return text_of(response)


def press(application: Application, action: str, entry: int | str = "") -> Any:
    return Client().post(link_of(application), {"action": action, "entry": entry}, follow=True)


def test_a_full_slot_offers_the_waiting_list(form: FormPage, slot: Slot) -> None:
    resident = Booker(form).arrive("stomach")
    looked = resident.look()
    assert "キャンセル待ちに登録" in text_of(looked)
    assert f'name="wait" value="{slot.pk}"' in looked.content.decode()
    answer = wait_for(resident, slot)
    assert answer["Location"] == f"{link_of(resident.draft)}?done=joined"
    shown = text_of(resident.client.get(answer["Location"]))
    assert "キャンセル待ちに登録しました" in shown
    assert "いまの順番は1番目です" in shown
    assert "キャンセル待ちに登録しています" in text_of(resident.look())
    assert leads_to(resident.get("reservation/waiting")) == "waiting"


def test_where_no_list_is_kept_none_is_offered(form: FormPage, slot: Slot) -> None:
    Calendar.objects.update(waiting_list=False)
    resident = Booker(form).arrive("stomach")
    assert "キャンセル待ち" not in text_of(resident.look())
    answer = wait_for(resident, slot)
    assert answer.status_code == 409
    assert "キャンセル待ちの登録を行っていません" in text_of(answer)


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40, "-1"])
def test_a_slot_that_is_none_is_refused_in_words(form: FormPage, slot: Slot, number: str) -> None:
    resident = Booker(form).arrive("stomach")
    answer = resident.post("reservation/waiting", {"wait": number})
    assert answer.status_code == 409
    assert "選んだ枠がなくなりました" in text_of(answer)


def test_the_answers_come_before_the_list(form: FormPage, slot: Slot) -> None:
    assert leads_to(wait_for(Booker(form), slot)) == "checkup"
    assert not WaitingEntry.objects.exists()


def test_the_mail_says_the_position_and_has_the_link(resident: Booker, slot: Slot) -> None:
    message = Message.objects.get(template="waiting_joined")
    assert message.to == "hanako@example.jp"  # of the draft's answers: nothing is declared yet
    assert "1番目" in message.body
    assert link_of(resident.draft) in message.body


def test_the_offer_is_mailed_and_the_resident_goes_on_on_another_device(resident: Booker, slot: Slot) -> None:
    application = resident.draft
    free(slot)
    outbox.deliver_due()
    message = Message.objects.get(template="waiting_offered")
    assert "4月6日 10:00" in message.subject
    assert "席を確保しました。4月6日 10:00までに手続をしてください" in page(application)
    phone = Client()
    there = reverse("reservation-resume", kwargs={"code": "checkup", "token": token_of(application)})
    assert phone.get(there).status_code == 405  # what reads mails ahead changes nothing
    assert phone.post(there)["Location"] == "/apply/checkup/check/"
    on_phone = Booker(resident.form, phone)
    checked = on_phone.get("check")
    assert "2027年6月7日（月）6:00〜6:30" in text_of(checked)
    on_phone.declare()
    outbox.deliver_due()
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert Booking.objects.get(application=application).state == State.CONFIRMED
    assert WaitingEntry.objects.get().state == Wait.OFFERED
    services.cancel(booking_id=Booking.objects.get(application=application).pk)
    sentences = [entry.sentence for entry in history_of(application)]
    assert any("キャンセル待ちに登録しました" in sentence for sentence in sentences)
    assert any("空きが出たので、席を確保して案内しました" in sentence for sentence in sentences)


def test_on_the_same_device_the_key_stays(resident: Booker, slot: Slot) -> None:
    free(slot)
    before = resident.key
    there = reverse("reservation-resume", kwargs={"code": "checkup", "token": token_of(resident.draft)})
    assert resident.client.post(there)["Location"] == "/apply/checkup/check/"
    assert resident.key == before
    assert resident.get("check").status_code == 200


def test_a_link_opens_nothing_of_another_form_or_of_anybody_else(resident: Booker, cast: Cast) -> None:
    token = token_of(resident.draft)
    for address in (
        reverse("reservation-resume", kwargs={"code": "gift", "token": token}),
        reverse("reservation-resume", kwargs={"code": "checkup", "token": f"{token}x"}),
    ):
        assert Client().post(address).status_code == 404
    assert Client().get(reverse("reservation-waiting", kwargs={"token": "a.b"})).status_code == 404
    (other,) = applications(cast.form, 1)
    entry = WaitingEntry.objects.get()
    assert Client().post(link_of(other), {"action": "leave", "entry": entry.pk}).status_code == 404
    assert Client().post(link_of(other), {"action": "withdraw"}).status_code == 404
    assert Client().post(link_of(resident.draft), {"action": "steal", "entry": entry.pk}).status_code == 404
    assert Client().post(link_of(resident.draft), {"action": "leave", "entry": "x"}).status_code == 404
    entry.refresh_from_db()
    assert entry.state == Wait.WAITING


def test_the_resident_leaves_the_list(resident: Booker, slot: Slot) -> None:
    shown = text_of(press(resident.draft, "leave", WaitingEntry.objects.get().pk))
    assert "取りやめました" in shown
    assert "いま登録しているキャンセル待ちはありません" in shown
    assert "終わったキャンセル待ち" in shown


def test_what_was_offered_may_be_declined(resident: Booker, slot: Slot) -> None:
    free(slot)
    assert "この席を辞退する" in page(resident.draft)
    press(resident.draft, "leave", WaitingEntry.objects.get().pk)
    assert WaitingEntry.objects.get().state == Wait.DECLINED
    assert Booking.objects.get(application=resident.draft).state == State.RELEASED


def test_an_offer_that_is_over_says_so(resident: Booker, slot: Slot, clock: time_machine.Traveller) -> None:
    free(slot)
    outbox.deliver_due()
    clock.shift(timedelta(hours=25))
    assert "案内の期限が過ぎました" in page(resident.draft)
    assert press(resident.draft, "accept", WaitingEntry.objects.get().pk).status_code == 409


def test_an_offer_whose_mail_comes_too_late_is_not_mailed(
    resident: Booker, slot: Slot, clock: time_machine.Traveller
) -> None:
    free(slot)
    press(resident.draft, "leave", WaitingEntry.objects.get().pk)
    outbox.deliver_due()
    assert not Message.objects.filter(template="waiting_offered").exists()


def test_who_has_declared_takes_the_offer_on_the_page_itself(resident: Booker, slot: Slot) -> None:
    application = resident.draft
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, reference="R1", received_at=application.created_at, email="new@example.jp"
    )
    free(slot)
    assert "この日時で予約を確定する" in page(application)
    answer = press(application, "accept", WaitingEntry.objects.get().pk)
    assert "予約が確定しました" in text_of(answer)
    assert Booking.objects.get(application=application).state == State.CONFIRMED
    assert WaitingEntry.objects.get().state == Wait.TAKEN


def test_without_an_address_the_page_says_that_no_mail_will_come(form: FormPage, slot: Slot) -> None:
    resident = Booker(form).arrive("stomach", メール="")
    wait_for(resident, slot)
    assert "メールでお知らせできません" in page(resident.draft)
    outbox.deliver_due()
    assert not Message.objects.exists()


def test_the_end_of_the_list_is_mailed(resident: Booker, slot: Slot, clock: time_machine.Traveller, cast: Cast) -> None:
    clock.move_to(slot.starts_at)
    services.staff_cancel(booking_id=Booking.objects.first().pk, actor=cast.officer, reason="中止")  # type: ignore[union-attr]
    outbox.deliver_due()
    assert "空きが出なかった" in Message.objects.get(template="waiting_ended").body
