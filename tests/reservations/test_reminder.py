"""前日のお知らせ: once, the evening before, and never late."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from applications import outbox
from applications.models import Application, Delivery, DeliveryState, Event
from applications.status import Status
from outreach.models import Message
from reservations import services
from reservations.models import Booking, Calendar, Reminder, Slot
from reservations.reminder import send_reminders
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots, alone, applications
from tests.support.cast import Cast

EVE = FIRST_DAY - timedelta(days=1)


@pytest.fixture
def slots(check_up: CheckUp) -> list[Slot]:
    return [*add_slots(check_up, 2, places=9), *add_slots(check_up, places=9, day=FIRST_DAY + timedelta(days=1))]


def at(hour: int, minute: int = 0) -> datetime:
    """On the eve."""
    return timezone.make_aware(datetime.combine(EVE, time(hour, minute)))


def book(cast: Cast, slot: Slot, email: str = "hanako@example.jp") -> Booking:
    (application,) = applications(cast.form, 1)
    received = {"status": Status.SUBMITTED, "reference": f"R{application.pk}", "received_at": timezone.now()}
    Application.objects.filter(pk=application.pk).update(email=email, **received)
    held = services.hold(application=application, slot_id=slot.pk, party=alone())
    return services.confirm(booking_id=held.pk)


def mails() -> list[Message]:
    outbox.deliver_due()
    return list(Message.objects.filter(template="visit_reminder"))


def test_it_goes_out_the_evening_before_and_once(cast: Cast, slots: list[Slot], clock: time_machine.Traveller) -> None:
    book(cast, slots[0])
    clock.move_to(at(17, 59))
    assert send_reminders() == 0
    clock.move_to(at(18))
    assert send_reminders() == 1
    assert send_reminders() == 0
    (message,) = mails()
    assert message.to == "hanako@example.jp"
    assert "明日の予約のお知らせ（2027年6月7日（月）6:00〜6:30）" in message.subject
    assert "/reservation/" in message.body
    assert Event.objects.filter(kind="visit_reminder").count() == 1


def test_each_reception_has_its_own_hour_or_none(cast: Cast, slots: list[Slot], clock: time_machine.Traveller) -> None:
    book(cast, slots[0])
    Calendar.objects.update(reminder_time=None)
    clock.move_to(at(23))
    assert send_reminders() == 0
    Calendar.objects.update(reminder_time=time(8, 30))
    clock.move_to(at(8, 29))
    assert send_reminders() == 0
    clock.move_to(at(8, 30))
    assert send_reminders() == 1


def test_it_is_never_late(cast: Cast, slots: list[Slot], clock: time_machine.Traveller) -> None:
    """The worker stood still until midnight; or it was the mail server."""
    book(cast, slots[0])
    clock.move_to(at(23, 59) + timedelta(minutes=2))
    assert send_reminders() == 0
    book(cast, slots[2])
    clock.move_to(at(19) + timedelta(days=1))
    assert send_reminders() == 1
    clock.shift(timedelta(hours=6))
    assert mails() == []
    assert {delivery.state for delivery in Delivery.objects.filter(subscriber="reminder_mail")} == {
        DeliveryState.DELIVERED
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_has_cancelled_is_not_reminded(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller, when: str
) -> None:
    booking = book(cast, slots[0])
    cancel: Callable[[], Any] = lambda: services.staff_cancel(  # noqa: E731 - said at two moments
        booking_id=booking.pk, actor=cast.officer, reason="電話"
    )
    if when == "before":
        cancel()
    clock.move_to(at(18))
    assert send_reminders() == (0 if when == "before" else 1)
    if when == "after":
        cancel()
    assert mails() == []


def test_a_change_is_reminded_of_anew_and_the_old_time_no_more(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    booking = book(cast, slots[0])
    clock.move_to(at(18))
    assert send_reminders() == 1
    services.staff_change(booking_id=booking.pk, slot_id=slots[2].pk, actor=cast.officer, reason="電話")
    assert send_reminders() == 0
    assert mails() == []
    clock.shift(timedelta(days=1))
    assert send_reminders() == 1
    (message,) = mails()
    assert "6月8日" in message.subject
    assert Reminder.objects.count() == 2


def test_who_books_in_the_evening_is_not_reminded_at_once(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    clock.move_to(at(20))
    book(cast, slots[0])
    send_reminders()
    assert mails() == []
    assert send_reminders() == 0


def test_who_moves_to_tomorrow_in_the_evening_is_not_reminded_at_once(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    """Reminded at six of the first time, moved at eight to another of tomorrow: the mail of the change says it."""
    first, later = book(cast, slots[0]), book(cast, slots[2])
    clock.move_to(at(18))
    assert send_reminders() == 1
    clock.move_to(at(20))
    for booking in (first, later):
        services.staff_change(booking_id=booking.pk, slot_id=slots[1].pk, actor=cast.officer, reason="電話")
    send_reminders()
    assert [message.body.count("6:00〜6:30") for message in mails()] == []
    assert Reminder.objects.filter(slot=slots[1]).count() == 2


def test_who_moves_to_tomorrow_before_the_hour_is_reminded(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    booking = book(cast, slots[2])
    clock.move_to(at(17))
    services.staff_change(booking_id=booking.pk, slot_id=slots[1].pk, actor=cast.officer, reason="電話")
    clock.move_to(at(18))
    send_reminders()
    (message,) = mails()
    assert "6:30〜7:00" in message.subject


def test_without_an_address_there_is_nothing_to_send(
    cast: Cast, slots: list[Slot], clock: time_machine.Traveller
) -> None:
    booking = book(cast, slots[0], "")
    held = book(cast, slots[0])
    clock.move_to(at(18))
    assert send_reminders() == 1
    Application.objects.filter(pk=held.application_id).update(email="")  # disposed of meanwhile
    assert mails() == []
    assert not Reminder.objects.filter(booking=booking).exists()


def test_the_worker_does_it(cast: Cast, slots: list[Slot], clock: time_machine.Traveller) -> None:
    book(cast, slots[0])
    clock.move_to(at(18))
    call_command("work", "--once")
    assert len(mails()) == 1
