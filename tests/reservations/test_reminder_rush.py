"""Several workers at the same evening: everybody is reminded, and nobody twice."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from applications import outbox
from applications.models import Application
from outreach.models import Message
from reservations import services
from reservations.reminder import send_reminders
from tests.reservations.scene import FIRST_DAY, add_slots, alone, applications, at_once, make_check_up
from tests.support.cast import make_cast


@pytest.mark.django_db(transaction=True)
def test_four_workers_remind_once(transactional_db: None, clock: time_machine.Traveller) -> None:
    cast = make_cast()
    (slot,) = add_slots(make_check_up(cast.children), places=10)
    for application in applications(cast.form, 10):
        Application.objects.filter(pk=application.pk).update(email="hanako@example.jp")
        held = services.hold(application=application, slot_id=slot.pk, party=alone())
        services.confirm(booking_id=held.pk)
    clock.move_to(timezone.make_aware(datetime.combine(FIRST_DAY - timedelta(days=1), time(18))))
    told = at_once([send_reminders] * 4)
    assert all(isinstance(number, int) for number in told), told
    assert sum(told) == 10
    outbox.deliver_due()
    assert Message.objects.filter(template="visit_reminder").count() == 10
