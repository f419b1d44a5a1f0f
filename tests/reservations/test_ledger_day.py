"""The day of a reception: who comes when, what is still free."""

import time
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from applications.references import new_reference
from applications.status import Status
from reservations.ledger.day import day_of, usual_day
from reservations.models import Attendee, AttendeeItem, Booking, Slot, State
from staff.models import User
from tests.reservations.conftest import NOW
from tests.reservations.desk import ANSWERS, booked_by_staff, held_by_resident, make_checkup_form, somebody
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots
from tests.support.cast import Cast, answers_by_key, current_version

DAY_URL = "/admin/ledger/receptions/kenshin/"


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


def day_page(client: Client, user: User, **query: str) -> str:
    client.force_login(user)
    return client.get(reverse("ledger:day", args=("kenshin",)), query).content.decode()


def test_each_slot_shows_who_comes_what_they_asked_for_and_what_is_free(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    slot, other = add_slots(check_up, 2, places=5, public=3)
    form = make_checkup_form(cast.children)
    booking = booked_by_staff(form, slot, cast.officer)
    held_by_resident(form, other, somebody("次郎", "ジロウ"))
    day = day_of(check_up.calendar, FIRST_DAY, frozenset({cast.children.pk}))
    (venue,) = day.venues
    first, second = venue.slots
    assert (first.people, first.public, first.total) == (1, 2, 4)
    (row,) = first.bookings
    (person,) = row.people
    assert (person.name, row.told.kana, row.told.phone) == ("見本 花子", "ミホン ハナコ", "0250-12-3456")
    assert [(wish.item.code, wish.asked) for wish in person.wishes] == [
        ("stomach", True),
        ("lungs", False),
        ("bones", False),
    ]
    assert not second.bookings[0].is_confirmed
    html = day_page(client, cast.officer, day=FIRST_DAY.isoformat())
    for shown in (
        "6:00〜6:30",
        "残り 4（うちネットから 2）",
        "窓口",
        booking.application.reference,
        "仮押さえ 4/5 10:15まで",
    ):
        assert str(shown) in html
    assert reverse("casework:case", args=(booking.application.public_id,)) in html
    assert reverse("ledger:entry", args=(slot.pk,)) in html


def test_a_hold_that_is_over_is_shown_as_free(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=1)
    held_by_resident(make_checkup_form(cast.children), slot)
    with time_machine.travel("2027-04-05T11:00:00+09:00"):
        (venue,) = day_of(check_up.calendar, FIRST_DAY).venues
    assert (venue.slots[0].bookings, venue.slots[0].total) == ((), 1)


def test_a_family_stands_together_with_the_items_of_each(cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    booking = booked_by_staff(make_checkup_form(cast.children), slot, cast.officer)
    child = Attendee.objects.create(booking=booking, ordinal=1, name="見本 一郎")
    AttendeeItem.objects.create(attendee=child, item=check_up.lungs)
    (venue,) = day_of(check_up.calendar, FIRST_DAY).venues
    (row,) = venue.slots[0].bookings
    assert [(person.name, [w.item.name for w in person.wishes if w.asked]) for person in row.people] == [
        ("見本 花子", ["胃（バリウム）"]),
        ("見本 一郎", ["肺CT"]),
    ]


def test_the_ledger_opens_on_the_next_day_that_has_slots_and_goes_on_from_there(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    for days in (0, 2, 7):
        add_slots(check_up, day=FIRST_DAY + timedelta(days=days))
    assert usual_day(check_up.calendar) == FIRST_DAY
    html = day_page(client, cast.officer)
    assert "2027年6月7日（月）" in html and "?day=2027-06-09" in html
    html = day_page(client, cast.officer, day="2027-06-09")
    assert "?day=2027-06-07" in html and "?day=2027-06-14" in html
    with time_machine.travel("2028-01-01T09:00:00+09:00"):
        assert usual_day(check_up.calendar) == date(2027, 6, 14)
    assert "この日に枠はありません" in day_page(client, cast.officer, day="2027-06-08")


@pytest.mark.parametrize("typed", ["2027-13-01", "きのう", "0001-01-01", "9999-12-31", "2027-06-07\x00", "1" * 5000])
def test_a_day_that_is_none_is_said_and_nothing_breaks(
    cast: Cast, check_up: CheckUp, client: Client, typed: str
) -> None:
    add_slots(check_up)
    assert "日付を読み取れませんでした" in day_page(client, cast.officer, day=typed)


def test_without_a_reception_it_says_what_to_do(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)
    assert "まだありません" in client.get(reverse("ledger:start")).content.decode()


def test_the_ledger_begins_with_the_first_reception_and_changes_to_another(
    cast: Cast, check_up: CheckUp, client: Client
) -> None:
    add_slots(check_up)
    client.force_login(cast.officer)
    assert client.get(reverse("ledger:start"))["Location"] == DAY_URL
    assert client.get(DAY_URL, {"reception": "kenshin"}).status_code == 200
    assert client.get(DAY_URL, {"reception": "nowhere"}).status_code == 404


def test_an_auditor_reads_and_finds_no_button(cast: Cast, check_up: CheckUp, client: Client) -> None:
    (slot,) = add_slots(check_up, places=3)
    booked_by_staff(make_checkup_form(cast.children), slot, cast.officer)
    html = day_page(client, cast.auditor)
    assert "見本 花子" in html
    for button in ("電話で予約", "受付名簿（PDF）", 'name="mark"'):
        assert button not in html


def fill(check_up: CheckUp, form: Any, slots: list[Slot], count: int) -> None:
    """Confirmed bookings straight into the tables, quickly; the counters are not looked at here."""
    version = current_version(form)
    answers = answers_by_key(version, ANSWERS)
    made = Application.objects.bulk_create(
        Application(
            form=form,
            version=version,
            department_id=version.department_id,
            status=Status.SUBMITTED,
            reference=new_reference(),
            received_at=NOW,
            applicant="見本 花子",
            answers=answers,
            search_text="見本花子 ミホンハナコ",
        )
        for _ in range(count)
    )
    bookings = Booking.objects.bulk_create(
        Booking(
            application=application,
            slot=slots[number % len(slots)],
            state=State.CONFIRMED,
            channel="web",
            party="x",
        )
        for number, application in enumerate(made)
    )
    people = Attendee.objects.bulk_create(
        Attendee(booking=booking, ordinal=0, name="見本 花子") for booking in bookings
    )
    AttendeeItem.objects.bulk_create(AttendeeItem(attendee=person, item=check_up.stomach) for person in people)


def test_the_number_of_queries_does_not_depend_on_the_bookings(cast: Cast, check_up: CheckUp, client: Client) -> None:
    slots = add_slots(check_up, 8, places=50)
    form = make_checkup_form(cast.children)
    counts = []
    for more in (1, 20, 179):
        fill(check_up, form, slots, more)
        day_page(client, cast.officer)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            started = time.perf_counter()
            html = day_page(client, cast.officer, day=FIRST_DAY.isoformat())
            took = time.perf_counter() - started
        counts.append(len(queries))
    assert html.count("ledger-people__first") == 200
    assert len(set(counts)) == 1 and counts[0] <= 50, counts
    assert took < 3  # seconds; a third of one on an idle machine
