"""The ledger as a list: filters, search, and how the bookings came."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Channel
from reservations import services
from reservations.ledger.statistics import MADE, VISIT, fiscal_year, table_of
from reservations.models import Booking, Calendar
from tests.reservations.desk import booked_by_staff, held_by_resident, make_checkup_form, somebody
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots
from tests.reservations.test_ledger_day import fill
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Places are taken in transactions of their own."""


@pytest.fixture
def three(cast: Cast, check_up: CheckUp) -> tuple[Booking, Booking, Booking]:
    """見本 花子 at the counter, 見本 太郎 in the other venue and cancelled, 見本 次郎 who holds a place on the web."""
    first, second = add_slots(check_up, 2, places=5)
    (elsewhere,) = add_slots(check_up, 1, places=5, venue=check_up.other_venue)
    form = make_checkup_form(cast.children)
    hanako = booked_by_staff(form, first, cast.officer)
    taro = booked_by_staff(form, elsewhere, cast.officer, somebody("太郎", "タロウ", 受けたい項目=["lungs"]))
    services.staff_cancel(booking_id=taro.pk, actor=cast.officer, reason="都合")
    jiro = held_by_resident(form, second, somebody("次郎", "ジロウ"))
    return hanako, taro, jiro


def found(client: Client, **query: Any) -> set[int]:
    response = client.get(reverse("ledger:bookings_results"), query)
    assert response.status_code == 200
    return {booking.pk for booking in response.context["object_list"]}


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({}, {0, 1, 2}),
        ({"state": "confirmed"}, {0}),
        ({"state": ["cancelled", "hold"]}, {1, 2}),
        ({"channel": "counter"}, {0, 1}),
        ({"channel": "web"}, {2}),
        ({"period_from": "2027-06-07", "period_to": "2027-06-07"}, {0, 1, 2}),
        ({"period_from": "2027-06-08"}, set()),
        ({"q": "見本"}, {0, 1, 2}),
        ({"q": "はなこ"}, {0}),
        ({"q": "見本 太郎"}, {1}),
        ({"q": "0250-12-3456"}, {0, 1}),
        ({"q": "ジロウ"}, set()),
        ({"q": "次郎"}, {2}),
        ({"q": "いない人"}, set()),
        ({"q": "\x00" + "あ" * 5000}, set()),
        ({"state": "gone"}, set()),
        ({"venue": "9" * 40}, set()),
        ({"period_from": "きのう"}, set()),
        ({"p": "999"}, {0, 1, 2}),
    ],
)
def test_filters_and_search_find_the_right_bookings(
    cast: Cast, three: tuple[Booking, ...], client: Client, query: dict[str, Any], who: set[int]
) -> None:
    """ジロウ has not declared yet: only the name of the party is known of him."""
    client.force_login(cast.officer)
    assert found(client, **query) == {three[number].pk for number in who}


def test_venue_item_reception_and_reference_are_filters_too(
    cast: Cast, check_up: CheckUp, three: tuple[Booking, ...], client: Client
) -> None:
    hanako, taro, jiro = three
    client.force_login(cast.officer)
    assert found(client, venue=check_up.other_venue.pk) == {taro.pk}
    assert found(client, item=check_up.stomach.pk) == {hanako.pk, jiro.pk}
    assert found(client, item=[check_up.stomach.pk, check_up.lungs.pk]) == {hanako.pk, taro.pk, jiro.pk}
    assert found(client, reception=check_up.calendar.pk) == {hanako.pk, taro.pk, jiro.pk}
    assert found(client, q=str(hanako.application.reference).lower().replace("-", "")) == {hanako.pk}


def test_the_list_says_what_to_do_when_it_finds_nothing(cast: Cast, three: tuple[Booking, ...], client: Client) -> None:
    client.force_login(cast.officer)
    page = client.get(reverse("ledger:bookings"), {"q": "いない人"}).content.decode()
    assert "条件に合う予約はありません" in page
    page = client.get(reverse("ledger:bookings"), {"period_from": "きのう"}).content.decode()
    assert "条件を読み取れませんでした" in page
    page = client.get(reverse("ledger:bookings")).content.decode()
    assert "見本 花子" in page and "取消" in page and "2027-06-07 06:00" in page


def test_a_long_list_costs_no_more_queries(cast: Cast, check_up: CheckUp, client: Client) -> None:
    slots = add_slots(check_up, 8, places=50)
    form = make_checkup_form(cast.children)
    client.force_login(cast.officer)
    counts = []
    for more in (2, 998):
        fill(check_up, form, slots, more)
        client.get(reverse("ledger:bookings"))
        with CaptureQueriesContext(connection) as queries:
            started = time.perf_counter()
            client.get(reverse("ledger:bookings"), {"q": "花子", "state": "confirmed"})
            took = time.perf_counter() - started
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
    assert took < 3


# --- by which way


def test_the_share_of_each_channel_by_month(cast: Cast, check_up: CheckUp, client: Client) -> None:
    june = add_slots(check_up, 1, places=50)
    july = add_slots(check_up, 1, places=50, day=FIRST_DAY.replace(month=7))
    next_year = add_slots(check_up, 1, places=50, day=FIRST_DAY.replace(year=2028))
    form = make_checkup_form(cast.children)
    for slots, count in ((june, 3), (july, 2), (next_year, 4)):
        fill(check_up, form, slots, count)
    booked_by_staff(form, june[0], cast.officer)
    table = table_of(check_up.calendar, year=2027, by=VISIT)
    assert table.channels == (Channel.WEB, Channel.COUNTER)
    assert [(month.label, month.counts) for month in table.months] == [("2027年6月", (3, 1)), ("2027年7月", (2, 0))]
    assert table.whole.cells == [(5, "83.3%"), (1, "16.7%")]
    made = table_of(check_up.calendar, year=2027, by=MADE)
    assert [(month.label, month.counts) for month in made.months] == [("2027年4月", (9, 1))]
    client.force_login(cast.auditor)
    url = reverse("ledger:statistics", args=("kenshin",))
    assert "83.3%" in client.get(url).content.decode()
    lines = client.get(url, {"format": "csv", "year": "2027"}).content.decode("utf-8-sig").splitlines()
    assert lines == [
        "月,ウェブ,窓口,合計,ウェブの割合,窓口の割合",
        "2027年6月,3,1,4,75.0%,25.0%",
        "2027年7月,2,0,2,100.0%,0.0%",
        "合計,5,1,6,83.3%,16.7%",
    ]


@pytest.mark.parametrize("query", [{}, {"year": "x"}, {"year": "9" * 30}, {"year": "2999"}, {"by": "\x00"}])
def test_a_year_without_bookings_says_so(cast: Cast, check_up: CheckUp, client: Client, query: dict[str, str]) -> None:
    client.force_login(cast.officer)
    response = client.get(reverse("ledger:statistics", args=("kenshin",)), query)
    assert "確定した予約はありません" in response.content.decode()
    assert client.get(reverse("ledger:statistics", args=("kenshin",)), {"format": "csv"}).status_code == 200


def test_the_fiscal_year_begins_in_april(cast: Cast) -> None:
    assert (fiscal_year(FIRST_DAY.replace(month=3)), fiscal_year(FIRST_DAY.replace(month=4))) == (2026, 2027)


def test_with_two_receptions_places_say_whose_they_are(cast: Cast, check_up: CheckUp, client: Client) -> None:
    Calendar.objects.create(department=cast.children, name="乳幼児健診", code="nyuyoji", valid_from=FIRST_DAY)
    client.force_login(cast.officer)
    page = client.get(reverse("ledger:bookings")).content.decode()
    assert "あすぱる（総合検診）" in page
