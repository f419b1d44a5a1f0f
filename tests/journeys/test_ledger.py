"""A clerk at the telephone: an appointment in half a minute of typing, the mark at the door, the sheet for the day."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, CDPSession, Page, expect
from pypdf import PdfReader

from applications.models import Application, Channel
from cms.models import Department, Role
from formbuilder.models import FormPage
from reservations import services
from reservations.ledger.entering import wait as enter_the_list
from reservations.models import Attendance, Booking, Item, Presence, State
from staff.models import User
from tests.journeys.conftest import OpenContext
from tests.journeys.test_building import log_in
from tests.reservations.desk import booked_by_staff, held_by_resident, make_checkup_form, somebody
from tests.reservations.scene import FIRST_DAY, CheckUp, add_slots, make_check_up
from tests.support.cast import PASSWORD, draft, key_of, make_department, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server

MOST_KEYS = 120  # half a minute at four keys a second, which is no fast clerk


@dataclass
class Keyboard:
    """Counts every key that the clerk presses."""

    page: Page
    cdp: CDPSession
    keys: int = 0
    boxes: int = 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.keys += len(text)
        self.boxes += 1

    def name(self, keys: str, kana: str, written: str) -> None:
        """As with an input method: letters become kana, the space bar converts them, Enter takes the result."""
        for end in range(1, len(kana) + 1):
            self.cdp.send("Input.imeSetComposition", {"text": kana[:end], "selectionStart": end, "selectionEnd": end})
        end = len(written)
        self.cdp.send("Input.imeSetComposition", {"text": written, "selectionStart": end, "selectionEnd": end})
        self.cdp.send("Input.insertText", {"text": written})
        self.keys += len(keys) + 2
        self.boxes += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def tab_to(self, id_: str) -> None:
        for _ in range(6):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.id") == id_:
                return
        raise AssertionError(f"{id_} is too far away, at {self.page.evaluate('document.activeElement.outerHTML')}")


@pytest.fixture
def department(server: Server) -> Department:
    health = make_department("保健福祉センター", "hoken")
    make_staff("denwa", (health, Role.OFFICER), password=PASSWORD)
    return health


@pytest.fixture
def check_up(department: Department) -> CheckUp:
    made = make_check_up(department)
    add_slots(made, 4, places=5, public=3)
    add_slots(made, 4, places=5, venue=made.other_venue)
    return made


def box(name: str, part: str = "") -> str:
    return f"f-{key_of(name)}{'-' if part else ''}{part}"


def type_the_form(page: Page, desk: Keyboard) -> None:
    """Nothing but keys, from the first box, where the page begins, to the last."""
    expect(page.locator(f"#{box('氏名', 'family')}")).to_be_focused()
    desk.name("mihonn", "みほん", "見本")
    desk.tab_to(box("氏名", "given"))
    desk.name("hanako", "はなこ", "花子")
    expect(page.locator(f"#{box('フリガナ', 'family')}")).to_have_value("ミホン")
    desk.press("Tab", "Tab")  # the kana are there already
    desk.tab_to(box("生年月日", "year"))
    for part, text in (("year", "1950"), ("month", "1"), ("day", "2")):
        if part != "year":
            desk.tab_to(box("生年月日", part))
        desk.type(text)
    desk.tab_to(box("性別"))
    desk.press("Space")
    desk.tab_to(box("住所", "postcode"))
    desk.type("9518550")
    desk.tab_to(box("住所", "prefecture"))
    expect(page.locator(f"#{box('住所', 'prefecture')}")).to_have_value("新潟県")
    desk.tab_to(box("住所", "town"))
    desk.press("End")
    desk.type("602-1")
    desk.tab_to(box("電話番号"))
    desk.type("0250123456")
    desk.tab_to(box("加入保険"))
    desk.press("Space")
    desk.tab_to(box("受けたい項目"))
    desk.press("Space", "Enter")


def take_sheets(page: Page, folder: Path) -> None:
    """Both files of the day, with the right people in them."""
    for button, name in (("受付名簿（PDF）", "sheet.pdf"), ("受付名簿（Excel）", "sheet.xlsx")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert download.value.suggested_filename.startswith("受付名簿_総合検診_20270607")
        download.value.save_as(folder / name)
    texts = [part.extract_text() for part in PdfReader(folder / "sheet.pdf").pages]
    assert "見本 花子" in texts[0] and "見本 川子" in texts[1] and "次郎" not in "".join(texts)
    book = load_workbook(BytesIO((folder / "sheet.xlsx").read_bytes()))
    row = [cell.value for cell in book.worksheets[0][4]]
    assert (row[0], row[2], row[3], row[5], row[-2:]) == ("6:00", "見本 花子", "ミホン ハナコ", "○", ["電話", "来場"])


def test_a_phone_booking_a_mark_and_the_sheet_of_the_day(
    department: Department, check_up: CheckUp, desktop: BrowserContext, tmp_path: Path
) -> None:
    form = make_checkup_form(department)
    officer = make_staff("hoka", (department, Role.OFFICER))
    first, second, *_ = check_up.calendar.slots.order_by("starts_at", "venue")
    booked_by_staff(form, second, officer, somebody("川子", "カワコ"))
    held_by_resident(form, first, somebody("次郎", "ジロウ"))

    page = desktop.new_page()
    log_in(page, "denwa")
    page.goto(f"/admin/ledger/receptions/kenshin/?day={FIRST_DAY}")
    expect(page.get_by_role("heading", name="総合検診 2027年6月7日（月）")).to_be_visible()
    axe(page, within=".ledger")
    picture(page, "ledger-day-desktop")
    page.locator(f"#s{first.pk}").get_by_role("link", name="電話で予約").click()

    expect(page.locator("h1")).to_contain_text("6:00〜6:30 あすぱる")
    desk = Keyboard(page, desktop.new_cdp_session(page))
    axe(page)
    type_the_form(page, desk)
    expect(page.get_by_text("予約しました。受付番号は")).to_be_visible()
    print(f"{desk.keys} keys in {desk.boxes} boxes")
    assert desk.keys <= MOST_KEYS

    booking = Booking.objects.get(slot=first, state=State.CONFIRMED)
    assert (booking.channel, booking.application.applicant) == (Channel.PHONE, "見本 花子")
    answers = Application.objects.get(pk=booking.application_id).answers
    assert answers[key_of("フリガナ")] == {"family": "ミホン", "given": "ハナコ"}
    assert answers[key_of("住所")]["city"] == "新潟市中央区"
    axe(page, within=".ledger")

    page.get_by_role("button", name="来場").first.click()
    expect(page.locator(".ledger-mark--came")).to_have_text("来場")
    assert Attendance.objects.get().presence == Presence.CAME
    picture(page, "ledger-booking-desktop")

    page.goto(f"/admin/ledger/receptions/kenshin/?day={FIRST_DAY}")
    picture(page, "ledger-day-marked-desktop")
    take_sheets(page, tmp_path)


def somebody_to_call(form: FormPage, check_up: CheckUp, officer: User) -> None:
    """Who called for a full slot, in which a place came free."""
    (full,) = add_slots(check_up, day=FIRST_DAY + timedelta(days=1))
    there = booked_by_staff(form, full, officer, somebody("先子", "サキコ"))
    waiting = draft(form, somebody("待子", "マチコ"), channel=Channel.PHONE)
    enter_the_list(waiting, slot_id=full.pk, actor=officer)
    services.staff_cancel(booking_id=there.pk, actor=officer, reason="電話")


def test_the_ledger_on_a_phone(department: Department, check_up: CheckUp, open_context: OpenContext) -> None:
    form = make_checkup_form(department)
    officer = make_staff("hoka", (department, Role.OFFICER))
    slot, other, *_ = check_up.calendar.slots.order_by("starts_at", "venue")
    booking = booked_by_staff(form, slot, officer, somebody("川子", "カワコ"))
    held_by_resident(form, slot, somebody("次郎", "ジロウ"))
    somebody_to_call(form, check_up, officer)
    page = open_context("phone").new_page()
    log_in(page, "denwa")
    calls = page.get_by_role("region", name="キャンセル待ちの順番を電話で知らせる方")
    expect(calls.get_by_role("link", name="見本 待子")).to_be_visible()
    picture(page, "ledger-calls-home-phone")
    page.goto(f"/admin/ledger/receptions/kenshin/?day={FIRST_DAY}")
    leave(page.get_by_role("button", name="つながらない：見本 待子"))
    expect(page.locator(".ledger-calls")).to_contain_text("つながらず")
    for name, address in (
        ("day", f"receptions/kenshin/?day={FIRST_DAY}"),
        ("list", "bookings/"),
        ("booking", f"bookings/{booking.pk}/"),
        ("change", f"bookings/{booking.pk}/change/"),
        ("cancel", f"bookings/{booking.pk}/cancel/"),
        ("statistics", "receptions/kenshin/statistics/?year=2027"),
        ("entry", f"slots/{other.pk}/book/?channel=counter"),
    ):
        page.goto(f"/admin/ledger/{address}")
        axe(page, within=None if name == "entry" else "main")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{address} is {width} wide"
        picture(page, f"ledger-{name}-phone")
    page.goto(f"/admin/ledger/receptions/kenshin/?day={FIRST_DAY}")
    leave(page.get_by_role("button", name="伝えた：見本 待子"))
    expect(page.locator(".ledger-calls")).to_have_count(0)
    desktop = open_context("desktop").new_page()
    log_in(desktop, "denwa")
    for name, address in (
        ("waiting", "../waiting/"),
        ("list", "bookings/"),
        ("change", f"bookings/{booking.pk}/change/"),
        ("cancel", f"bookings/{booking.pk}/cancel/"),
        ("statistics", "receptions/kenshin/statistics/?year=2027"),
        ("entry", f"slots/{other.pk}/book/?channel=counter"),
    ):
        desktop.goto(f"/admin/ledger/{address}")
        picture(desktop, f"ledger-{name}-desktop")


def test_with_eight_items_a_name_has_room_and_the_marks_are_on_the_screen(
    department: Department, check_up: CheckUp, desktop: BrowserContext
) -> None:
    for number in range(check_up.calendar.items.count(), 8):
        Item.objects.create(
            calendar=check_up.calendar, code=f"more-{number}", name=f"{number}がん検診（CT）", order=number
        )
    officer = make_staff("hoka", (department, Role.OFFICER))
    slot = check_up.calendar.slots.order_by("starts_at", "venue")[0]
    booked_by_staff(make_checkup_form(department), slot, officer, somebody("川子", "カワコ"))
    page = desktop.new_page()
    log_in(page, "denwa")
    page.goto(f"/admin/ledger/receptions/kenshin/?day={FIRST_DAY}")
    name = page.get_by_role("link", name="見本 川子").bounding_box()
    mark = page.get_by_role("button", name="欠席").bounding_box()
    assert name and name["width"] > name["height"] and name["height"] < 30  # on one line
    assert mark and mark["x"] + mark["width"] < 1280
    fits = page.locator(".ledger-table").evaluate("box => box.scrollWidth <= box.clientWidth")
    assert fits
    picture(page, "ledger-eight-items-desktop")
