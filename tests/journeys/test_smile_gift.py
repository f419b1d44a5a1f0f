"""The first real procedure, whole: a resident on a phone, two mistakes, photographs, a receipt, the officer's case."""

import json
import re
from io import BytesIO
from pathlib import Path
from zlib import crc32

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from applications.models import Application, Event
from applications.status import Status
from cms.models import DepartmentPage, Role
from formbuilder.importing import import_form
from outreach.models import Message
from tests.followup.following import digits_in
from tests.formbuilder.uploads.samples import pdf
from tests.support.cast import PASSWORD, Cast, make_cast, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually

FORM = Path(settings.BASE_DIR) / "demo" / "forms" / "smile-gift.json"
START = "/apply/smile-gift/"


@pytest.fixture
def cast(server: Server) -> Cast:
    made = make_cast()
    data = json.loads(FORM.read_text(encoding="utf-8"))
    import_form(data, section=DepartmentPage.objects.get(department=made.children), publish=True)
    return made


def photo(name: str) -> FilePayload:
    """A picture of one colour; another name, another colour."""
    buffer = BytesIO()
    Image.new("RGB", (1200, 1600), f"#{crc32(name.encode()) % 0xFFFFFF:06x}").save(buffer, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def go_on(page: Page) -> None:
    """次へ進む, 確認画面へ進む: the button that a person sees."""
    leave(page.locator("button[name=action][value=next]:visible").last)


def fill(page: Page, key: str, **boxes: str) -> None:
    for part, text in boxes.items():
        box = page.locator(f"#f-{key}-{part}")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(text)
        else:
            box.fill(text)


def fill_applicant(page: Page) -> None:
    fill(page, "shimei", family="𠮷田", given="花子")
    fill(page, "kana", family="よしだ", given="ﾊﾅｺ")
    fill(page, "birth", era="平成", year="７", month="4", day="30")
    page.fill("#f-jusho-postcode", "９５１－８５５０")
    page.click("button[name=lookup]")
    expect(page.locator("#f-jusho-city")).to_have_value("新潟市中央区")
    page.fill("#f-jusho-town", "学校町通1番町602-1")
    page.fill("#f-tel", "０９０１２３４５６７８")


def fill_pregnancy(page: Page) -> None:
    fill(page, "todokede", era="令和", year="8", month="10", day="1")
    fill(page, "yotei", era="令和", year="9", month="4", day="1")
    page.check("input[name=f-tatai][value=yes]")
    page.fill("#f-kazu", "2")
    page.set_input_files("#f-techo", [photo("表紙.jpg"), photo("二枚目.jpg")])


def fill_pregnancy_without_the_number(page: Page) -> None:
    fill(page, "todokede", era="令和", year="8", month="10", day="1")
    fill(page, "yotei", era="令和", year="9", month="4", day="1")
    page.check("input[name=f-tatai][value=yes]")
    page.set_input_files("#f-techo", [photo("表紙.jpg")])


def fill_account(page: Page) -> None:
    page.check("input[name=f-houhou][value=shitei]")
    names = {"bank_name": "第四北越銀行", "bank_code": "0140", "branch_name": "本店営業部", "branch_code": "201"}
    fill(page, "kouza", **names, number="1234567", holder="よしだ　はなこ")
    page.check("input[name=f-kouza-kind][value='1']")
    passbook: FilePayload = {"name": "通帳.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.set_input_files("#f-tsucho", [passbook])


def verify_address(page: Page) -> None:
    """Sends the code, and types what the mail says; without a mail server it is read in 送信メール."""
    expect(page.locator("h1")).to_have_text("メールアドレスの確認")
    page.get_by_role("button", name="確認コードを送る").click()
    expect(page.locator("#digits")).to_be_visible()
    codes = Message.objects.filter(template="followup_code_address")
    eventually(lambda: codes.exists())
    page.fill("#digits", digits_in(codes[0].body))
    leave(page.get_by_role("button", name="確認する"))


def through_the_form(page: Page) -> None:
    """From the first step to the check page, without a mistake."""
    page.goto(START)
    page.check("#f-doui")
    page.fill("#f-mail", "hanako@example.jp")
    go_on(page)
    fill_applicant(page)
    go_on(page)
    fill_pregnancy(page)
    go_on(page)
    fill_account(page)
    go_on(page)
    verify_address(page)


def test_a_resident_applies_on_a_phone_and_the_desk_has_it(
    cast: Cast, phone: BrowserContext, desktop: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto(START)
    axe(page)
    go_on(page)  # nothing filled in
    expect(page.get_by_role("alert")).to_contain_text("2件の誤り")
    axe(page)
    through_the_form(page)
    expect(page).to_have_url(re.compile("/check/$"))
    for shown in ("𠮷田 花子", "ヨシダ", "平成7年4月30日", "090-1234-5678", "50,000円", "2人", "表紙.jpg", "ﾖｼﾀﾞ ﾊﾅｺ"):
        expect(page.locator("main")).to_contain_text(shown)
    axe(page)
    picture(page, "smile-gift-check")
    leave(page.locator("button[value=declare]"))

    application = Application.objects.get()
    assert application.status == Status.SUBMITTED
    expect(page.locator("main")).to_contain_text(str(application.reference))
    axe(page)
    picture(page, "smile-gift-done")
    eventually(lambda: Message.objects.filter(application=application, state="sent").exists())

    make_staff("kakari", (cast.children, Role.OFFICER), password=PASSWORD)
    desk = desktop.new_page()
    desk.goto("/admin/login/")
    desk.fill("input[name=username]", "kakari")
    desk.fill("input[name=password]", PASSWORD)
    leave(desk.locator("button[type=submit]"))
    desk.goto("/admin/cases/")
    desk.click(f"text={application.reference}")
    for shown in ("𠮷田 花子", "通帳.pdf", "0140", "1234567"):
        expect(desk.locator("main")).to_contain_text(shown)
    desk.goto("/admin/messages/")
    expect(desk.locator("main")).to_contain_text(str(application.reference))


def test_mistakes_and_going_back_lose_nothing(cast: Cast, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(START)
    page.check("#f-doui")
    page.fill("#f-mail", "hanako@example.jp")
    go_on(page)
    fill_applicant(page)
    fill(page, "birth", month="2", day="31")  # there is no such day
    page.fill("#f-tel", "12345")
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("2件の誤り")
    expect(page.locator("#f-birth-day")).to_have_value("31")
    expect(page.locator("#f-tel")).to_have_value("12345")
    expect(page.locator("#f-shimei-family")).to_have_value("𠮷田")
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id").startswith("f-birth")
    leave(page.locator("button[value=back]"))
    go_on(page)
    expect(page.locator("#f-tel")).to_have_value("12345")
    page.go_back()
    page.go_forward()
    fill(page, "birth", month="4", day="30")
    page.fill("#f-tel", "0252281000")
    go_on(page)
    expect(page.locator("h1")).to_have_text("妊娠")
    page.goto(START)  # another day
    expect(page.locator("h1")).to_have_text("妊娠")


def test_a_double_tap_makes_one_application(cast: Cast, phone: BrowserContext) -> None:
    page = phone.new_page()
    through_the_form(page)
    page.evaluate(
        "() => { const form = document.querySelector('button[value=declare]').form;"
        " const send = () => fetch(location.href, {method: 'POST', body: new FormData(form)});"
        " return Promise.all([send(), send(), send()]); }"
    )
    page.goto(START)
    application = Application.objects.get()
    expect(page.locator("main")).to_contain_text(str(application.reference))
    assert Event.objects.filter(application=application, kind="arrived").count() == 1


def test_who_lives_elsewhere_is_told_before_the_work(cast: Cast, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(START)
    page.check("#f-doui")
    page.fill("#f-mail", "hanako@example.jp")
    go_on(page)
    fill_applicant(page)
    fill(page, "jusho", city="長岡市")
    go_on(page)
    expect(page.locator("h1")).to_contain_text("対象外")
    axe(page)
    picture(page, "smile-gift-stop")
    page.goto(f"{START}check/")
    expect(page.locator("h1")).to_contain_text("対象外")
    leave(page.get_by_role("link", name="前の画面"))
    fill(page, "jusho", city="新潟市西区")
    go_on(page)
    expect(page.locator("h1")).to_have_text("妊娠")


def test_the_whole_form_works_without_a_script(cast: Cast, chromium: Browser, server: Server) -> None:
    context = chromium.new_context(base_url=server.url, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(START)
    page.check("#f-doui")
    page.fill("#f-mail", "hanako@example.jp")
    go_on(page)
    fill_applicant(page)
    go_on(page)
    fill_pregnancy_without_the_number(page)
    go_on(page)  # 「多胎=はい」 makes the number appear, with what is missing
    page.fill("#f-kazu", "2")
    go_on(page)
    page.check("input[name=f-houhou][value=koukin]")
    go_on(page)
    verify_address(page)
    page.locator("button[value=declare]").click()
    expect(page.locator("main")).to_contain_text(str(Application.objects.get().reference))
    context.close()
