"""Every address of the ledger, for every role, in the own department and in another one."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application, ExportRecord
from cms.models import Role
from reservations.ledger import urls
from reservations.models import Attendance, Booking, State
from staff.models import User
from tests.reservations.desk import Clerk, booked_by_staff, make_checkup_form
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots
from tests.support.cast import Cast, current_version, make_admin, make_staff

READERS = {Role.OFFICER, Role.AUDITOR}
PEOPLE = [*(f"{where} {role}" for role in Role for where in ("own", "other")), "nobody", "admin", "anonymous"]
READ = {"day", "booking", "statistics"}
LISTS = {"start", "bookings", "bookings_results"}
WRITE = {"entry", "change", "cancel", "mark", "sheet"}


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


@dataclass
class Desk:
    cast: Cast
    booking: Booking
    version: int

    def person(self, name: str) -> User | None:
        where, _, role = name.partition(" ")
        if role:
            return make_staff("somebody", (self.cast.children if where == "own" else self.cast.waste, Role(role)))
        if name == "nobody":
            return make_staff("somebody")
        return make_admin() if name == "admin" else None

    def address(self, name: str) -> str:
        arguments: dict[str, tuple[object, ...]] = {
            **dict.fromkeys(("day", "sheet", "statistics"), ("kenshin",)),
            **dict.fromkeys(("booking", "change", "cancel", "mark"), (self.booking.pk,)),
            "entry": (self.booking.slot_id,),
        }
        return reverse(f"ledger:{name}", args=arguments.get(name, ()))

    def ask(self, client: Client, name: str) -> int:
        """Status of the answer to a reader's GET, and to a POST that would do something."""
        posts: dict[str, dict[str, str]] = {
            "mark": {"mark": f"{self.booking.attendees.get().pk}::came"},
            "sheet": {"day": FIRST_DAY.isoformat(), "format": "xlsx"},
        }
        if name in posts:
            return client.post(self.address(name), posts[name]).status_code
        return client.get(self.address(name)).status_code


@pytest.fixture
def desk(cast: Cast, check_up: CheckUp) -> Desk:
    (slot,) = add_slots(check_up, places=5)
    form = make_checkup_form(cast.children)
    return Desk(cast, booked_by_staff(form, slot, cast.officer), current_version(form).pk)


def expected(person: str, name: str) -> int:
    """Nothing exists (404) for who may not see it; a door is closed (302) with Wagtail's words."""
    where, _, text = person.partition(" ")
    if not text:  # nobody, or an administrator without a role
        inside = person == "admin"
        return 404 if inside and name in {"booking", "change", "cancel", "mark", "sheet", "statistics"} else 302
    role, own = Role(text), where == "own"
    found = 200 if own else 404
    if name in LISTS:
        closed = role not in READERS or (name == "start" and own)
        return 302 if closed else 200
    if (name == "day" and role not in READERS) or (name == "entry" and role != Role.OFFICER):
        return 302
    if role not in (READERS if name in READ else {Role.OFFICER}):
        return 404
    return 302 if name == "mark" and own else found


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == READ | LISTS | WRITE


@pytest.mark.parametrize("person", PEOPLE)
def test_each_sees_what_the_role_allows_and_no_more(desk: Desk, client: Client, person: str) -> None:
    user = desk.person(person)
    if user is not None:
        client.force_login(user)
    names = sorted(READ | LISTS | WRITE)
    found = {name: desk.ask(client, name) for name in names}
    assert found == {name: expected(person, name) for name in names}
    pages = "".join(
        client.get(desk.address(name), {"q": "見本"}, follow=True).content.decode() for name in ("bookings", "day")
    )
    allowed = expected(person, "booking") == 200
    assert ("見本 花子" in pages) is allowed
    menu = client.get("/admin/", follow=True).content.decode()
    assert (reverse("ledger:start") in menu) is (expected(person, "bookings") == 200)
    assert Attendance.objects.exists() is ExportRecord.objects.exists() is (person == "own officer")


@pytest.mark.parametrize("person", [name for name in PEOPLE if name != "own officer"])
def test_nobody_else_books_changes_or_cancels(desk: Desk, client: Client, person: str) -> None:
    user = desk.person(person)
    clerk = Clerk(client, user or make_staff("x"), desk.booking.slot)
    if user is None:
        client.logout()
    clerk.ticket, clerk.version = "", str(desk.version)
    assert clerk.send().status_code in (302, 404)
    for name in ("change", "cancel"):
        sent = {"reason": "都合", "slot": str(desk.booking.slot_id)}
        assert client.post(desk.address(name), sent).status_code in (302, 404)
    assert Application.objects.count() == Booking.objects.filter(state=State.CONFIRMED).count() == 1


def test_filters_offer_nothing_of_another_department(desk: Desk, client: Client, cast: Cast) -> None:
    client.force_login(cast.other_officer)
    page = client.get(reverse("ledger:bookings")).content.decode()
    for foreign in ("総合検診", "あすぱる", "胃（バリウム）"):
        assert foreign not in page
    reception = {"reception": str(desk.booking.slot.calendar_id)}
    assert "見本 花子" not in client.get(reverse("ledger:bookings"), reception).content.decode()
