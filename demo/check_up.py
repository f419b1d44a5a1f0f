"""総合検診 of みほん市: a reception with its venues, examinations, limits, some weeks of slots, and who has booked."""

import random
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import declare
from applications.services import start_draft
from cms.models import Department
from demo.residents import FAMILY, GIVEN, TOWNS
from formbuilder.models import FormPage
from reservations import services
from reservations.asking import asked
from reservations.generation import preview
from reservations.layout import lock_calendar, make_slots
from reservations.models import Calendar, Item, Quota, Season, Slot, Venue, WeeklyPattern

CODE = "sogo-kenshin"
WEEKS = 13  # of slots, from a week and a half ahead
VENUES = [("あすぱる", "みほん市中央1-2-3", (1, 3, 5)), ("川北生涯学習センター", "みほん市川北4-5", (2, 6))]
# code of the form's choice, name, places a day for residents (None: no limit); staff have two more
ITEMS = [
    ("tokutei", "特定健診", None),
    ("stomach", "胃がん検診", 40),
    ("lungs", "肺がん検診（CT）", 30),
    ("bowel", "大腸がん検診", None),
    ("bones", "骨密度検査", 25),
    ("breast", "乳がん検診", 20),
    ("cervix", "子宮頸がん検診", 20),
    ("prostate", "前立腺がん検診", None),
]
PUBLIC, TOTAL = 10, 12  # places of a slot
BOOKED = (10, 8, 4)  # of the first slots: a full one, one with few places left, one with many


@transaction.atomic
def build_check_up(department: Department) -> Calendar:
    """Two places of every slot are for those who call."""
    today = timezone.localdate()
    first = today + timedelta(days=10)
    calendar = Calendar.objects.create(
        department=department,
        name="総合検診",
        code=CODE,
        valid_from=today,
        **{f"{what}_{unit}": value for what in ("book", "change", "cancel") for unit, value in _deadline().items()},
        max_places=5,
    )
    _add_season(calendar, today)
    _add_items(calendar)
    for order, (name, address, weekdays) in enumerate(VENUES):
        venue = Venue.objects.create(calendar=calendar, name=name, address=address, order=order)
        WeeklyPattern.objects.create(
            calendar=calendar,
            venue=venue,
            weekdays=list(weekdays),
            starts=time(6),
            ends=time(10),
            minutes=30,
            limit_public=PUBLIC,
            limit_total=TOTAL,
        )
    locked = lock_calendar(calendar.pk)
    make_slots(locked, preview(calendar=locked, first=first, last=first + timedelta(weeks=WEEKS)).make)
    return locked


def _deadline() -> dict[str, object]:
    return {"days": 7, "time": time(17)}


def _add_season(calendar: Calendar, today: date) -> None:
    """This year's and the next, since the slots may reach into it: a person books once in each."""
    year = today.year if today.month >= 4 else today.year - 1
    for number in (year, year + 1):
        Season.objects.create(
            calendar=calendar,
            name=f"{number}年度",
            first_day=date(number, 4, 1),
            last_day=date(number + 1, 3, 31),
        )


def _add_items(calendar: Calendar) -> None:
    for order, (code, name, most) in enumerate(ITEMS):
        item = Item.objects.create(calendar=calendar, code=code, name=name, order=order)
        if most is not None:
            Quota.objects.create(calendar=calendar, item=item, limit_public=most - 2, limit_total=most)


def book_check_ups(form: FormPage) -> None:
    """Residents who have booked already; outside any transaction, as every booking."""
    version = form.versions.get(is_current=True)
    chance = random.Random(20270607)
    slots = Slot.objects.filter(calendar__code=CODE).order_by("starts_at", "venue")
    for slot, count in zip(slots, BOOKED, strict=False):
        for _ in range(count):
            draft = start_draft(version=version, answers=_answers(chance)).application
            services.hold(application=draft, slot_id=slot.pk, party=asked(draft).party)
            declare(draft.pk, revision=draft.revision)


def _answers(chance: random.Random) -> dict[str, Any]:
    """Women of an age at which every examination is open; no two were born on the same day."""
    family, given = chance.choice(FAMILY), chance.choice(GIVEN)
    postcode, city, town = chance.choice(TOWNS)
    return {
        "shimei": {"family": family[0], "given": given[0]},
        "kana": {"family": family[1], "given": given[1]},
        "birth": (date(1955, 1, 1) + timedelta(days=chance.randrange(8000))).isoformat(),
        "sex": "female",
        "jusho": {"postcode": postcode, "prefecture": "新潟県", "city": city, "town": town, "building": ""},
        "tel": f"090-{chance.randrange(1000, 9999)}-{chance.randrange(1000, 9999)}",
        "mail": f"resident{chance.randrange(10_000):04d}@example.jp",
        "hoken": "kokuho",
        "kenshin": chance.sample(["tokutei", "stomach", "lungs", "bowel", "bones"], 3),
    }
