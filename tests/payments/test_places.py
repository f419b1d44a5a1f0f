"""A place and its price: held as long as one may pay, and never money without a place."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications import outbox
from applications.lifecycle import declare, move
from applications.models import Application
from applications.services import start_draft
from applications.status import Action, Status
from cms.models import DepartmentPage
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from outreach.models import Message
from payments import jobs
from payments.lifecycle import GRACE
from payments.links import path_of
from payments.paying import look, start
from reservations import services
from reservations.expiry import expire_holds
from reservations.models import Booking, Slot, State
from reservations.resident.links import token_of
from reservations.subscriber import ReservationSubscriber
from tests.payments.scene import ANSWERS, DUE, InMemory, fee_of, form_file, kinds_of, payments_of, refresh, work
from tests.reservations.scene import CheckUp, add_slots, alone, applications, booked, make_check_up
from tests.support.cast import Cast, answers_by_key, current_version

NOW = "2027-05-10T10:00:00+09:00"


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture
def check_up(cast: Cast, clock: time_machine.Traveller) -> CheckUp:
    return make_check_up(cast.children)


@pytest.fixture
def slot(check_up: CheckUp) -> Slot:
    return add_slots(check_up, places=1)[0]


@pytest.fixture
def form(cast: Cast, slot: Slot) -> FormPage:
    """粗大ごみ: a day to collect, and a fee."""
    wanted = {
        "calendar": "kenshin",
        "places": "1",
        "items": [],
        "person": "",
        "rows": "",
        "row_items": [],
        "row_person": "",
        "row_name": "",
    }
    place = {"id": "reservation-1", "type": "reservation", "settings": wanted}
    section = DepartmentPage.objects.get(department=cast.children)
    return import_form(form_file(others=(place,)), section=section, publish=True)


@pytest.fixture
def hanako(form: FormPage, slot: Slot, bank: InMemory) -> Application:
    version = current_version(form)
    application = start_draft(version=version, answers=answers_by_key(version, ANSWERS)).application
    services.hold(application=application, slot_id=slot.pk, party=alone())
    declare(application.pk, revision=application.revision)
    work()
    return refresh(application)


def booking_of(application: Application) -> Booking:
    return Booking.objects.get(application=application)


def test_a_place_is_held_as_long_as_its_voucher(hanako: Application, bank: InMemory, slot: Slot) -> None:
    until = timezone.now() + timedelta(days=6)
    bank.take_voucher(start(hanako.pk).ref or "", until=until)
    look(payments_of(hanako)[0])
    work()
    held = booking_of(hanako).hold_expires_at
    assert held is not None and abs(held - until - GRACE) < timedelta(seconds=1)
    with time_machine.travel(until + timedelta(hours=1)):
        assert expire_holds() == 0 and booked(slot) == 1
        bank.pay(payments_of(hanako)[0].ref or "")
        look(payments_of(hanako)[0])
        work()
    assert booking_of(hanako).state == State.CONFIRMED and refresh(hanako).status == Status.SUBMITTED


def test_a_place_is_held_as_long_as_the_page_can_be_paid(hanako: Application, bank: InMemory) -> None:
    Booking.objects.update(hold_expires_at=timezone.now() + timedelta(minutes=1))
    payment = start(hanako.pk)
    work()
    held = booking_of(hanako).hold_expires_at
    assert held is not None and payment.expires_at is not None and held > payment.expires_at


def test_a_hold_is_never_made_shorter(hanako: Application, bank: InMemory) -> None:
    before = timezone.now() + timedelta(days=20)
    Booking.objects.update(hold_expires_at=before, kept=False)
    for event in hanako.events.all():
        ReservationSubscriber().deliver(event)
    start(hanako.pk)
    work()
    assert booking_of(hanako).hold_expires_at == before


def test_who_does_not_pay_gives_the_place_back(hanako: Application, slot: Slot) -> None:
    with time_machine.travel(datetime.fromisoformat(NOW) + timedelta(days=9)):
        assert jobs.expire_unpaid() == 1
        work()
    assert booked(slot) == 0 and refresh(hanako).status == Status.EXPIRED


@pytest.fixture
def gone(hanako: Application, bank: InMemory, slot: Slot, form: FormPage) -> Application:
    """Paid while the worker slept: the hold ran out, and somebody else took the place."""
    bank.pay(start(hanako.pk).ref or "")
    Booking.objects.update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    expire_holds()
    services.hold(application=applications(form, 1)[0], slot_id=slot.pk, party=alone())
    look(payments_of(hanako)[0])
    return hanako


def test_money_without_a_place_goes_back_and_is_told(gone: Application, bank: InMemory, slot: Slot) -> None:
    work()
    assert bank.kept == 0 and booked(slot) == 1
    assert refresh(gone).status == Status.WITHDRAWN
    told = Message.objects.get(application=gone, template="refund_started").body
    assert "枠が埋まり" in told and "1,010円" in told
    assert kinds_of(gone).count("slot_lost") == 1


def test_a_place_that_comes_free_later_is_not_taken_for_who_was_refunded(
    gone: Application, bank: InMemory, slot: Slot
) -> None:
    work()
    services.release(booking_id=Booking.objects.filter(state=State.HOLD).get().pk)
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        work()
    assert booked(slot) == 0 and bank.kept == 0


def test_the_same_place_is_taken_again_where_it_is_free(hanako: Application, bank: InMemory, slot: Slot) -> None:
    bank.pay(start(hanako.pk).ref or "")
    Booking.objects.update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    expire_holds()
    look(payments_of(hanako)[0])
    work()
    assert booking_of(hanako).state == State.CONFIRMED and bank.kept == DUE
    assert Message.objects.filter(application=hanako, template="reservation_slot_confirmed").count() == 1


def test_a_booking_that_is_cancelled_in_time_is_refunded(hanako: Application, bank: InMemory) -> None:
    bank.pay(start(hanako.pk).ref or "")
    look(payments_of(hanako)[0])
    work()
    assert Client().post(f"/reservation/{token_of(hanako)}/cancel/").status_code == 302
    work()
    assert bank.kept == 0 and fee_of(hanako).total == 0
    assert "返金" in Client().get(path_of(hanako)).content.decode()


def test_a_withdrawal_that_comes_too_late_for_money_does_not_get_it_by_its_booking(
    hanako: Application, bank: InMemory, slot: Slot
) -> None:
    bank.pay(start(hanako.pk).ref or "")
    look(payments_of(hanako)[0])
    move(hanako.pk, Action.REVIEW)
    move(hanako.pk, Action.WITHDRAW)
    work()
    assert booked(slot) == 0 and bank.kept == DUE
    assert outbox.deliver_due() == 0
