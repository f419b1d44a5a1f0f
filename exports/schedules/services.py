"""Every change of a schedule, one function each."""

from typing import Any

from django.utils import timezone

from applications.vault import seal
from exports.schedules.clock import next_after
from exports.schedules.models import Schedule
from staff.models import User


def keep(schedule: Schedule, secret: str, **given: Any) -> Schedule:
    """Write what the form says. secret: a new one; "" leaves the one that is there.

    How it is going (stopped, failures) is left alone: a worker may have changed it since the schedule was read.
    """
    changed = {*given, "next_at"}
    for name, value in given.items():
        setattr(schedule, name, value)
    if secret:
        schedule.secret = seal(secret, schedule.public_id, "schedule")
        changed.add("secret")
    schedule.next_at = next_after(schedule, timezone.now())
    schedule.save(update_fields=None if schedule._state.adding else changed)
    return schedule


def stop(schedule: Schedule, because: str) -> None:
    running = Schedule.objects.filter(pk=schedule.pk, stopped_at__isnull=True)
    running.update(stopped_at=timezone.now(), stopped_because=because)


def start(schedule: Schedule, user: User) -> None:
    """From its next time on. Who starts it answers for it from now on."""
    Schedule.objects.filter(pk=schedule.pk).update(
        stopped_at=None,
        stopped_because="",
        failures=0,
        user=user,
        next_at=next_after(schedule, timezone.now()),
    )


def run_now(schedule: Schedule) -> bool:
    """Its next time is now; False when it has stopped."""
    running = Schedule.objects.filter(pk=schedule.pk, stopped_at__isnull=True)
    return bool(running.update(next_at=timezone.now().replace(microsecond=0)))
