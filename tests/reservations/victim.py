"""A process that is killed: does what it is told, says "now" in the middle of it, and waits there.

python -m tests.reservations.victim change BOOKING SLOT | expire | offer | draw LOTTERY | book SLOT APPLICATION... |
loop SLOT...
"""

import sys
import time
from collections.abc import Callable
from itertools import cycle
from typing import Any

import django


def main(what: str, numbers: list[int]) -> None:
    django.setup()
    from django.contrib.auth import get_user_model

    from applications.models import Application
    from reservations import ending, moving, placing, services
    from reservations.expiry import expire_holds
    from reservations.lottery import draw
    from reservations.party import Person
    from reservations.waiting import offers

    for module in (ending, moving, placing, offers, draw):
        if what != "loop":
            module.shift = _then_wait(module.shift)  # type: ignore[attr-defined]  # the name that it imported
    if what == "change":
        services.change(booking_id=numbers[0], slot_id=numbers[1])
    elif what == "expire":
        expire_holds()
    elif what == "offer":
        offers.offer_places()
    elif what == "draw":
        draw.draw(lottery_id=numbers[0])
    elif what == "book":
        actor = get_user_model().objects.earliest("pk")
        application = Application.objects.get(pk=numbers[1])
        services.staff_book(application=application, slot_id=numbers[0], party=(Person(),), actor=actor)
    else:
        # read to the end: SQLite gives no write lock to a connection whose open cursor reads what is no longer newest
        waiting = list(Application.objects.filter(bookings__isnull=True).order_by("pk")[:500])
        for application, slot in zip(waiting, cycle(numbers), strict=False):
            booking = services.hold(application=application, slot_id=slot, party=(Person(),))
            _say("now")
            services.change(booking_id=booking.pk, slot_id=numbers[booking.pk % len(numbers)])
            services.cancel(booking_id=booking.pk)


def _then_wait(shift: Callable[..., None]) -> Callable[..., None]:
    """The counters are moved, and the transaction is not over."""

    def wait(*args: Any, **kwargs: Any) -> None:
        shift(*args, **kwargs)
        _say("now")
        time.sleep(60)

    return wait


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]])
