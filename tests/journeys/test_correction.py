"""Returned for correction at the desk, corrected on a phone, decided at the desk, read and rated on the phone."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from applications.models import Application
from applications.status import Status
from cms.models import Role
from followup.models import Rating
from tests.followup.following import digits_in
from tests.followup.test_correction import GIVEN, STEPS
from tests.journeys.test_coming_back import mail_of
from tests.journeys.walking import box, heading, photo, press
from tests.support.cast import PASSWORD, make_cast, make_form, make_staff, submit
from tests.support.pages import axe, leave, picture
from tests.support.server import Server


@pytest.fixture
def case(server: Server) -> Application:
    cast = make_cast()
    make_staff("kessai", (cast.children, Role.OFFICER), (cast.children, Role.APPROVER), password=PASSWORD)
    return submit(make_form(cast.children, code="mend", steps=STEPS), GIVEN)


def look(page: Page, name: str, within: str | None = None) -> None:
    axe(page, within)
    picture(page, f"correction-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")


def act(desk: Page, case: Application, label: str) -> None:
    """To the page of something to do, from the case."""
    desk.goto(f"/admin/cases/{case.public_id}/")
    leave(desk.get_by_role("link", name=label, exact=True))
    expect(desk.locator("h1, h2").filter(has_text=label).first).to_be_visible()


def send_back(desk: Page, case: Application) -> None:
    desk.goto("/admin/login/")
    desk.fill("input[name=username]", "kessai")
    desk.fill("input[name=password]", PASSWORD)
    leave(desk.locator("button[type=submit]"))
    act(desk, case, "差し戻す")
    desk.get_by_label("備考").check()
    desk.get_by_label("表紙").check()
    desk.locator("[name=reason]").fill("番地を書いてください。\n表紙の写真も付けてください。")
    look(desk, "return", "main")
    press(desk, "差し戻す")
    expect(desk.locator("main")).to_contain_text("差し戻しました")
    look(desk, "case-returned", "main")


def come_in(page: Page, case: Application) -> None:
    page.goto("/status/")
    page.fill("#reference", str(case.reference))
    press(page, "確認コードを送る")
    heading(page, "確認コードの入力")
    page.fill("#digits", digits_in(mail_of("followup_code_status")))
    press(page, "確認する")


def mend(page: Page) -> None:
    heading(page, "確かめていただくことがあります")
    look(page, "status")
    leave(page.get_by_role("link", name="内容を直す"))
    heading(page, "内容を直してください")
    expect(box(page, "備考")).to_have_value("はじめの備考")
    look(page, "page")
    box(page, "備考").fill("学校町通1-602-1")
    box(page, "表紙").set_input_files([photo()])
    press(page, "確認へ進む")
    heading(page, "直した内容の確認")
    expect(page.locator("main")).to_contain_text("学校町通1-602-1")
    look(page, "check")
    press(page, "この内容で送る")
    heading(page, "受け付けました")


def decide(desk: Page, case: Application) -> None:
    desk.goto(f"/admin/cases/{case.public_id}/")
    expect(desk.locator("main")).to_contain_text("修正の前")
    look(desk, "case-corrected", "main")
    act(desk, case, "審査を始める")
    press(desk, "審査を始める")
    act(desk, case, "決定する")
    desk.locator("[name=message]").fill("金曜日に振り込みます。")
    look(desk, "approve", "main")
    press(desk, "決定する")
    expect(desk.locator("main")).to_contain_text("決定しました")
    act(desk, case, "内部メモを書く")
    look(desk, "note", "main")


def test_returned_corrected_on_a_phone_and_decided(
    case: Application, phone: BrowserContext, desktop: BrowserContext
) -> None:
    desk, page = desktop.new_page(), phone.new_page()
    send_back(desk, case)
    come_in(page, case)
    mend(page)
    decide(desk, case)
    page.reload()
    heading(page, "決定しました")
    expect(page.locator("main")).to_contain_text("金曜日に振り込みます。")
    look(page, "decided")
    leave(page.get_by_role("link", name="使いやすさについて答える"))
    page.check("input[name=score][value='4']")
    press(page, "送る")
    heading(page, "ありがとうございました")
    assert Rating.objects.get().score == 4
    case.refresh_from_db()
    assert case.status == Status.APPROVED and case.attachments.count() == 1
