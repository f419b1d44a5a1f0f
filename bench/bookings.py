"""Bookings a second: the product's own function beside hand-written SQL, on one database, in one run.

    python -m bench.bookings [SECONDS] [CLIENTS] [ROUNDS]

prints JSON; settings come from the environment, the database is migrated and empty (PostgreSQL). `measure_bookings`
does the same in a process of its own. Both write the same rows: a booking, its claim, its attendee, the counter.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import django
import psycopg

ROOT = Path(__file__).parent.parent
ROOMY = 1_000_000  # places of a slot: never full
PER_SECOND = 4_000  # applications made ready for each second of a measurement
SPREAD = 20  # slots

# What somebody would write who knows the database and needs one limit: the fastest of those in docs/adr/0005.
RAW = """
    WITH taken AS (
        UPDATE reservations_bucket SET taken = taken + 1
        WHERE id = %(bucket)s AND taken + 1 <= limit_public RETURNING id),
    booked AS (
        INSERT INTO reservations_booking
            (application_id, slot_id, state, channel, party, hold_expires_at, created_at, extended, kept, sequence)
        SELECT %(application)s, %(slot)s, 'hold', 'web', '', now() + interval '15 minutes', now(), false, false, 0
        FROM taken RETURNING id),
    claimed AS (
        INSERT INTO reservations_claim (booking_id, bucket_id, n) SELECT booked.id, taken.id, 1 FROM booked, taken),
    came AS (
        INSERT INTO reservations_attendee (booking_id, ordinal, name, places, person)
        SELECT id, 0, '', 1, '' FROM booked)
    SELECT id FROM booked
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A slot to book, and its bucket."""

    slot: int
    bucket: int


Book = Callable[["Application", Target], object]


def measure_bookings(environment: Mapping[str, str], *, seconds: float, clients: int, rounds: int) -> dict[str, Any]:
    """The result of a run with these settings; DATABASE_URL names a migrated, empty database."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.bookings", str(seconds), str(clients), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(seconds: float, clients: int, rounds: int) -> dict[str, Any]:
    """{"one": {"service", "raw", "ratio"}, "spread": …}: bookings/s, medians of the rounds."""
    django.setup()
    targets = _prepare(int(seconds * PER_SECOND))
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name, slots in (("one", targets[:1]), ("spread", targets)):
            for way in ("raw", "service"):
                rate = _load(WAYS[way], slots, seconds, clients)
                rates.setdefault((name, way), []).append(rate)
                _clear()
    result: dict[str, Any] = {}
    for (name, way), found in rates.items():
        result.setdefault(name, {})[way] = statistics.median(found)
    for found in result.values():
        found["ratio"] = found["service"] / found["raw"]
    return result


def _load(way: Callable[[], Book], targets: list[Target], seconds: float, clients: int) -> float:
    """Bookings a second of so many processes, each one booking at a time."""
    from django.db import connections

    from applications.models import Application

    numbers = list(Application.objects.order_by("pk").values_list("pk", flat=True))
    connections.close_all()  # a connection is no good in two processes
    fork = get_context("fork")
    together, results = fork.Barrier(clients), fork.SimpleQueue()
    running = [
        fork.Process(target=_client, args=(way, targets, numbers[n::clients], seconds, together, results))
        for n in range(clients)
    ]
    for process in running:
        process.start()
    found = [results.get() for _ in running]
    for process in running:
        process.join()
    if any(isinstance(each, str) for each in found):
        raise SystemExit(str(found))
    return sum(count / elapsed for count, elapsed in found)


def _client(
    way: Callable[[], Book],
    targets: list[Target],
    numbers: list[int],
    seconds: float,
    together: Barrier,
    results: Any,
) -> None:
    """Books until the time is over, and reports (how many, seconds), or what went wrong."""
    try:
        book, count = way(), 0
        # as in a request, which has read its application already
        waiting = iter([Application(pk=number) for number in numbers])
        book(next(waiting), targets[0])  # connects
        together.wait(30)
        begun = time.monotonic()
        while time.monotonic() - begun < seconds and (application := next(waiting, None)) is not None:
            book(application, targets[count % len(targets)])
            count += 1
        results.put((count, time.monotonic() - begun))
    except Exception as problem:  # noqa: BLE001 - the parent has to hear of it, or it would wait for ever
        results.put(repr(problem))


def _service() -> Book:
    from applications.models import Application
    from reservations.party import Person
    from reservations.services import hold

    party = (Person(),)

    def book(application: Application, target: Target) -> object:
        return hold(application=application, slot_id=target.slot, party=party)

    return book


def _raw() -> Book:
    from django.conf import settings

    given = settings.DATABASES["default"]
    connection = psycopg.connect(
        dbname=given["NAME"],
        user=given["USER"] or None,
        password=given["PASSWORD"] or None,
        host=given["HOST"] or None,
        port=given["PORT"] or None,
        autocommit=True,
    )

    def book(application: Application, target: Target) -> object:
        values = {"application": application.pk, "slot": target.slot, "bucket": target.bucket}
        row = connection.execute(RAW, values).fetchone()
        if row is None:
            raise RuntimeError("full")
        return row

    return book


WAYS: dict[str, Callable[[], Book]] = {"service": _service, "raw": _raw}


def _prepare(count: int) -> list[Target]:
    """A reception with its slots, and residents who have an application each."""
    from django.db import transaction

    from applications.models import Application
    from bench.content import fill
    from cms.models import Department
    from formbuilder.models import FormVersion
    from reservations.layout import lock_calendar, make_slots
    from reservations.models import Calendar, Venue

    if not FormVersion.objects.exists():
        fill()
    version = FormVersion.objects.filter(is_current=True).earliest("pk")
    made = (
        Application(form_id=version.form_id, version=version, department_id=version.department_id)
        for _ in range(count)
    )
    Application.objects.bulk_create(made, batch_size=2000)
    calendar = Calendar.objects.create(
        department=Department.objects.earliest("pk"), name="受付", code="bench", valid_from=date(2026, 4, 1)
    )
    venue = Venue.objects.create(calendar=calendar, name="会場")
    with transaction.atomic():
        slots = make_slots(lock_calendar(calendar.pk), list(_planned(venue.pk)))
    return [Target(slot.pk, slot.own_buckets.get().pk) for slot in slots]


def _planned(venue: int) -> Iterator[Any]:
    from django.utils import timezone

    from reservations.planning import PlannedSlot

    for number in range(SPREAD):
        starts = timezone.now().replace(microsecond=0) + timedelta(days=30, hours=number)
        yield PlannedSlot(venue, starts, starts + timedelta(hours=1), ROOMY, ROOMY)


def _clear() -> None:
    from django.db import connection

    from reservations.invariant import problems
    from reservations.models import Bucket

    if wrong := [sentence for sentence in problems() if "を持つはずが" not in sentence]:
        raise SystemExit("\n".join(wrong[:10]))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reservations_booking CASCADE")
    Bucket.objects.update(taken=0)


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]] + [4.0, 8.0, 2.0][len(sys.argv) - 1 :]
    sys.stdout.write(json.dumps(main(given[0], int(given[1]), int(given[2]))) + "\n")
