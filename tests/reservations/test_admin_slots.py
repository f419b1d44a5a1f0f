"""Making a year of slots, looking at them, and mending them; nobody who has booked loses a place by it."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.models import ModelLogEntry

from reservations.generation import generate
from reservations.models import Bucket, Calendar, Closure, Opening, Slot
from reservations.services import hold
from reservations.setup import making
from tests.reservations.admin import add_pattern, book, history, said, url
from tests.reservations.scene import FIRST_DAY, CheckUp, add_quota, add_slots, alone, applications, bucket_of, family
from tests.support.cast import Cast

WEEK = {"first": "2027-06-07", "last": "2027-06-13"}


@pytest.fixture(autouse=True)
def clerk(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)


def make(client: Client, calendar: Calendar, name: str = "make", **period: str) -> Any:
    """Look at what would be made, and make it."""
    shown = client.get(url(name, calendar), period or WEEK)
    data = (period or WEEK) | {"make": str(len(shown.context["plan"].make))}
    return client.post(url(name, calendar), data)


# --- 枠を作る


def test_what_will_be_made_is_shown_first_and_then_made_as_often_as_one_likes(
    client: Client, check_up: CheckUp
) -> None:
    calendar = check_up.calendar
    add_pattern(calendar, check_up.venue, weekdays=[0, 1, 2, 3, 4, 5, 6])
    day = FIRST_DAY + timedelta(days=3)
    Closure.objects.create(calendar=calendar, first_day=day, last_day=day, reason="休診")
    page = client.get(url("make", calendar), WEEK)
    assert "24の枠を作る" in said(page)
    (month,) = page.context["months"]
    cells = {each.day.day: each.cell for week in month.weeks for each in week if each}
    assert (cells[7].make, cells[10].make, cells[10].reasons) == (4, 0, ("休診",))
    assert not Slot.objects.exists()
    assert make(client, calendar)["Location"] == url("month", calendar, 2027, 6)
    assert Slot.objects.count() == 24
    again = said(client.get(url("make", calendar), WEEK))
    assert "新しく作る枠はありません。" in again
    assert make(client, calendar).status_code == 302
    assert Slot.objects.count() == 24
    actions = ModelLogEntry.objects.for_instance(calendar).values_list("action", flat=True)
    assert list(actions).count("reservations.generate") == 2


def test_holidays_and_the_turn_of_the_year_are_named(client: Client, check_up: CheckUp) -> None:
    add_pattern(check_up.calendar, check_up.venue)
    page = said(client.get(url("make", check_up.calendar), {"first": "2027-07-01", "last": "2028-01-31"}))
    assert "海の日" in page
    assert "年末年始" in page


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2027-06-13", "2027-06-07", "最終日は、初日と同じ日か後の日にしてください。"),
        ("2027-06-07", "2037-06-07", "期間は1年（366日）までにしてください。"),
        ("2027-02-30", "x", "日付を「2027-06-07」のように入力してください。"),
        ("0001-01-01", "9999-12-31", "日付は2000年から2099年までにしてください。"),
        ("", "", "必ず入力してください。"),
    ],
)
@pytest.mark.parametrize("name", ["make", "copy", "differences"])
def test_an_impossible_period_is_told_and_nothing_is_made(
    client: Client, check_up: CheckUp, name: str, first: str, last: str, told: str
) -> None:
    add_pattern(check_up.calendar, check_up.venue)
    period = {"first": first, "last": last}
    assert told in said(client.get(url(name, check_up.calendar), period))
    answer = client.post(url(name, check_up.calendar), period | {"make": "1", "act": "remove"})
    assert answer.status_code == 400
    assert told in said(answer)
    assert not Slot.objects.exists()


def test_what_changed_after_it_was_shown_is_shown_again(client: Client, check_up: CheckUp) -> None:
    add_pattern(check_up.calendar, check_up.venue)
    for stale in ("3", "", "many"):
        answer = client.post(url("make", check_up.calendar), WEEK | {"make": stale})
        assert answer.status_code == 409
        assert making.CHANGED in said(answer)
    assert not Slot.objects.exists()


def test_a_limit_that_is_too_small_for_what_is_booked_stops_the_making(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=3)
    booking = book(cast.children, slot.pk, alone(check_up.stomach))
    add_pattern(check_up.calendar, check_up.venue)
    add_quota(check_up, 0, item=check_up.stomach)
    answer = make(client, check_up.calendar)
    assert answer.status_code == 409
    assert booking.application.reference in said(answer)
    assert Slot.objects.count() == 1


def test_the_likely_period_is_there_from_the_start(client: Client, check_up: CheckUp) -> None:
    form = client.get(url("make", check_up.calendar)).context["form"]
    assert (form["first"].value(), form["last"].value()) == (date(2027, 4, 5), date(2028, 4, 4))
    check_up.calendar.valid_to = date(2028, 3, 31)
    check_up.calendar.save()
    add_slots(check_up)
    form = client.get(url("make", check_up.calendar)).context["form"]
    assert (form["first"].value(), form["last"].value()) == (date(2027, 6, 8), date(2028, 3, 31))
    add_slots(check_up, day=date(2028, 3, 31))
    form = client.get(url("make", check_up.calendar)).context["form"]
    assert (form["first"].value(), form["last"].value()) == (date(2027, 4, 5), date(2028, 3, 31))


def test_a_year_without_a_leap_day_ends_the_day_before_it_began(client: Client, check_up: CheckUp) -> None:
    check_up.calendar.valid_from = date(2028, 12, 1)
    check_up.calendar.valid_to = None
    check_up.calendar.save()
    form = client.get(url("make", check_up.calendar)).context["form"]
    assert (form["first"].value(), form["last"].value()) == (date(2028, 12, 1), date(2029, 11, 30))


# --- 去年の枠を写す


def test_last_years_slots_are_copied_with_what_was_changed_by_hand_and_the_difference_is_shown(
    client: Client, check_up: CheckUp
) -> None:
    calendar, last_year = check_up.calendar, FIRST_DAY - timedelta(weeks=52)
    add_slots(check_up, 2, places=5, day=last_year)
    add_slots(check_up, 1, places=5, day=last_year + timedelta(days=5))  # a Saturday
    add_pattern(calendar, check_up.venue)
    page = client.get(url("copy", calendar), WEEK)
    assert [part["count"] for part in page.context["diff"]] == [1, 18, 2]
    assert "2027年6月12日（土） あすぱる 1枠" in said(page)
    answer = make(client, calendar, "copy")
    assert answer.status_code == 302
    copied = Slot.objects.filter(day__gte=FIRST_DAY)
    assert [bucket_of(slot).limit_total for slot in copied] == [5, 5, 5]
    told = said(client.get(url("copy", calendar), {"first": "2028-06-01", "last": "2028-06-02"}))
    assert "去年（2027年6月3日〜2027年6月4日）の枠がないので、写すものがありません。" in told


def test_a_long_difference_is_cut(client: Client, check_up: CheckUp) -> None:
    add_pattern(check_up.calendar, check_up.venue)
    page = client.get(url("copy", check_up.calendar), {"first": "2027-06-01", "last": "2027-12-31"})
    part = page.context["diff"][1]
    assert len(part["lines"]) == making.SHOWN
    assert f"ほか{part['more']}件" in said(page)


# --- 枠を見る・直す


def change(client: Client, calendar: Calendar, chosen: list[int], act: str, **more: Any) -> Any:
    return client.post(url("day", calendar, 2027, 6, 7), {"chosen": chosen, "act": act, **more})


def test_a_month_shows_how_full_each_day_is_and_what_closes_it(client: Client, cast: Cast, check_up: CheckUp) -> None:
    first, second = add_slots(check_up, 2, places=1)
    book(cast.children, first.pk, alone())
    Bucket.objects.filter(pk=bucket_of(second).pk).update(closed=True)
    Closure.objects.create(
        calendar=check_up.calendar,
        venue=check_up.venue,
        first_day=date(2027, 6, 8),
        last_day=date(2027, 6, 9),
        reason="工事",
    )
    month = client.get(url("month", check_up.calendar, 2027, 6)).context["month"]
    days = {each.day: each.cell for week in month.weeks for each in week if each}
    state = days[FIRST_DAY]
    assert (state.slots, state.closed, state.taken, state.places, state.is_full) == (2, 1, 1, 1, True)
    assert days[date(2027, 6, 9)].note == "あすぱる: 工事"
    page = said(client.get(url("month", check_up.calendar, 2027, 6)))
    assert "1枠停止" in page
    assert "満員" in page
    assert "海の日" in said(client.get(url("month", check_up.calendar, 2027, 7)))


def test_slots_are_closed_and_opened_with_a_reason_in_their_history(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    first, second = add_slots(check_up, 2, places=2)
    book(cast.children, first.pk, alone())
    chosen = [bucket_of(first).pk, bucket_of(second).pk]
    answer = change(client, check_up.calendar, chosen, "close", reason="医師の都合")
    assert answer["Location"] == url("day", check_up.calendar, 2027, 6, 7)
    page = said(client.get(answer["Location"]))
    assert "2件の受付を止めました。予約が1件あります。" in page
    assert bucket_of(first).closed and bucket_of(second).closed
    page = said(client.get(url("slot", check_up.calendar, first.pk)))
    assert "受付を止めました（医師の都合）" in page
    change(client, check_up.calendar, chosen, "open")
    assert not bucket_of(first).closed
    assert "受付を再開しました" in said(client.get(url("slot", check_up.calendar, first.pk)))


def test_one_item_of_a_day_is_closed_or_resized_and_the_reception_remembers(client: Client, check_up: CheckUp) -> None:
    add_quota(check_up, 40, item=check_up.stomach)
    add_slots(check_up)
    bucket = Bucket.objects.get(scope="day")
    change(client, check_up.calendar, [bucket.pk], "close", reason="機器の点検")
    change(client, check_up.calendar, [bucket.pk], "resize", total="30", public="25")
    bucket.refresh_from_db()
    assert (bucket.closed, bucket.limit_public, bucket.limit_total) == (True, 25, 30)
    assert history(check_up.calendar) == [
        "2027年6月7日 胃（バリウム）（1日の定員） 1件の受付を止めました。 機器の点検",
        "2027年6月7日 胃（バリウム）（1日の定員） 1件の定員を30（うち住民25）にしました。",
    ]


def test_a_slots_items_have_limits_of_their_own(client: Client, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5, items={check_up.stomach: 3})
    bucket = bucket_of(slot, check_up.stomach)
    address = url("slot", check_up.calendar, slot.pk)
    client.post(address, {"chosen": bucket.pk, "act": "resize", "total": "2"})
    assert (bucket_of(slot, check_up.stomach).limit_public, bucket_of(slot).limit_total) == (2, 5)
    assert "定員を2（うち住民2）にしました" in said(client.get(address))


def test_a_limit_below_what_is_booked_is_refused_with_who_is_concerned(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    first, second = add_slots(check_up, 2, places=5)
    booking = book(cast.children, second.pk, family(3))
    (draft,) = applications(cast.form, 1)
    hold(application=draft, slot_id=second.pk, party=alone())
    chosen = [bucket_of(first).pk, bucket_of(second).pk]
    answer = change(client, check_up.calendar, chosen, "resize", total="3")
    assert answer.status_code == 409
    page = said(answer)
    assert "すでに4の予約があるので" in page
    assert booking.application.reference in page
    assert "見本 花子" in page
    assert f'href="/admin/cases/{booking.application.public_id}/"' in page
    assert "（入力中）" in page
    assert "2027年6月7日（月）6:30〜7:00 あすぱる" in page
    assert [bucket_of(slot).limit_total for slot in (first, second)] == [5, 5]
    assert change(client, check_up.calendar, chosen, "resize", total="4").status_code == 302
    assert [bucket_of(slot).limit_total for slot in (first, second)] == [4, 4]


def test_empty_slots_are_removed_and_booked_ones_stay(client: Client, cast: Cast, check_up: CheckUp) -> None:
    first, second = add_slots(check_up, 2, places=2)
    book(cast.children, first.pk, alone())
    answer = change(client, check_up.calendar, [bucket_of(first).pk, bucket_of(second).pk], "remove")
    assert "1の枠を消しました。予約やキャンセル待ちのある枠1は残しました。" in said(client.get(answer["Location"]))
    assert list(Slot.objects.all()) == [first]
    assert history(check_up.calendar) == ["予約のない枠1を削除"]


def test_a_slot_without_items_is_ticked_from_the_start(client: Client, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    assert client.get(url("slot", check_up.calendar, slot.pk)).context["chosen"] == {str(bucket_of(slot).pk)}
    (other,) = add_slots(check_up, venue=check_up.other_venue, items={check_up.stomach: 1})
    assert client.get(url("slot", check_up.calendar, other.pk)).context["chosen"] == set()


def test_a_slot_that_removes_itself_leads_back_to_the_reception(client: Client, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    answer = client.post(url("slot", check_up.calendar, slot.pk), {"chosen": bucket_of(slot).pk, "act": "remove"})
    assert answer["Location"] == url("hub", check_up.calendar)


def test_only_slots_are_removed(client: Client, check_up: CheckUp) -> None:
    add_quota(check_up, 3)
    add_slots(check_up)
    answer = change(client, check_up.calendar, [Bucket.objects.get(scope="day").pk], "remove")
    assert "消せるのは枠だけです。" in said(answer)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "直すものを一つ以上選んでください。"),
        ({"act": "sell"}, "どうするかを選んでください。"),
        ({"act": "resize"}, "新しい定員を入力してください。"),
        ({"act": "resize", "total": "-1"}, "0以上の値を入力してください。"),
        ({"act": "resize", "total": "3", "public": "4"}, "住民が予約できる数は、全体の定員までにしてください。"),
        ({"act": "resize", "total": "9" * 30}, "100000以下の値を入力してください。"),
        ({"chosen": "abc", "act": "close"}, "選んだ枠が消されています。"),
        ({"chosen": "9" * 30, "act": "close"}, "選んだ枠が消されています。"),
        ({"act": "close", "reason": "長" * 201}, "200"),
    ],
)
def test_odd_input_changes_nothing(client: Client, check_up: CheckUp, data: dict[str, str], told: str) -> None:
    (slot,) = add_slots(check_up)
    before = Bucket.objects.values().get()
    chosen = {"chosen": bucket_of(slot).pk} if data and "chosen" not in data else {}
    answer = client.post(url("day", check_up.calendar, 2027, 6, 7), chosen | data)
    assert answer.status_code == 400
    assert told in said(answer)
    assert Bucket.objects.values().get() == before


@pytest.mark.parametrize("act", ["resize", "close", "remove"])
def test_a_slot_that_goes_at_the_same_moment_is_no_error(
    client: Client, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    (slot,) = add_slots(check_up)
    bucket = bucket_of(slot)
    monkeypatch.setattr("reservations.setup.days.DayView.buckets", lambda view: {bucket.pk: bucket})
    Slot.objects.all().delete()
    answer = change(client, check_up.calendar, [bucket.pk], act, total="3")
    assert answer.status_code in {302, 409}


@pytest.mark.parametrize(
    "path", ["2027/13/", "2027/0/", "1999/12/", "2100/1/", f"{10**20}/1/", "2027/2/30/", f"2027/6/{10**20}/"]
)
def test_a_day_that_is_none_is_not_found(client: Client, check_up: CheckUp, path: str) -> None:
    assert client.get(f"{url('slots', check_up.calendar)}{path}").status_code == 404


def test_the_first_and_the_last_month_lead_nowhere_further(client: Client, check_up: CheckUp) -> None:
    page = client.get(url("month", check_up.calendar, 2000, 1))
    assert (page.context["before"], page.context["after"]) == (None, date(2000, 2, 1))
    assert client.get(url("month", check_up.calendar, 2099, 12)).context["after"] is None


# --- many


def test_a_year_of_two_venues_is_shown_with_as_many_queries_as_a_day(
    client: Client, cast: Cast, check_up: CheckUp, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    calendar = check_up.calendar
    hours = {"starts": time(6), "ends": time(14), "weekdays": [0, 1, 2, 3, 4, 5, 6]}
    for venue in (check_up.venue, check_up.other_venue):
        add_pattern(calendar, venue, **hours)
    for item in (check_up.stomach, check_up.lungs):
        add_quota(check_up, 40, item=item)
    day = {"first": FIRST_DAY, "last": FIRST_DAY}
    year = {"first": FIRST_DAY, "last": FIRST_DAY + timedelta(days=365)}
    addresses: dict[str, Any] = {
        url("index"): {},
        url("hub", calendar): {},
        url("make", calendar): year,
        url("copy", calendar): year,
        url("differences", calendar): year,
        url("month", calendar, 2027, 6): {},
        url("day", calendar, 2027, 6, 7): {},
    }
    counts: list[list[int]] = []
    client.get(url("index"))  # a session notes its first look
    for period in (day, year):
        # SQLite takes a hundred rows at a time, and there are ten thousand, in fourteen parts
        with django_assert_max_num_queries(700):
            generate(calendar_id=calendar.pk, actor=cast.officer, **period)
        counts.append([])
        for address, data in addresses.items():
            with django_assert_max_num_queries(40) as captured:
                assert client.get(address, data).status_code == 200
            counts[-1].append(len(captured))
    assert Slot.objects.count() > 10_000
    assert counts[0] == counts[1]


def test_an_opening_of_a_holiday_is_no_holiday_in_the_preview(client: Client, check_up: CheckUp) -> None:
    day = date(2027, 7, 19)
    Opening.objects.create(
        calendar=check_up.calendar,
        venue=check_up.venue,
        day=day,
        starts=time(6),
        ends=time(7),
        limit_public=1,
        limit_total=1,
    )
    page = client.get(url("make", check_up.calendar), {"first": str(day), "last": str(day)})
    assert len(page.context["plan"].make) == 2
