"""A clerk makes the check-up's reception and its year of slots from nothing, and mends slots that people booked."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from cms.models import Department, Role
from formbuilder.japanese.closed_days import holiday_name, is_new_year
from reservations.models import Bucket, Calendar, Scope, Slot
from tests.journeys.test_building import log_in
from tests.reservations.admin import book
from tests.reservations.scene import FIRST_DAY, alone
from tests.support.cast import PASSWORD, make_department, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server
from tests.support.watch import Watch

VENUES = ("あすぱる", "川北生涯学習センター")
QUOTAS = {"胃（バリウム）": 40, "肺CT": 30, "乳がん": 20, "子宮頸がん": 20, "骨密度": 25}
# tall, because Wagtail scrolls within the page
PHONE: ViewportSize = {"width": 390, "height": 2800}
DESKTOP: ViewportSize = {"width": 1280, "height": 2000}


@pytest.fixture
def department(server: Server) -> Department:
    welfare = make_department("保健福祉センター", "hoken")
    make_staff("uketsuke", (welfare, Role.OFFICER), password=PASSWORD)
    return welfare


def look(page: Page, name: str) -> None:
    """Ours without a fault; Wagtail's frame around it is Wagtail's. A picture on the desk and one on a phone."""
    axe(page, ".setup")
    page.set_viewport_size(DESKTOP)
    picture(page, f"setup-{name}-desktop")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{name} is wider than a phone"
    picture(page, f"setup-{name}-phone")
    page.set_viewport_size(DESKTOP)


def press(page: Page, name: str) -> None:
    leave(page.get_by_role("button", name=name, exact=True))


def follow(page: Page, name: str) -> None:
    leave(page.get_by_role("link", name=name, exact=True).first)


def begin(page: Page) -> None:
    page.get_by_role("button", name="予約", exact=True).click()
    page.get_by_role("link", name="予約の受付", exact=True).click()
    page.get_by_role("link", name="予約の受付を追加").first.click()
    page.get_by_label("名称").fill("総合検診")
    page.get_by_label("有効期間の初日").fill("2027-04-01")
    page.get_by_label("有効期間の最終日").fill("2027-03-31")  # before it begins
    for deadline in ("book", "change", "cancel"):
        page.fill(f"[name={deadline}_days]", "7")
        page.fill(f"[name={deadline}_time]", "17:00")
    press(page, "保存")
    expect(page.get_by_text("最終日は、初日と同じ日か後の日にしてください。")).to_be_visible()
    look(page, "basics")
    page.get_by_label("有効期間の最終日").fill("2028-03-31")
    press(page, "保存")
    expect(page.get_by_text("枠を作るまでに、あと")).to_be_visible()
    look(page, "empty")


def add_places_and_items(page: Page) -> None:
    follow(page, "追加：会場")
    for name in VENUES:
        page.get_by_label("名称").fill(name)
        press(page, "保存して、続けて追加")
    follow(page, "やめる")
    follow(page, "追加：項目")
    for number, name in enumerate(QUOTAS):
        page.get_by_label("名称").fill(name)
        page.get_by_label("コード").fill(f"item-{number}")
        page.get_by_label("並び順").fill(str(number))
        press(page, "保存して、続けて追加")
    follow(page, "やめる")


def add_hours_and_limits(page: Page) -> None:
    follow(page, "追加：曜日と時間")
    for weekday in ("土曜日", "日曜日"):
        page.get_by_label(weekday).check()
    page.get_by_label("開始").fill("06:00")
    page.get_by_label("終了").fill("10:00")
    page.fill("[name=limit_total]", "12")
    look(page, "hours")
    press(page, "保存")
    follow(page, "追加：休み")
    page.get_by_label("初日").fill("2027-06-10")
    page.fill("[name=reason]", "休診")
    press(page, "保存")
    follow(page, "追加：1日の定員")
    for name, most in QUOTAS.items():
        page.get_by_label("項目").select_option(label=name)
        page.fill("[name=limit_total]", str(most))
        press(page, "保存して、続けて追加")
    follow(page, "やめる")
    follow(page, "追加：期")
    page.get_by_label("名称").fill("2027年度")
    page.get_by_label("初日").fill("2027-04-01")
    page.get_by_label("最終日").fill("2028-03-31")
    press(page, "保存")
    expect(page.get_by_text("設定がそろいました。")).to_be_visible()
    look(page, "ready")


def make_the_year(page: Page) -> None:
    follow(page, "枠を作る")
    press(page, "できる枠を確かめる")
    expect(page.get_by_text("海の日").first).to_be_visible()
    expect(page.get_by_text("休診").first).to_be_visible()
    look(page, "preview")
    leave(page.get_by_role("button", name="の枠を作る"))
    expect(page.locator(".messages")).to_contain_text("の枠を作りました。")


def close_a_slot(page: Page) -> None:
    page.get_by_label("6:00〜6:30", exact=True).first.check()
    page.get_by_label("受付を止める").check()
    page.get_by_label("理由").fill("医師の都合")
    press(page, "選んだものを直す")
    expect(page.locator(".messages")).to_contain_text("1件の受付を止めました。")
    expect(page.locator("tr", has=page.get_by_label("6:00〜6:30", exact=True)).first).to_contain_text("停止")


def lower_below_what_is_booked(page: Page) -> None:
    page.get_by_label("6:30〜7:00", exact=True).first.check()
    page.get_by_label("定員を変える").check()
    page.get_by_label("定員", exact=True).fill("0")
    press(page, "選んだものを直す")


def test_a_clerk_makes_the_check_up_and_its_year_of_slots(
    department: Department, desktop: BrowserContext, watch: Watch
) -> None:
    watch.expect("status of 400")  # a period that ends before it begins
    watch.expect("status of 409")  # fewer places than are booked
    page = desktop.new_page()
    log_in(page, "uketsuke")
    begin(page)
    add_places_and_items(page)
    add_hours_and_limits(page)
    make_the_year(page)
    calendar = Calendar.objects.get()
    days = calendar.slots.values("day").distinct().count()
    assert days == 366 - closed_days()
    assert calendar.slots.count() == days * 2 * 8
    assert not calendar.slots.filter(day="2027-06-10").exists()
    assert Bucket.objects.filter(scope=Scope.DAY, day=FIRST_DAY).count() == len(QUOTAS)

    page.goto(f"/admin/receptions/{calendar.pk}/slots/2027/6/")
    look(page, "month")
    leave(page.locator("a.setup-day__link").nth(6))
    close_a_slot(page)

    slot = Slot.objects.get(
        calendar=calendar, venue__name=VENUES[0], day=FIRST_DAY, starts_at__hour=6, starts_at__minute=30
    )
    booking = book(department, slot.pk, alone(name="見本 花子"))
    lower_below_what_is_booked(page)
    concerned = page.locator(".setup-below")
    expect(concerned).to_contain_text("見本 花子")
    expect(concerned).to_contain_text("何も変わっていません。")
    look(page, "below")
    assert Bucket.objects.get(slot=slot, scope=Scope.SLOT).limit_total == 12
    concerned.get_by_role("link", name=booking.application.reference).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(booking.application.reference)

    page.goto(f"/admin/receptions/{calendar.pk}/slot/{slot.pk}/")
    look(page, "slot")
    page.goto(f"/admin/receptions/{calendar.pk}/slots/2027/6/7/")
    look(page, "day")
    page.goto("/admin/receptions/balance/")
    press(page, "いま確かめる")
    expect(page.get_by_text("食い違いはありません。")).to_be_visible()
    look(page, "balance")


def closed_days() -> int:
    """祝日, 年末年始 and the closed day of the year from April 2027."""
    first = date(2027, 4, 1)
    year = (first + timedelta(days=number) for number in range(366))
    return sum(holiday_name(day) is not None or is_new_year(day) or day == date(2027, 6, 10) for day in year)
