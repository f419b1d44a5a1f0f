"""One check-up from an empty office to its morning: who makes it, who books, who waits, who is on the sheet."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from applications.models import Channel
from cms.models import Department, DepartmentPage, Role
from demo.check_up import ITEMS
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from outreach.models import Message
from reservations.invariant import problems
from reservations.models import Attendee, Booking, Calendar, Slot, State, Wait, WaitingEntry
from tests.journeys.conftest import OpenContext
from tests.journeys.test_building import log_in, publish
from tests.journeys.test_check_up import FORM, fill_person, fill_relative, first_slot, go_on, link
from tests.journeys.test_setting_up_a_reception import follow, press
from tests.support.cast import PASSWORD, make_department, make_staff
from tests.support.pages import axe, picture, unfold
from tests.support.server import Server, eventually
from tests.support.watch import Watch

PLACES = 4  # of a slot: a family of three, and one who calls
# what the editor sets, by the name of the input
WANTED = {
    "items": ["=［受けたい検診］", "=［乳がん検診］"],
    "person": "=連結(［氏名カナ.family］, ［氏名カナ.given］, ［生年月日］)",
    "rows": "家族",
    "row_items": ["=［家族の検診］"],
    "row_person": "=連結(［家族の氏名カナ.family］, ［家族の氏名カナ.given］, ［家族の生年月日］)",
    "row_name": '=連結(［家族の氏名.family］, " ", ［家族の氏名.given］)',
}


@pytest.fixture
def department(server: Server) -> Department:
    welfare = make_department("保健福祉センター", "hoken")
    Department.objects.filter(pk=welfare.pk).update(phone="025-000-1003")
    roles = [(welfare, role) for role in (Role.OFFICER, Role.EDITOR, Role.PUBLISHER)]
    make_staff("hitori", *roles, password=PASSWORD)  # one clerk, alone
    return welfare


def make_the_reception(page: Page) -> Calendar:
    """With a year of slots, every Monday in the early morning."""
    page.goto("/admin/receptions/")
    page.get_by_role("link", name="予約の受付を追加").first.click()
    today = timezone.localdate()
    page.get_by_label("名称").fill("総合検診")
    page.get_by_label("有効期間の初日").fill(f"{today}")
    page.get_by_label("有効期間の最終日").fill(f"{today + timedelta(days=364)}")
    press(page, "保存")
    follow(page, "追加：会場")
    page.get_by_label("名称").fill("あすぱる")
    press(page, "保存")
    follow(page, "追加：項目")
    for number, (code, name, _) in enumerate(ITEMS):
        page.get_by_label("名称").fill(name)
        page.get_by_label("コード").fill(code)
        page.get_by_label("並び順").fill(str(number))
        press(page, "保存して、続けて追加")
    follow(page, "やめる")
    follow(page, "追加：曜日と時間")
    for weekday in ("火曜日", "水曜日", "木曜日", "金曜日"):
        page.get_by_label(weekday).uncheck()
    page.get_by_label("開始").fill("06:00")
    page.get_by_label("終了").fill("07:00")
    page.fill("[name=limit_total]", str(PLACES))
    press(page, "保存")
    follow(page, "追加：1日の定員")
    page.get_by_label("項目").select_option(label="胃がん検診")
    page.fill("[name=limit_total]", "6")
    press(page, "保存して、続けて追加")
    follow(page, "やめる")
    follow(page, "枠を作る")
    press(page, "できる枠を確かめる")
    page.get_by_role("button", name="の枠を作る").click()
    expect(page.locator(".messages")).to_contain_text("の枠を作りました。")
    return Calendar.objects.get()


def draft_form(department: Department) -> FormPage:
    """The form of the city next door, as it came in its file; where they ask for a place, there is nothing yet."""
    data = json.loads(FORM.read_text(encoding="utf-8"))
    data["requires"] = []
    return import_form(data, section=DepartmentPage.objects.get(department=department), publish=False)


def ask_for_a_place(page: Page, form: FormPage) -> None:
    """予約 is added to the form by clicking, and the form is published."""
    page.goto(f"/admin/pages/{form.pk}/edit/")
    page.get_by_role("tab", name="本人確認・予約・支払い").click()
    page.locator("div:has(> [name=requires-count]) button.c-sf-add-button").last.click()
    page.get_by_role("option", name="予約", exact=True).click()
    wanted = "requires-0-value"
    page.locator(f"[name={wanted}-calendar]").select_option(label="総合検診")
    unfold(page, f"{wanted}-rows")
    for name, value in WANTED.items():
        if isinstance(value, str):
            page.fill(f"[name={wanted}-{name}]", value)
            continue
        for number, formula in enumerate(value):
            rows = page.locator(f"div:has(> [name={wanted}-{name}-count])")
            rows.locator("button[data-streamfield-list-add]").last.click()
            page.fill(f"[name={wanted}-{name}-{number}-value]", formula)
    picture(page, "whole-editor-1280")
    publish(page)
    assert FormPage.objects.get(pk=form.pk).live


def fill(page: Page, given: str, kana: str, year: str) -> None:
    """The applicant's own items, wherever they stand on the page."""
    fill_person(page, "f-", "見本", given, ("ミホン", kana), (year, "4", "1"))
    page.check("input[name=f-sex][value=female]")
    page.fill("#f-jusho-postcode", "9518550")
    page.select_option("#f-jusho-prefecture", "新潟県")
    page.fill("#f-jusho-city", "みほん市")
    page.fill("#f-jusho-town", "中央1-2-3")
    page.fill("#f-tel", "09012345678")
    page.check("input[name=f-hoken][value=kokuho]")


def to_picking(page: Page, given: str, kana: str, year: str, *, family: bool = False) -> None:
    page.goto("/apply/sogo-kenshin/")
    fill(page, given, kana, year)
    page.fill("#f-mail", "mihon@example.jp")
    go_on(page)
    page.check("input[name=f-kenshin][value=stomach]")
    go_on(page)
    if family:
        fill_relative(page, 0, "太郎", "タロウ", "male", "stomach")
        fill_relative(page, 1, "桜", "サクラ", "female", "bones")
    go_on(page)
    go_on(page)
    expect(page.locator("h1")).to_have_text("日時の選択")


def declare(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("入力内容の確認")
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.locator("h1")).to_have_text("申請を受け付けました")


def book_by_phone(page: Page, slot: Slot) -> None:
    page.goto(f"/admin/ledger/receptions/{slot.calendar.code}/?day={slot.day}")
    page.locator(f"#s{slot.pk}").get_by_role("link", name="電話で予約").click()
    fill(page, "川子", "カワコ", "1955")
    page.check("input[name=f-kenshin][value=bones]")
    picture(page, "whole-entry-1280")
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_text("予約しました。受付番号は")).to_be_visible()


def sheets(page: Page, slot: Slot) -> tuple[str, list[str]]:
    """Text of the PDF, and the names in the Excel file."""
    page.goto(f"/admin/ledger/receptions/{slot.calendar.code}/?day={slot.day}")
    axe(page, within=".ledger")
    picture(page, "whole-day-1280")
    found = []
    for button in ("受付名簿（PDF）", "受付名簿（Excel）"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        found.append(download.value.path().read_bytes())
    text = "".join(part.extract_text() for part in PdfReader(BytesIO(found[0])).pages)
    sheet = load_workbook(BytesIO(found[1])).worksheets[0]
    return text, [str(row[2]) for row in sheet.iter_rows(min_row=4, values_only=True) if row[2]]


def test_from_an_empty_office_to_the_sheet_of_the_day(
    department: Department, desktop: BrowserContext, open_context: OpenContext, watch: Watch
) -> None:
    watch.allow(r"status of 400 .*/admin/pages/")  # Wagtail's own saving, overtaken by a button
    clerk = desktop.new_page()
    log_in(clerk, "hitori")
    calendar = make_the_reception(clerk)
    assert 45 <= calendar.slots.values("day").distinct().count() <= 53
    ask_for_a_place(clerk, draft_form(department))
    slot = first_slot()

    family = open_context("phone").new_page()
    to_picking(family, "花子", "ハナコ", "1980", family=True)
    family.locator("button.mg-slot").first.click()
    declare(family)
    assert set(Attendee.objects.values_list("booking__slot", "name")) == {
        (slot.pk, name) for name in ("見本 花子", "見本 太郎", "見本 桜")
    }

    book_by_phone(clerk, slot)
    assert Booking.objects.get(channel=Channel.PHONE).slot_id == slot.pk

    waiting = open_context("phone").new_page()
    to_picking(waiting, "月子", "ツキコ", "1975")
    waiting.get_by_role("button", name="キャンセル待ちに登録").first.click()
    expect(waiting.get_by_text("いまの順番は1番目です")).to_be_visible()

    family.goto(link())
    family.get_by_role("link", name="予約を取り消す").click()
    family.get_by_role("button", name="予約を取り消す").click()
    expect(family.locator("h1")).to_have_text("予約は取り消されています")
    eventually(lambda: WaitingEntry.objects.filter(state=Wait.OFFERED).exists())
    eventually(lambda: Message.objects.filter(template="waiting_offered", sent_at__isnull=False).exists())
    waiting.reload()
    waiting.get_by_role("link", name="予約の手続を進める").or_(
        waiting.get_by_role("button", name="予約の手続を進める")
    ).click()
    declare(waiting)
    eventually(lambda: Booking.objects.filter(state=State.CONFIRMED).count() == 2)

    text, names = sheets(clerk, slot)
    assert names == ["見本 川子", "見本 月子"]
    assert all(name in text for name in names)
    assert "見本 花子" not in text and "見本 太郎" not in text
    assert not list(problems())
