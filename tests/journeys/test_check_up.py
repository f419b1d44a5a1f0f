"""The check-up: a family books on a phone, loses its hold, picks another time, moves and cancels it by the mail."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from applications.models import Application
from applications.status import Status
from cms.models import Department, DepartmentPage
from demo.check_up import build_check_up
from formbuilder.importing import import_form
from outreach.models import Message
from reservations import services
from reservations.expiry import expire_holds
from reservations.invariant import problems
from reservations.models import Attendee, Booking, Calendar, Slot, State
from reservations.party import Person
from reservations.resident.links import token_of
from tests.journeys.conftest import OpenContext
from tests.reservations.scene import applications, booked
from tests.support.cast import Cast, make_cast
from tests.support.pages import axe, leave, look
from tests.support.server import Server, eventually
from tests.support.watch import Watch

FORM = Path(settings.BASE_DIR) / "demo" / "forms" / "sogo-kenshin.json"
START = "/apply/sogo-kenshin/"


@pytest.fixture
def cast(server: Server) -> Cast:
    made = make_cast()
    Department.objects.filter(pk=made.children.pk).update(phone="025-000-1003")
    build_check_up(made.children)
    data = json.loads(FORM.read_text(encoding="utf-8"))
    import_form(data, section=DepartmentPage.objects.get(department=made.children), publish=True)
    return made


def go_on(page: Page) -> None:
    leave(page.locator("button[name=action][value=next]:visible").last)


def fill_person(page: Page, base: str, family: str, given: str, kana: tuple[str, str], birth: tuple[str, ...]) -> None:
    """base: of the boxes' ids, up to the name of the item."""
    for part, text in (("shimei-family", family), ("shimei-given", given)):
        page.fill(f'[id="{base}{part}"]', text)
    for part, text in zip(("kana-family", "kana-given"), kana, strict=True):
        page.fill(f'[id="{base}{part}"]', text)
    page.select_option(f'[id="{base}birth-era"]', "西暦")
    for part, text in zip(("year", "month", "day"), birth, strict=True):
        page.fill(f'[id="{base}birth-{part}"]', text)


def fill_applicant(page: Page) -> None:
    page.goto(START)
    fill_person(page, "f-", "見本", "花子", ("ミホン", "ハナコ"), ("1980", "4", "1"))
    page.check("input[name=f-sex][value=female]")
    page.fill("#f-jusho-postcode", "9518550")
    page.select_option("#f-jusho-prefecture", "新潟県")
    page.fill("#f-jusho-city", "みほん市")
    page.fill("#f-jusho-town", "中央1-2-3")
    page.fill("#f-tel", "09012345678")
    page.fill("#f-mail", "hanako@example.jp")
    page.check("input[name=f-hoken][value=kokuho]")
    go_on(page)
    for exam in ("stomach", "lungs"):
        page.check(f"input[name=f-kenshin][value={exam}]")
    go_on(page)


def fill_relative(page: Page, row: int, given: str, kana: str, sex: str, exam: str) -> None:
    page.get_by_role("button", name="ご家族を追加する").click()
    page.wait_for_load_state()
    base = f"f-kazoku.{row}.k_"
    fill_person(page, base, "見本", given, ("ミホン", kana), ("1978", "2", "3"))
    page.check(f'input[name="{base}sex"][value={sex}]')
    page.check(f'input[name="{base}kenshin"][value={exam}]')


def to_picking(page: Page, relatives: int = 2) -> None:
    fill_applicant(page)
    if relatives:
        fill_relative(page, 0, "太郎", "タロウ", "male", "stomach")
    if relatives > 1:
        fill_relative(page, 1, "桜", "サクラ", "female", "bones")
    go_on(page)  # the family
    go_on(page)  # what it costs
    expect(page.locator("h1")).to_have_text("日時の選択")


def first_slot() -> Slot:
    slot = Slot.objects.order_by("starts_at", "venue").first()
    assert slot is not None
    return slot


def link() -> str:
    return f"/reservation/{token_of(Application.objects.get(applicant='見本 花子'))}/"


def test_a_family_of_three_books_loses_the_hold_and_picks_another_time(phone: BrowserContext, cast: Cast) -> None:
    page = phone.new_page()
    to_picking(page)
    expect(page.locator(".mg-wishes")).to_contain_text("見本 太郎：胃がん検診")
    look(page, "check-up-picking")
    page.locator("button.mg-slot").first.click()
    expect(page.locator("h1")).to_have_text("入力内容の確認")
    expect(page.locator("[data-kept-left]")).to_have_text(re.compile("あと1[45]分"))
    look(page, "check-up-check")
    slot = first_slot()
    assert booked(slot) == 3
    assert not list(problems())
    # the hold runs out, and somebody else takes the places
    Booking.objects.update(hold_expires_at=timezone.now() - timedelta(seconds=1))
    expire_holds()
    (other,) = applications(cast.form, 1)
    services.hold(application=other, slot_id=slot.pk, party=(Person(places=5),))
    services.hold(application=applications(cast.form, 1)[0], slot_id=slot.pk, party=(Person(places=4),))
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.locator("h1")).to_have_text("日時の選択")
    expect(page.get_by_text("仮押さえの時間が過ぎました")).to_be_visible()
    expect(page.get_by_text("残1（3が必要です）")).to_be_visible()
    look(page, "check-up-hold-lost")
    page.get_by_role("heading", name="近い日時の空き").locator("..").locator("button.mg-slot").first.click()
    expect(page.locator("h1")).to_have_text("入力内容の確認")
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.locator("h1")).to_have_text("申請を受け付けました")
    expect(page.get_by_role("link", name="予約の確認・変更・取消")).to_be_visible()
    look(page, "check-up-done")
    eventually(lambda: Message.objects.filter(template="reservation_slot_confirmed").exists())
    booking = Booking.objects.get(state=State.CONFIRMED)
    names = list(Attendee.objects.filter(booking=booking).values_list("name", flat=True))
    assert names == ["見本 花子", "見本 太郎", "見本 桜"]
    assert not list(problems())


def test_it_is_changed_and_cancelled_by_the_link_in_the_mail(
    phone: BrowserContext, open_context: OpenContext, cast: Cast
) -> None:
    page = phone.new_page()
    to_picking(page, relatives=0)
    leave(page.locator("button.mg-slot").first)
    leave(page.get_by_role("button", name="この内容で申請する"))
    eventually(lambda: Booking.objects.filter(state=State.CONFIRMED).exists())
    elsewhere = open_context("desktop").new_page()  # which has nothing but the link
    elsewhere.goto(link())
    expect(elsewhere.locator("h1")).to_have_text("予約の内容")
    look(elsewhere, "reservation")
    leave(elsewhere.get_by_role("link", name="日時を変更する"))
    look(elsewhere, "reservation-change")
    elsewhere.locator("button.mg-slot").nth(2).click()
    expect(elsewhere.get_by_text("日時を変更しました。")).to_be_visible()
    expect(elsewhere.get_by_text("7:00〜7:30").first).to_be_visible()
    axe(elsewhere)
    with elsewhere.expect_download() as file:
        elsewhere.get_by_role("link", name="カレンダーに入れる").click()
    assert file.value.suggested_filename == "yoyaku.ics"
    leave(elsewhere.get_by_role("link", name="予約を取り消す"))
    look(elsewhere, "reservation-cancel")
    elsewhere.get_by_role("button", name="予約を取り消す").click()
    expect(elsewhere.locator("h1")).to_have_text("予約は取り消されています")
    look(elsewhere, "reservation-cancelled")
    assert Application.objects.get(applicant="見本 花子").status == Status.SUBMITTED
    eventually(lambda: Message.objects.filter(template="reservation_slot_cancelled").exists())
    assert not list(problems())


def test_without_a_script_and_by_keyboard_alone(chromium: Browser, server: Server, watch: Watch, cast: Cast) -> None:
    context = chromium.new_context(base_url=server.url, locale="ja-JP", java_script_enabled=False)
    watch.attach(context)
    page = context.new_page()
    to_picking(page, relatives=0)
    page.get_by_role("link", name="一覧で見る").focus()
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_have_count(1)
    day = page.locator("main details summary").nth(1)
    day.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("入力内容の確認")
    expect(page.get_by_text("まで、この日時を確保しています")).to_be_visible()
    second = Slot.objects.values_list("day", flat=True).distinct().order_by("day")[1]
    assert Booking.objects.get().slot.day == second
    leave(page.get_by_role("link", name=re.compile("変更する.*予約の日時")))
    leave(page.get_by_role("link", name="次の月"))
    assert Calendar.objects.get().slots.count() > 100
    leave(page.locator("button.mg-slot").first)
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.locator("h1")).to_have_text("申請を受け付けました")
    assert not list(problems())
    context.close()
