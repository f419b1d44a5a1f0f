"""A lottery and its entries, for the tests of the draw."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from applications.models import Application
from applications.status import Status
from reservations.lottery.draw import open_lottery
from reservations.lottery.entering import enter
from reservations.models import (
    Lottery,
    LotteryEntry,
    Slot,
)
from reservations.party import Party
from tests.reservations.scene import (
    FIRST_DAY,
    CheckUp,
    alone,
    applications,
)
from tests.support.cast import Cast


def make_lottery(check_up: CheckUp, **settings: Any) -> Lottery:
    now = timezone.now()
    given = {"opens_at": now, "closes_at": now + timedelta(days=10), "wishes": 2, **settings}
    return Lottery.objects.create(
        calendar=check_up.calendar, name="前期", first_day=FIRST_DAY, last_day=FIRST_DAY + timedelta(days=6), **given
    )


def open_one(cast: Cast, check_up: CheckUp, **settings: Any) -> Lottery:
    return open_lottery(lottery_id=make_lottery(check_up, **settings).pk, actor=cast.officer)


def received(application: Application) -> None:
    """Declared and arrived, as the desk has it."""
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, reference=f"R{application.pk}", received_at=timezone.now()
    )


def enter_all(
    cast: Cast, lottery: Lottery, slots: Sequence[Slot], count: int, party: Party | None = None
) -> list[LotteryEntry]:
    entries = [
        enter(lottery_id=lottery.pk, application=each, party=party or alone(), slots=[slot.pk for slot in slots])
        for each in applications(cast.form, count)
    ]
    for entry in entries:
        received(entry.application)
    return entries


def results(entries: Sequence[LotteryEntry]) -> list[str]:
    for entry in entries:
        entry.refresh_from_db()
    return [entry.result for entry in entries]
