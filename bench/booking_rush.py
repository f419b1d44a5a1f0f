"""Many processes that book without a pause, by one way or the other. Loaded by bench.bookings, when Django is set up.

Both ways write the same rows: a booking, its claim, its attendee, the counter.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

import psutil
import psycopg
from django.conf import settings
from django.db import connection, connections

from applications.models import Application
from bench.content import fill, make_hall
from bench.sites import WORKERS
from cms.models import Department
from formbuilder.models import FormVersion
from reservations.invariant import counter_problems
from reservations.models import Bucket, Calendar
from reservations.party import Person
from reservations.services import hold

PER_SECOND = 3_000  # applications made ready for each second of a measurement
FORK = get_context("fork")  # what a process does is a closure, which cannot be pickled

# What somebody writes who knows the database and has one limit to keep: the fastest that is known (docs/adr/0005).
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


Book = Callable[[Application, Target], object]


def by_service() -> Book:
    party = (Person(),)
    return lambda application, target: hold(application=application, slot_id=target.slot, party=party)


def by_sql() -> Book:
    """On psycopg alone, which prepares the statement by itself."""
    given = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    where: dict[str, Any] = {name: given[key] or None for name, key in names.items()}
    line = psycopg.connect(**where, autocommit=True)

    def book(application: Application, target: Target) -> object:
        values = {"application": application.pk, "slot": target.slot, "bucket": target.bucket}
        row = line.execute(RAW, values).fetchone()
        if row is None:
            raise RuntimeError("full")
        return row

    return book


WAYS: dict[str, Callable[[], Book]] = {"raw": by_sql, "service": by_service}


def measure(seconds: float, clients: int, rounds: int) -> dict[str, Any]:
    """{"one": …, "spread": …, "workers": …}: bookings/s of "service" and "raw" as medians, and "ratio", of each round.

    One slot, and 20 in turn, by `clients` processes; 20 by no more processes than the web server has. Both ways are
    measured in turn, so that what else the machine does falls on both alike. "cpu" is the ratio of the processor time
    of one booking, client and server together: it says more on a machine that others use.
    """
    targets = prepare(int(seconds * PER_SECOND))
    clear()  # what was booked over HTTP
    return {
        "one": _compare(targets[:1], seconds, clients, rounds),
        "spread": _compare(targets, seconds, clients, rounds),
        "workers": _compare(targets, seconds, WORKERS, rounds),
    }


def _compare(targets: list[Target], seconds: float, clients: int, rounds: int) -> dict[str, float]:
    found: dict[str, list[Sample]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way in WAYS if number % 2 else reversed(WAYS):
            found[way].append(_load(WAYS[way], targets, seconds, clients))
            clear()
    pairs = list(zip(found["service"], found["raw"], strict=True))
    return {
        **{way: statistics.median(sample.rate for sample in samples) for way, samples in found.items()},
        "ratio": statistics.median(ours.rate / theirs.rate for ours, theirs in pairs),
        "cpu": statistics.median(theirs.cpu / ours.cpu for ours, theirs in pairs),
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """rate: bookings/s; cpu: seconds of processor time for one, of clients and server."""

    rate: float
    cpu: float


def _load(way: Callable[[], Book], targets: list[Target], seconds: float, clients: int) -> Sample:
    """So many processes, each one booking at a time."""
    numbers = list(Application.objects.order_by("pk").values_list("pk", flat=True))
    connections.close_all()  # a connection is no good in two processes
    together, results = FORK.Barrier(clients), FORK.SimpleQueue()
    running = [
        FORK.Process(target=_client, args=(way, targets, numbers[n::clients], seconds, together, results))
        for n in range(clients)
    ]
    server = _server_cpu()
    for process in running:
        process.start()
    found = [results.get() for _ in running]
    for process in running:
        process.join()
    if broken := [each for each in found if isinstance(each, str)]:
        raise SystemExit("\n".join(broken))
    booked = sum(count for count, _, _ in found)
    cpu = sum(used for _, _, used in found) + _server_cpu() - server
    return Sample(sum(count / elapsed for count, elapsed, _ in found), cpu / booked)


def _client(
    way: Callable[[], Book], targets: list[Target], numbers: list[int], seconds: float, together: Barrier, results: Any
) -> None:
    """Books until the time is over; reports (how many, seconds, seconds of processor time), or what went wrong."""
    try:
        book, count = way(), 0
        # as in a request, which has read its application already
        waiting = iter([Application(pk=number) for number in numbers])
        for target in targets:  # connects, and meets every slot once, as a process has that runs for days
            book(next(waiting), target)
        together.wait(30)
        begun, used = time.monotonic(), time.process_time()
        for application, target in zip(waiting, cycle(targets), strict=False):
            if time.monotonic() - begun >= seconds:
                break
            book(application, target)
            count += 1
        results.put((count, time.monotonic() - begun, time.process_time() - used))
    except Exception as problem:  # noqa: BLE001 - the parent has to hear of it, or it would wait for ever
        results.put(repr(problem))


def _server_cpu() -> float:
    """Of PostgreSQL on this machine, so far: the processes that serve it now, and those of theirs that have ended."""
    total = 0.0
    for process in psutil.process_iter(["name", "cpu_times", "ppid"]):
        if process.info["name"] == "postgres" and (times := process.info["cpu_times"]):
            total += times.user + times.system
            if "postgres" not in _name_of(process.info["ppid"]):
                total += times.children_user + times.children_system
    return total


def _name_of(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return ""


def prepare(count: int) -> list[Target]:
    """A reception with its slots, and as many residents who have an application each."""
    if not FormVersion.objects.exists():
        fill()
    version = FormVersion.objects.filter(is_current=True).earliest("pk")
    made = (
        Application(form_id=version.form_id, version=version, department_id=version.department_id) for _ in range(count)
    )
    Application.objects.bulk_create(made, batch_size=2000)
    slots = make_hall(Department.objects.earliest("pk"), "rush")
    return [Target(slot.pk, slot.own_buckets.get().pk) for slot in slots]


def clear() -> None:
    """Empty the tables for the next measurement, once the counters are seen to be right."""
    if wrong := list(counter_problems(Calendar.objects.all())):
        raise SystemExit("\n".join(wrong[:10]))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reservations_booking CASCADE")
    Bucket.objects.update(taken=0)
