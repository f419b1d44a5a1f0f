"""Staff set up a reception: every mistake is told at its box, and what others depend on is not removed."""

from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from reservations.models import (
    Bucket,
    Calendar,
    Closure,
    Quota,
    Scope,
    Season,
    Venue,
    WeeklyPattern,
)
from reservations.setup import changes
from tests.reservations.admin import book, errors, fill, history, said, sent, url
from tests.reservations.scene import FIRST_DAY, CheckUp, add_quota, add_season, add_slots, alone
from tests.support.cast import Cast


@pytest.fixture(autouse=True)
def clerk(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)


# --- the basic settings


def test_a_new_reception_needs_little_more_than_its_name(cast: Cast, client: Client) -> None:
    answer = fill(client, url("add"), name="総合検診")
    calendar = Calendar.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url("hub", calendar))
    assert (calendar.department, calendar.code) == (cast.children, "uketsuke-1")
    assert (calendar.valid_from, calendar.valid_to) == (date(2027, 4, 5), date(2028, 3, 31))
    assert (calendar.book_days, calendar.book_time, calendar.hold_minutes) == (1, time(17), 15)
    assert calendar.closed_on_holidays and calendar.closed_at_new_year
    assert client.get(url("add")).context["form"]["code"].value() == "uketsuke-2"


@pytest.mark.parametrize(
    ("box", "value", "told"),
    [
        ("name", "", "必ず入力してください。"),
        ("valid_from", "きのう", "日付を「2027-06-07」のように入力してください。"),
        ("valid_from", "9999-12-31", "日付は2000年から2099年までにしてください。"),
        ("valid_to", "2027-04-01", "最終日は、初日と同じ日か後の日にしてください。"),
        ("opens_at", "あした", "日時を「2027-06-07 09:00」のように入力してください。"),
        ("opens_at", "0001-01-01T00:00", "日時は2000年から2099年までにしてください。"),
        ("book_days", "-1", "0以上の値を入力してください。"),
        ("book_days", "99999999999999999999", "730以下の値を入力してください。"),
        ("book_hours", "3", "時刻を決めるときは、時間前を0にしてください。"),
        ("change_time", "25:00", "時刻を「09:00」のように入力してください。"),
        ("hold_minutes", "0", "1以上の値を入力してください。"),
        ("max_places", "たくさん", "半角の数字で入力してください。"),
    ],
)
def test_a_mistake_is_told_at_its_box(client: Client, box: str, value: str, told: str) -> None:
    answer = fill(client, url("add"), **{"name": "総合検診", box: value})
    assert answer.status_code == 400
    assert errors(answer) == {box: [told]}
    assert told in said(answer)
    assert not Calendar.objects.exists()


def test_a_code_is_there_once_and_stays(client: Client, check_up: CheckUp) -> None:
    answer = fill(client, url("add"), name="もう一つ", code="kenshin")
    assert list(errors(answer)) == ["code"]
    fill(client, url("edit", check_up.calendar), name="新しい名前", code="betsu")
    check_up.calendar.refresh_from_db()
    assert (check_up.calendar.name, check_up.calendar.code) == ("新しい名前", "kenshin")


def test_a_code_that_is_taken_at_the_same_moment_is_no_error(
    client: Client, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Calendar, "validate_unique", lambda *args, **options: None)
    monkeypatch.setattr(Calendar, "validate_constraints", lambda *args, **options: None)
    answer = fill(client, url("add"), name="もう一つ", code="kenshin")
    assert answer.status_code == 409
    assert "同じ内容がすでにあります。" in said(answer)


def test_who_was_slower_is_told_and_overwrites_nothing(client: Client, check_up: CheckUp) -> None:
    slow = sent(client.get(url("edit", check_up.calendar)).context["form"], name="遅い人")
    fill(client, url("edit", check_up.calendar), name="速い人")
    answer = client.post(url("edit", check_up.calendar), slow)
    assert answer.status_code == 409
    assert "ほかの人が先に変更しました。" in said(answer)
    check_up.calendar.refresh_from_db()
    assert check_up.calendar.name == "速い人"


# --- the rows


def row(kind: str, check_up: CheckUp) -> tuple[dict[str, Any], str]:
    """What a clerk fills in to add one, and how it reads afterwards."""
    hours = {"starts": "06:00", "ends": "08:00", "minutes": "30", "limit_total": "12"}
    rows: dict[str, tuple[dict[str, Any], str]] = {
        "venues": ({"name": "公民館"}, "公民館"),
        "items": ({"name": "視力", "code": "eyes"}, "視力（コード eyes）"),
        "patterns": (
            hours | {"weekdays": ["1", "3"], "weeks": ["2"], "limit_public": "10"},
            "あすぱる 第2 火・木 6:00〜8:00 30分ごと4枠 1枠の定員12（うち住民10）",
        ),
        "closures": ({"first_day": "2027-06-10", "reason": "休診"}, "2027年6月10日（木） すべての会場 休診"),
        "openings": (hours | {"day": "2027-07-19"}, "2027年7月19日（月） あすぱる 6:00〜8:00 30分ごと4枠 1枠の定員12"),
        "quotas": (
            {"item": check_up.stomach.pk, "limit_total": "40"},
            "胃（バリウム） すべての会場を合わせて 1日 定員40",
        ),
        "seasons": (
            {"name": "2027年度", "first_day": "2027-04-01", "last_day": "2028-03-31", "limit_total": "900"},
            "2027年度 2027年4月1日（木）〜2028年3月31日（金） 定員900",
        ),
    }
    return rows[kind]


@pytest.mark.parametrize("kind", ["venues", "items", "patterns", "closures", "openings", "quotas", "seasons"])
def test_a_row_is_added_changed_and_removed(client: Client, check_up: CheckUp, kind: str) -> None:
    calendar = check_up.calendar
    given, words = row(kind, check_up)
    fill(client, url("add_row", calendar, kind), **given)
    page = client.get(url("hub", calendar))
    (section,) = [section for section in page.context["sections"] if section["kind"] == kind]
    assert words in [told for _, told in section["rows"]]
    number = next(number for number, told in section["rows"] if told == words)
    assert fill(client, url("edit_row", calendar, kind, number)).status_code == 302
    assert words in said(client.get(url("hub", calendar)))
    assert words in said(client.get(url("delete_row", calendar, kind, number)))
    assert client.post(url("delete_row", calendar, kind, number)).status_code == 302
    assert number not in [number for number, _ in _rows(client, calendar, kind)]
    added, changed, removed = history(calendar)[-3:]
    assert added.endswith("を追加") and changed.endswith("を変更") and removed.endswith("を削除")


def _rows(client: Client, calendar: Calendar, kind: str) -> list[tuple[int, str]]:
    sections = client.get(url("hub", calendar)).context["sections"]
    return next(section["rows"] for section in sections if section["kind"] == kind)


@pytest.mark.parametrize(
    ("kind", "given", "box", "told"),
    [
        ("venues", {"name": "あすぱる"}, "__all__", "同じ名称の会場が、すでにあります。"),
        ("patterns", {"starts": "10:00", "ends": "06:00"}, "ends", "終了は、開始より後の時刻にしてください。"),
        ("patterns", {"minutes": "0"}, "minutes", "1以上の値を入力してください。"),
        (
            "patterns",
            {"minutes": "50"},
            "minutes",
            "開始から終了までを、1枠の長さで割り切れません。余りの時間には枠を作れません。",
        ),
        ("patterns", {"weekdays": []}, "weekdays", "曜日を一つ以上選んでください。"),
        ("patterns", {"venues": []}, "venues", "会場を一つ以上選んでください。"),
        ("patterns", {"venues": ["999999"]}, "venues", "会場を一覧から選んでください。"),
        ("patterns", {"limit_total": "-3"}, "limit_total", "0以上の値を入力してください。"),
        ("patterns", {"limit_public": "13"}, "limit_public", "住民が予約できる数は、全体の定員までにしてください。"),
        (
            "patterns",
            {"valid_from": "2027-06-02", "valid_to": "2027-06-01"},
            "valid_to",
            "「いつまで」は、「いつから」と同じ日か後の日にしてください。",
        ),
        ("closures", {"last_day": "2027-06-09"}, "last_day", "最終日は、初日と同じ日か後の日にしてください。"),
        ("closures", {"first_day": ""}, "first_day", "必ず入力してください。"),
        ("closures", {"venue": "999999"}, "venue", "一覧から選んでください。"),
        ("openings", {"day": "2027-02-30"}, "day", "日付を「2027-06-07」のように入力してください。"),
        ("quotas", {"item": "乳がん"}, "item", "一覧から選んでください。"),
        ("seasons", {"first_day": "", "last_day": ""}, "first_day", "必ず入力してください。"),
        ("seasons", {"last_day": "2027-03-31"}, "last_day", "最終日は、初日と同じ日か後の日にしてください。"),
        ("seasons", {"limit_public": "901"}, "limit_public", "住民が予約できる数は、全体の定員までにしてください。"),
        (
            "seasons",
            {"limit_total": "", "limit_public": "5"},
            "limit_total",
            "定員は両方を入力するか、両方を空欄にしてください。",
        ),
    ],
)
def test_a_mistake_in_a_row_is_told_and_nothing_is_added(
    client: Client, check_up: CheckUp, kind: str, given: dict[str, Any], box: str, told: str
) -> None:
    answer = fill(client, url("add_row", check_up.calendar, kind), **(row(kind, check_up)[0] | given))
    assert answer.status_code == 400
    assert told in errors(answer)[box]
    assert told in said(answer)
    assert history(check_up.calendar) == []


def test_hours_of_several_venues_are_added_at_once_with_the_limits_of_items(client: Client, check_up: CheckUp) -> None:
    limits = {f"item_{check_up.stomach.pk}_total": "3", f"item_{check_up.stomach.pk}_public": "2"}
    fill(client, url("add_row", check_up.calendar, "patterns"), **(row("patterns", check_up)[0] | limits))
    patterns = WeeklyPattern.objects.order_by("venue__order")
    assert [pattern.venue for pattern in patterns] == [check_up.venue, check_up.other_venue]
    for pattern in patterns:
        assert list(pattern.item_limits.values_list("item", "limit_public", "limit_total")) == [
            (check_up.stomach.pk, 2, 3)
        ]
    first = patterns[0]
    page = client.get(url("edit_row", check_up.calendar, "patterns", first.pk)).context["form"]
    assert page[f"item_{check_up.stomach.pk}_total"].value() == 3
    fill(client, url("edit_row", check_up.calendar, "patterns", first.pk), **dict.fromkeys(limits))
    assert not first.item_limits.exists()
    assert patterns[1].item_limits.exists()


def test_an_items_places_for_residents_are_within_all_its_places(client: Client, check_up: CheckUp) -> None:
    box = f"item_{check_up.stomach.pk}_public"
    answer = fill(client, url("add_row", check_up.calendar, "patterns"), **(row("patterns", check_up)[0] | {box: "2"}))
    assert errors(answer)[box] == ["住民が予約できる数は、全体の定員までにしてください。"]


def test_several_are_added_one_after_the_other(client: Client, check_up: CheckUp) -> None:
    address = url("add_row", check_up.calendar, "venues")
    assert fill(client, address, name="公民館", again="1")["Location"] == address


def test_hours_ask_for_a_venue_first(client: Client, cast: Cast) -> None:
    calendar = Calendar.objects.create(department=cast.children, name="相談", code="sodan", valid_from=FIRST_DAY)
    assert "先に「会場」を入れてください。" in said(client.get(url("add_row", calendar, "patterns")))
    assert "枠を作るまでに、あと「会場」「曜日と時間」が要ります。" in said(client.get(url("hub", calendar)))


def test_an_unknown_kind_or_row_is_not_found(client: Client, check_up: CheckUp) -> None:
    calendar = check_up.calendar
    for address in (
        url("add_row", calendar, "secrets"),
        url("edit_row", calendar, "venues", 0),
        url("edit_row", calendar, "venues", 10**30),
        url("delete_row", calendar, "items", check_up.venue.pk + 999),
        f"/admin/receptions/{10**30}/",
    ):
        assert client.get(address).status_code == 404, address


def test_a_row_that_somebody_changed_or_removed_meanwhile_is_not_overwritten(client: Client, check_up: CheckUp) -> None:
    address = url("edit_row", check_up.calendar, "venues", check_up.venue.pk)
    slow = sent(client.get(address).context["form"], name="遅い人")
    fill(client, address, name="速い人")
    assert client.post(address, slow).status_code == 409
    assert Venue.objects.get(pk=check_up.venue.pk).name == "速い人"
    check_up.venue.delete()
    assert client.post(address, slow).status_code == 404


def test_the_same_limit_is_there_once(client: Client, check_up: CheckUp) -> None:
    add_quota(check_up, 40, item=check_up.stomach)
    answer = fill(client, url("add_row", check_up.calendar, "quotas"), item=check_up.stomach.pk, limit_total="30")
    assert errors(answer) == {"__all__": ["同じ項目と会場の定員が、すでにあります。そちらを直してください。"]}


# --- limits that are added or changed while people have booked


def test_a_limit_that_is_added_later_counts_for_who_has_booked(client: Client, cast: Cast, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up, places=5)
    book(cast.children, slot.pk, alone(check_up.stomach))
    fill(client, url("add_row", check_up.calendar, "quotas"), item=check_up.stomach.pk, limit_total="40")
    bucket = Bucket.objects.get(scope=Scope.DAY)
    assert (bucket.taken, bucket.limit_total) == (1, 40)


def test_a_limit_below_what_is_booked_names_the_bookings_and_is_not_added(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    (slot,) = add_slots(check_up, places=5)
    booking = book(cast.children, slot.pk, alone(check_up.stomach))
    answer = fill(client, url("add_row", check_up.calendar, "quotas"), item=check_up.stomach.pk, limit_total="0")
    assert answer.status_code == 409
    assert booking.application.reference in said(answer)
    assert not Quota.objects.exists()


def test_a_quota_below_what_is_booked_names_the_bookings_and_stays(
    client: Client, cast: Cast, check_up: CheckUp
) -> None:
    quota = add_quota(check_up, 40, item=check_up.stomach)
    (slot,) = add_slots(check_up, places=5)
    booking = book(cast.children, slot.pk, alone(check_up.stomach))
    address = url("edit_row", check_up.calendar, "quotas", quota.pk)
    answer = fill(client, address, limit_total="0", limit_public="0")
    assert answer.status_code == 409
    assert booking.application.reference in said(answer)
    quota.refresh_from_db()
    assert (quota.limit_total, Bucket.objects.get(quota=quota).limit_total) == (40, 40)
    fill(client, address, limit_total="1", limit_public="")
    assert Bucket.objects.get(quota=quota).limit_total == 1
    assert history(check_up.calendar)[-1] == "1日の定員「1日の定員 胃（バリウム） 1」を変更"


def test_a_season_keeps_the_days_and_the_limit_that_its_slots_need(client: Client, check_up: CheckUp) -> None:
    season = add_season(check_up, 900)
    add_slots(check_up)
    address = url("edit_row", check_up.calendar, "seasons", season.pk)
    assert "新しい期間の外になります。" in said(fill(client, address, last_day="2027-05-31"))
    assert "定員をなくせません。" in said(fill(client, address, limit_total="", limit_public=""))
    assert fill(client, address, name="令和9年度", limit_total="800", limit_public="").status_code == 302
    season.refresh_from_db()
    assert (season.name, season.limit_total, Bucket.objects.get(season=season).limit_total) == ("令和9年度", 800, 800)


def test_a_season_that_comes_later_takes_in_the_slots_of_its_days(client: Client, check_up: CheckUp) -> None:
    (slot,) = add_slots(check_up)
    fill(client, url("add_row", check_up.calendar, "seasons"), **row("seasons", check_up)[0])
    slot.refresh_from_db()
    assert slot.season == Season.objects.get()
    assert Bucket.objects.get(scope=Scope.SEASON).limit_total == 900


def test_a_closed_day_does_not_touch_what_is_there_and_says_so(client: Client, check_up: CheckUp) -> None:
    add_slots(check_up)
    answer = fill(client, url("add_row", check_up.calendar, "closures"), **row("closures", check_up)[0])
    page = said(client.get(answer["Location"]))
    assert "すでにある枠は変わっていません。" in page
    assert Closure.objects.get().last_day == date(2027, 6, 10)


def test_a_deadlock_in_the_middle_is_tried_again_and_adds_one_row(
    client: Client, check_up: CheckUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    tries: list[int] = []

    def bring_in_line(*args: Any) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError from Deadlock()
        return 0

    monkeypatch.setattr(changes, "bring_in_line", bring_in_line)
    # otherwise the transaction of the test itself forbids another try
    monkeypatch.setattr("reservations.again.connection", SimpleNamespace(vendor="", in_atomic_block=False))
    answer = fill(client, url("add_row", check_up.calendar, "quotas"), **row("quotas", check_up)[0])
    assert (answer.status_code, len(tries), Quota.objects.count()) == (302, 2, 1)
