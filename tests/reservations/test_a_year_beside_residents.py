"""While staff make a year of slots, residents go on booking."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from reservations import services
from reservations.generation import PART, generate
from reservations.invariant import problems
from reservations.models import Booking, Slot
from tests.reservations.admin import add_pattern
from tests.reservations.scene import add_slots, alone, applications, at_once, make_check_up, unexpected
from tests.support.cast import make_cast

PARTS = 4


@pytest.mark.django_db(transaction=True)
def test_a_resident_waits_for_a_part_of_the_year_and_not_for_all_of_it() -> None:
    cast = make_cast()
    check_up = make_check_up(cast.children)
    (slot,) = add_slots(check_up, places=500)
    add_pattern(check_up.calendar, check_up.venue, weekdays=[0, 3])
    waiting = applications(cast.form, 300)
    first = timezone.localdate() + timedelta(days=100)
    done = Event()
    seen: list[int] = []  # how much of the year was there after each booking

    def make_the_year() -> int:
        try:
            last = first + timedelta(days=PARTS * PART - 1)
            return len(generate(calendar_id=check_up.calendar.pk, first=first, last=last, actor=cast.officer).make)
        finally:
            done.set()

    def go_on_booking() -> Any:
        for application in waiting:
            if done.is_set():
                break
            services.hold(application=application, slot_id=slot.pk, party=alone())
            seen.append(Slot.objects.count())

    results = at_once([make_the_year, go_on_booking])
    assert unexpected(results) == []  # a Busy would be one
    assert Slot.objects.count() == 1 + results[0]
    assert len({*seen} - {1, 1 + results[0]}) >= PARTS // 2
    assert Booking.objects.count() == len(seen)
    assert not [*problems()]
