"""前日のお知らせ: the evening before, once for each time a booking has, and never late."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from applications.lifecycle import record
from applications.models import Event
from outreach.mail import send, write
from reservations.events import CHANGED, told_slot
from reservations.letters import LINK, REMINDER
from reservations.models import Booking, Reminder, State
from reservations.party import places_of
from reservations.placing import party_of
from reservations.resident.links import url_of
from reservations.times import slot_when

KIND = REMINDER.name
BATCH = 200


def send_reminders() -> int:
    """Tell of every booking whose evening has come, at most BATCH; how many. For the worker, in any number.

    Only on the day before: who was not told by midnight is not told at all.
    """
    now = timezone.localtime()
    booked = Booking.objects.filter(
        state=State.CONFIRMED,
        slot__day=now.date() + timedelta(days=1),
        slot__calendar__reminder_time__lte=now.time(),
    ).exclude(application__email="")
    told = Exists(Reminder.objects.filter(booking=OuterRef("pk"), slot=OuterRef("slot")))
    due = booked.exclude(told).order_by("pk").values_list("pk", flat=True)
    return sum(_remind(number, now) for number in list(due[:BATCH]))


def _remind(booking_id: int, now: datetime) -> bool:
    """False when another worker was first, or the booking is not what it was."""
    try:
        with transaction.atomic():
            booking = Booking.objects.select_for_update(no_key=True).get(pk=booking_id)
            if booking.state != State.CONFIRMED or booking.slot.day != now.date() + timedelta(days=1):
                return False
            Reminder.objects.create(booking=booking, slot_id=booking.slot_id, at=now)
            if _is_new(booking, now):
                return True  # who has just booked or moved need not be reminded
            record(
                booking.application,
                KIND,
                data={
                    "booking": booking.pk,
                    "slot": told_slot(booking.slot),
                    "sentence": f"前日のお知らせを送りました（{booking.slot.when}）",
                },
            )
    except IntegrityError:
        return False
    return True


def _is_new(booking: Booking, now: datetime) -> bool:
    """Whether it was made, or moved to this time, after the hour at which reminders go out: that mail says enough."""
    time = booking.slot.calendar.reminder_time
    assert time is not None and booking.confirmed_at is not None
    hour = timezone.make_aware(datetime.combine(now.date(), time))
    moved = booking.application.events.filter(
        kind=CHANGED, at__gte=hour, data__booking=booking.pk, data__slot__id=booking.slot_id
    )
    return booking.confirmed_at >= hour or any(
        event.data["before"]["id"] != booking.slot_id for event in moved if event.data.get("before")
    )


class ReminderMail:
    """The mail itself. What waited in the outbox until the day of the visit is not sent any more."""

    name = REMINDER.sender
    kinds = frozenset({KIND})

    def deliver(self, event: Event) -> None:
        bookings = Booking.objects.select_related("slot__calendar__department", "slot__venue", "application")
        booking = bookings.filter(pk=event.data["booking"], application=event.application_id).first()
        if booking is None or not is_still_to_come(booking, event.data["slot"]["id"], timezone.now()):
            return
        application = booking.application
        if not application.email:
            return
        slot, places, link = booking.slot, places_of(party_of(booking)), url_of(application)

        def values() -> dict[str, str]:
            place = {"会場": slot.venue.name, "会場の住所": slot.venue.address}
            return {"日時": slot_when(slot), **place, "人数・点数": str(places), LINK: link}

        send(write(event, REMINDER, values, department=slot.calendar.department))


def is_still_to_come(booking: Booking, slot_id: int, now: datetime) -> bool:
    """Whether the booking is still for that slot, and its day has not begun."""
    if booking.state != State.CONFIRMED or booking.slot_id != slot_id:
        return False
    return timezone.localtime(now).date() < booking.slot.day
