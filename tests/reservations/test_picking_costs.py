"""What the picking page asks of the database: no more for a month full of slots than for one; and it writes nothing."""

from datetime import timedelta

import pytest

from reservations.models import Booking, Calendar
from tests.applications.test_resident_costs import Cost, counted
from tests.reservations.residents import Booker, make_checkup_form
from tests.reservations.scene import FIRST_DAY, CheckUp, add_quota, add_slots
from tests.support.cast import Cast

MOST = 24  # with a hold to be shown, and the waiting list asked


@pytest.fixture
def resident(cast: Cast, check_up: CheckUp) -> Booker:
    add_quota(check_up, 400, item=check_up.stomach)
    return Booker(make_checkup_form(cast)).arrive()


def look(resident: Booker, query: str = "") -> Cost:
    resident.look(query)  # the process has met the version
    with counted() as cost:
        assert resident.look(query).status_code == 200
    return cost


def fill_the_month(check_up: CheckUp) -> None:
    for number in range(1, 12):
        add_slots(check_up, 8, places=5, day=FIRST_DAY + timedelta(days=number))
        add_slots(check_up, 8, places=5, day=FIRST_DAY + timedelta(days=number), venue=check_up.other_venue)


@pytest.mark.parametrize("query", ["", "?view=list"])
def test_the_page_costs_the_same_for_a_hundred_slots(resident: Booker, check_up: CheckUp, query: str) -> None:
    add_slots(check_up, 1, places=5)
    few = look(resident, query)
    fill_the_month(check_up)
    many = look(resident, query)
    assert len(many.queries) == len(few.queries) <= MOST
    assert many.writes == []


def test_the_page_with_a_hold_costs_the_same(resident: Booker, check_up: CheckUp) -> None:
    slot, _ = add_slots(check_up, 2, places=5)
    resident.pick(slot)
    few = look(resident)
    fill_the_month(check_up)
    many = look(resident)
    assert len(many.queries) == len(few.queries) <= MOST


def test_a_full_month_costs_the_same(resident: Booker, check_up: CheckUp) -> None:
    add_slots(check_up, 2, places=1)
    few = look(resident)
    for number in range(1, 12):
        add_slots(check_up, 8, places=1, day=FIRST_DAY + timedelta(days=number))
    assert len(look(resident).queries) == len(few.queries) <= MOST


def test_looking_writes_nothing_though_a_hold_is_late(resident: Booker, check_up: CheckUp) -> None:
    slot, _ = add_slots(check_up, 2, places=5)
    resident.pick(slot)
    Booking.objects.update(hold_expires_at="2027-04-01T00:00:00Z")
    assert look(resident).writes == []
    Calendar.objects.update(opens_at="2027-05-01T00:00:00Z")
    assert look(resident).writes == []
