"""Rows of a group on a phone: added, mended, removed and declared, with a script and without one."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from applications.answers import opened
from applications.models import Application
from formbuilder.models import FormPage
from tests.applications.test_resident_rows import BOX, GROUP, STEPS
from tests.journeys.walking import box, heading, press
from tests.support.cast import key_of, make_cast, make_form
from tests.support.pages import axe, picture
from tests.support.server import Server
from tests.support.watch import Watch


@pytest.fixture
def form(server: Server) -> FormPage:
    return make_form(make_cast().children, title="総合検診 予約", steps=STEPS)


def at(page: Page, row: int, name: str) -> Locator:
    return page.locator(f'[id="{BOX}.{row}.{name}"]')


def begin(page: Page) -> None:
    page.goto("/apply/gift/")
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    page.check(f"input[name=f-{key_of('家族と受ける')}][value=yes]")
    press(page, "次へ進む")
    heading(page, "家族")


def fill(page: Page, row: int, given: str, kin: str, year: str, luggage: str) -> None:
    at(page, row, "name-family").fill("見本")
    at(page, row, "name-given").fill(given)
    page.check(f'input[name="{BOX}.{row}.kin"][value="{kin}"]')
    for part, text in (("year", year), ("month", "4"), ("day", "1")):
        at(page, row, f"birth-{part}").fill(text)
    at(page, row, "luggage").fill(luggage)


def computed(page: Page, name: str) -> Locator:
    return page.locator(f"#f-{key_of(name)}")


def look(page: Page, name: str) -> None:
    axe(page)
    picture(page, name)


def names() -> list[str]:
    answers = opened(Application.objects.select_related("version").get())
    return [row["name"]["given"] for row in answers.get(GROUP, [])]


def test_rows_come_and_go_at_once(form: FormPage, phone: BrowserContext) -> None:
    page = phone.new_page()
    begin(page)
    look(page, "rows-phone-1-empty")
    page.get_by_role("button", name="ご家族を追加する").click()
    expect(page.locator(f'[id="{BOX}.0"]')).to_be_focused()
    fill(page, 0, "太郎", "child", "2015", "2")
    expect(at(page, 0, "age")).to_have_text("11歳")
    expect(at(page, 0, "which")).to_be_hidden()
    page.get_by_role("button", name="ご家族を追加する").click()
    expect(computed(page, "人数")).to_have_text("2人")  # a row in which nothing was entered does not count
    fill(page, 1, "", "その他", "2018", "9")
    expect(at(page, 1, "which")).to_be_visible()
    expect(computed(page, "荷物の合計")).to_have_text("11個")
    expect(computed(page, "人数")).to_have_text("3人")

    press(page, "確認画面へ進む")
    alert = page.get_by_role("alert")
    expect(alert.get_by_role("link")).to_have_text(
        [
            "2人目の名を入力してください。",
            "2人目の続柄の説明を入力してください。",
            "2人目の荷物は5以下の数字で入力してください。",
        ]
    )
    look(page, "rows-phone-2-mistakes")
    alert.get_by_role("link").first.click()
    expect(at(page, 1, "name-given")).to_be_focused()
    at(page, 1, "name-given").fill("次郎")
    at(page, 1, "which").fill("孫")
    at(page, 1, "luggage").fill("1")
    page.get_by_role("button", name="ご家族を追加する").click()
    expect(page.get_by_role("button", name="ご家族を追加する")).to_be_hidden()  # three are as many as there may be
    page.get_by_role("button", name="削除（1人目）").click()
    expect(page.get_by_role("group", name="ご家族（2人目）")).to_be_visible()
    expect(page.get_by_role("button", name="ご家族を追加する")).to_be_visible()
    expect(computed(page, "荷物の合計")).to_have_text("1個")
    page.get_by_role("button", name="ご家族を追加する").click()
    fill(page, 3, "三郎", "child", "2020", "")
    press(page, "確認画面へ進む")

    heading(page, "入力内容の確認")
    expect(page.locator("main")).to_contain_text("見本 次郎")
    expect(page.locator("main")).not_to_contain_text("太郎")
    look(page, "rows-phone-3-check")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    assert names() == ["次郎", "三郎"]


def test_rows_come_and_go_without_a_script(form: FormPage, chromium: Browser, server: Server, watch: Watch) -> None:
    context = chromium.new_context(
        base_url=server.url, locale="ja-JP", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    begin(page)
    press(page, "ご家族を追加する")
    assert page.url.endswith(f"?rows={GROUP}:1#{BOX}.0")
    fill(page, 0, "太郎", "child", "2015", "2")
    press(page, "ご家族を追加する")
    expect(at(page, 0, "name-given")).to_have_value("太郎")
    fill(page, 1, "", "child", "2018", "9")
    press(page, "確認画面へ進む")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        ["2人目の名を入力してください。", "2人目の荷物は5以下の数字で入力してください。"]
    )
    at(page, 1, "name-given").fill("次郎")
    at(page, 1, "luggage").fill("1")
    press(page, "削除（1人目）")
    expect(at(page, 0, "name-given")).to_have_value("次郎")
    press(page, "確認画面へ進む")
    heading(page, "入力内容の確認")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    assert names() == ["次郎"]
    context.close()


def test_rows_look_well_on_a_wide_screen(form: FormPage, desktop: BrowserContext) -> None:
    page = desktop.new_page()
    begin(page)
    page.get_by_role("button", name="ご家族を追加する").click()
    page.get_by_role("button", name="ご家族を追加する").click()
    fill(page, 0, "太郎", "その他", "2015", "2")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look(page, "rows-desktop")
