"""A check-up with two venues and three examinations, residents who want a place, and many of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Barrier, BoundedSemaphore, Thread
from typing import Any

from django.db import connection, connections, transaction
from django.utils import timezone

from applications.models import Application
from cms.models import Department
from formbuilder.models import FormPage
from reservations.layout import lock_calendar, make_slots
from reservations.models import (
    ACTIVE,
    Attendee,
    Bucket,
    Calendar,
    Claim,
    Item,
    Quota,
    Scope,
    Season,
    Slot,
    Venue,
)
from reservations.party import Party, Person
from reservations.planning import PlannedSlot
from reservations.refusals import Refused
from tests.support.cast import current_version

FIRST_DAY = date(2027, 6, 7)  # a Monday
CONNECTIONS = 40  # real ones at a time; the clients wait their turn


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@dataclass(frozen=True)
class CheckUp:
    """総合検診."""

    calendar: Calendar
    venue: Venue
    other_venue: Venue
    stomach: Item
    lungs: Item
    bones: Item


def make_check_up(department: Department, **settings: Any) -> CheckUp:
    calendar = Calendar.objects.create(
        department=department, name="総合検診", code="kenshin", valid_from=date(2026, 4, 1), **settings
    )
    return CheckUp(
        calendar=calendar,
        venue=Venue.objects.create(calendar=calendar, name="あすぱる", order=1),
        other_venue=Venue.objects.create(calendar=calendar, name="川北生涯学習センター", order=2),
        stomach=Item.objects.create(calendar=calendar, name="胃（バリウム）", code="stomach", order=1),
        lungs=Item.objects.create(calendar=calendar, name="肺CT", code="lungs", order=2),
        bones=Item.objects.create(calendar=calendar, name="骨密度", code="bones", order=3),
    )


def add_slots(
    check_up: CheckUp,
    count: int = 1,
    *,
    places: int = 1,
    public: int | None = None,
    day: date = FIRST_DAY,
    venue: Venue | None = None,
    items: dict[Item, int] | None = None,
) -> list[Slot]:
    """Slots of half an hour, one after the other from six o'clock; items: places of each slot for an item."""
    limits = tuple(sorted((item.pk, most, most) for item, most in (items or {}).items()))
    planned = [
        PlannedSlot(
            venue=(venue or check_up.venue).pk,
            starts_at=moment(day, 6) + number * timedelta(minutes=30),
            ends_at=moment(day, 6) + (number + 1) * timedelta(minutes=30),
            public=places if public is None else public,
            total=places,
            items=limits,
        )
        for number in range(count)
    ]
    with transaction.atomic():
        return make_slots(lock_calendar(check_up.calendar.pk), planned)


def add_quota(check_up: CheckUp, most: int, *, item: Item | None = None, venue: Venue | None = None) -> Quota:
    return Quota.objects.create(calendar=check_up.calendar, item=item, venue=venue, limit_public=most, limit_total=most)


def add_season(check_up: CheckUp, most: int | None = None, *, name: str = "2027年度", year: int = 2027) -> Season:
    return Season.objects.create(
        calendar=check_up.calendar,
        name=name,
        first_day=date(year, 4, 1),
        last_day=date(year + 1, 3, 31),
        limit_public=most,
        limit_total=most,
    )


def applications(form: FormPage, count: int) -> list[Application]:
    """Empty drafts, quickly."""
    version = current_version(form)
    return Application.objects.bulk_create(
        Application(form=form, version=version, department_id=version.department_id) for _ in range(count)
    )


def alone(*items: Item, person: str = "", name: str = "") -> Party:
    return (Person(name=name, person=person, items=frozenset(item.pk for item in items)),)


def family(count: int, *items: Item) -> Party:
    return alone(*items) * count


# --- what is in the database


def bucket_of(slot: Slot, item: Item | None = None) -> Bucket:
    if item is None:
        return Bucket.objects.get(slot=slot, scope=Scope.SLOT)
    return Bucket.objects.get(slot=slot, item=item)


def booked(slot: Slot) -> int:
    """Places taken in the slot, counted from the parties themselves and not from any counter."""
    rows = Attendee.objects.filter(booking__slot=slot, booking__state__in=ACTIVE)
    return sum(rows.values_list("places", flat=True))


def counters() -> dict[int, int]:
    return dict(Bucket.objects.values_list("pk", "taken"))


def claimed() -> dict[int, int]:
    sums = dict.fromkeys(Bucket.objects.values_list("pk", flat=True), 0)
    for bucket, n in Claim.objects.values_list("bucket", "n"):
        sums[bucket] += n
    return sums


# --- many at once


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each got, or the exception that it met, in the order of `acts`.

    As many clients as acts, all there before the first begins, each with a connection of its own; on PostgreSQL no
    more than CONNECTIONS of them are connected at a time, as behind any pool.
    """
    results: list[Any] = [None] * len(acts)
    together = Barrier(len(acts))
    connected = BoundedSemaphore(CONNECTIONS if connection.vendor == "postgresql" else len(acts))

    def client(number: int) -> None:
        together.wait(timeout=60)
        with connected:
            try:
                results[number] = acts[number]()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the test looks at it
                results[number] = problem
            finally:
                connections.close_all()

    threads = [Thread(target=client, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def unexpected(results: Sequence[Any]) -> list[Any]:
    """Exceptions that no person would be told: everything but a refusal."""
    return [result for result in results if isinstance(result, Exception) and not isinstance(result, Refused)]


def deadlocks() -> int:
    """As the server of this database has counted them so far; SQLite, with its one writer, has none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
