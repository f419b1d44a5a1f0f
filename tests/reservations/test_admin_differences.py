"""Slots that are not as the rules say now: they are named with the reason, and nobody who booked loses a place."""

from datetime import time, timedelta

import pytest
from django.test import Client

from reservations.generation import generate
from reservations.invariant import problems
from reservations.models import Booking, Bucket, Closure, PatternItem, Slot, WeeklyPattern
from reservations.setup import balance
from reservations.setup.differing import by_day, differences
from tests.reservations.admin import add_pattern, book, history, said, url
from tests.reservations.scene import FIRST_DAY, CheckUp, alone, bucket_of
from tests.support.cast import Cast

LAST_DAY = FIRST_DAY + timedelta(days=1)
PERIOD = {"first": str(FIRST_DAY), "last": str(LAST_DAY)}


@pytest.fixture(autouse=True)
def clerk(cast: Cast, client: Client) -> None:
    client.force_login(cast.officer)


@pytest.fixture
def pattern(cast: Cast, check_up: CheckUp) -> WeeklyPattern:
    """Two days of four slots, as the rules say."""
    pattern = add_pattern(check_up.calendar, check_up.venue)
    generate(calendar_id=check_up.calendar.pk, first=FIRST_DAY, last=LAST_DAY, actor=cast.officer)
    return pattern


def shown(client: Client, check_up: CheckUp) -> str:
    return said(client.get(url("differences", check_up.calendar), PERIOD))


def act(client: Client, check_up: CheckUp, name: str) -> str:
    answer = client.post(url("differences", check_up.calendar), PERIOD | {"act": name})
    return said(client.get(answer["Location"]))


def test_slots_as_the_rules_say_are_told_to_be_so(client: Client, check_up: CheckUp, pattern: WeeklyPattern) -> None:
    assert "枠は、今の設定のとおりです。" in shown(client, check_up)


def test_a_closed_day_leaves_slots_that_are_removed_or_closed(
    client: Client, cast: Cast, check_up: CheckUp, pattern: WeeklyPattern
) -> None:
    first = Slot.objects.order_by("starts_at")[0]
    book(cast.children, first.pk, alone())
    Closure.objects.create(calendar=check_up.calendar, first_day=FIRST_DAY, last_day=FIRST_DAY, reason="休診")
    page = shown(client, check_up)
    assert "設定にない枠：4枠" in page
    assert "休診" in page
    assert "3の枠を消しました。" in act(client, check_up, "remove")
    assert Slot.objects.filter(day=FIRST_DAY).get() == first
    assert "1の枠の受付を止めました。予約はそのまま残っています。" in act(client, check_up, "close")
    assert bucket_of(first).closed
    assert Booking.objects.get().is_active
    assert history(check_up.calendar) == [f"設定にない枠3を削除（{FIRST_DAY}〜{LAST_DAY}）"]


def test_hours_that_are_gone_and_days_outside_are_named(
    client: Client, check_up: CheckUp, pattern: WeeklyPattern
) -> None:
    WeeklyPattern.objects.update(starts=time(7))
    assert "今の「曜日と時間」にありません" in shown(client, check_up)
    check_up.calendar.valid_to = FIRST_DAY
    check_up.calendar.save()
    assert "有効期間の外です" in shown(client, check_up)


def test_changed_limits_are_renewed_where_nobody_booked(
    client: Client, cast: Cast, check_up: CheckUp, pattern: WeeklyPattern
) -> None:
    booked, closed = Slot.objects.order_by("starts_at")[:2]
    book(cast.children, booked.pk, alone())
    Bucket.objects.filter(slot=closed).update(closed=True)
    WeeklyPattern.objects.update(limit_public=8, limit_total=10)
    page = shown(client, check_up)
    assert "設定と違う枠：8枠" in page
    assert "定員が12（うち住民12）で、設定は10（うち住民8）です" in page
    assert "6の枠を消し、設定のとおりに6の枠を作りました。" in act(client, check_up, "renew")
    limits = [bucket_of(slot).limit_total for slot in Slot.objects.order_by("starts_at")]
    assert limits == [12, 12, 10, 10, 10, 10, 10, 10]
    assert bucket_of(closed).closed
    assert list(problems()) == []


def test_other_lengths_and_limits_of_items_are_named(check_up: CheckUp, pattern: WeeklyPattern) -> None:
    PatternItem.objects.create(pattern=pattern, item=check_up.stomach, limit_public=3, limit_total=3)
    found = differences(check_up.calendar, FIRST_DAY, LAST_DAY)
    assert {each.why for each in found.changed} == {"項目の定員が設定と違います"}
    WeeklyPattern.objects.update(minutes=60)
    found = differences(check_up.calendar, FIRST_DAY, LAST_DAY)
    assert {each.why for each in found.changed} == {"長さが30分で、設定は60分です"}
    assert [line["count"] for line in by_day(found.surplus)] == [2, 2]


def test_what_is_missing_leads_to_making_it(client: Client, check_up: CheckUp, pattern: WeeklyPattern) -> None:
    Slot.objects.filter(day=FIRST_DAY).delete()
    assert "まだ作っていない枠：4枠" in shown(client, check_up)


def test_an_unknown_act_does_nothing(client: Client, check_up: CheckUp, pattern: WeeklyPattern) -> None:
    answer = client.post(url("differences", check_up.calendar), PERIOD | {"act": "sell"})
    assert answer.status_code == 409
    assert Slot.objects.count() == 8


# --- 帳尻


def test_counters_that_are_right_are_told_to_be_so_with_the_time(
    client: Client, cast: Cast, check_up: CheckUp, pattern: WeeklyPattern
) -> None:
    book(cast.children, Slot.objects.order_by("starts_at")[0].pk, alone())
    assert "いま確かめる" in said(client.get(url("balance")))
    page = said(client.post(url("balance")))
    assert "食い違いはありません。" in page
    assert "2027年4月5日 10:00:" in page
    assert "受付1、定員8、予約1を確かめました。" in page


def test_a_wrong_counter_is_named_with_what_to_do_and_only_to_its_own_department(
    client: Client, cast: Cast, check_up: CheckUp, pattern: WeeklyPattern, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bucket.objects.update(taken=1)
    first = Bucket.objects.order_by("pk")[0].pk
    page = said(client.post(url("balance")))
    assert f"定員 {first}: 数は1、予約の合計は0です。" in page
    assert "食い違いが8件あります。" in page
    assert "システムの管理者に連絡してください。" in page
    monkeypatch.setattr(balance, "SHOWN", 3)
    assert "食い違いが3件より多くあります。" in said(client.post(url("balance")))
    client.force_login(cast.other_officer)
    assert "食い違いはありません。" in said(client.post(url("balance")))
    client.force_login(cast.admin)
    assert f"定員 {first}:" in said(client.post(url("balance")))
