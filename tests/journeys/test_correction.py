"""The whole way on a phone: begun, cut off, carried to another device with three photos, declared; returned, asked,
corrected; decided with a document, which is saved; rated. At the other end, the desk."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect
from pypdf import PdfReader

from applications.models import Application
from applications.status import Status
from cms.models import Role
from followup.models import Rating
from tests.applications.residents import STEPS as USUAL
from tests.followup.following import ADDRESS, digits_in
from tests.journeys.conftest import OpenContext
from tests.journeys.test_coming_back import mail_of
from tests.journeys.walking import box, document, heading, photo, press
from tests.support.cast import PASSWORD, item, make_cast, make_form, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually
from tests.support.watch import Watch

STEPS = {
    "申請者": [each for each in USUAL["申請者"] if each["settings"]["label"] in ("氏名", "住所", "メール")],
    "内容": [
        item("photo", "写真", min_files=3, max_files=3, max_mb=10),
        item("text", "備考", required=False),
    ],
}
WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


@pytest.fixture
def form(server: Server) -> None:
    cast = make_cast()
    make_staff("kessai", (cast.children, Role.OFFICER), (cast.children, Role.APPROVER), password=PASSWORD)
    make_form(cast.children, code="mend", steps=STEPS)


def look(page: Page, name: str, within: str | None = None) -> None:
    axe(page, within)
    picture(page, f"correction-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")


def look_wide_too(page: Page, name: str) -> None:
    look(page, name)
    page.set_viewport_size(WIDE)
    picture(page, f"correction-{name}-1280")
    page.set_viewport_size(NARROW)


# --- the resident


def begin(page: Page, phone: BrowserContext) -> str:
    """As far as the address, without a connection for a while; the number that carries the draft."""
    page.goto("/apply/mend/")
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    box(page, "メール").fill(ADDRESS)
    phone.set_offline(True)
    box(page, "住所", "postcode").fill("9518550")
    box(page, "住所", "prefecture").select_option("新潟県")
    box(page, "住所", "city").fill("新潟市中央区")
    box(page, "住所", "town").fill("学校町通1-602")
    box(page, "住所", "town").blur()
    expect(page.locator("[data-saved]")).to_contain_text("保存できません")
    look(page, "offline")
    phone.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text("保存しました")
    press(page, "あとで続ける")
    heading(page, "あとで続ける")
    press(page, "続きの番号を表示する")
    heading(page, "続きの番号")
    look(page, "carry")
    return page.locator(".mg-receipt__number").inner_text()


def go_on(page: Page, number: str) -> Application:
    """On the other device, to the end."""
    page.goto("/continue/")
    page.fill("#number", number)
    look(page, "continue")
    press(page, "続きを開く")
    heading(page, "続きから入力する")
    press(page, "この端末で続ける")
    heading(page, "内容")  # what was typed without a connection is there: the first screen is whole
    box(page, "写真").set_input_files([photo("一.jpg", 64), photo("二.jpg", 72), photo("三.jpg", 80)])
    expect(page.locator(".mg-files__item")).to_have_count(3)
    expect(page.locator(".mg-sending__item")).to_have_count(0)
    box(page, "備考").fill("はじめの備考")
    press(page, "確認画面へ進む")
    heading(page, "入力内容の確認")
    expect(page.locator("main")).to_contain_text("学校町通1-602")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    look(page, "done")
    return Application.objects.get()


def come_in(page: Page, case: Application) -> None:
    page.goto("/status/")
    page.fill("#reference", str(case.reference))
    press(page, "確認コードを送る")
    heading(page, "確認コードの入力")
    page.fill("#digits", digits_in(mail_of("followup_code_status")))
    press(page, "確認する")
    heading(page, "確かめていただくことがあります")


def read_and_answer(page: Page) -> None:
    expect(page.locator("main")).to_contain_text("まだ読んでいないメッセージが1通あります")
    look_wide_too(page, "status")
    leave(page.get_by_role("link", name="メッセージを読む・書く"))
    expect(page.locator(".mg-thread")).to_contain_text("番地の分かる書類もお願いします。")
    press(page, "送る")
    expect(page.get_by_role("alert")).to_contain_text("メッセージを入力してください")
    look(page, "message-empty")
    page.fill("#text", "案内図を送ります。\nよろしくお願いします。")
    page.set_input_files("#files", [document("案内図.pdf")])
    press(page, "送る")
    expect(page.get_by_role("status").first).to_contain_text("メッセージを送りました")
    look_wide_too(page, "messages")
    leave(page.get_by_role("link", name="もどる"))


def mend(page: Page) -> None:
    leave(page.get_by_role("link", name="内容を直す"))
    heading(page, "内容を直してください")
    expect(box(page, "備考")).to_have_value("はじめの備考")
    look(page, "page")
    box(page, "備考").fill("学校町通1-602-1")
    page.get_by_role("button", name="三.jpgを削除").click()
    expect(page.locator(".mg-files__item")).to_have_count(2)
    box(page, "写真").set_input_files([photo("四.jpg", 96)])
    press(page, "確認へ進む")
    heading(page, "直した内容の確認")
    expect(page.locator("main")).to_contain_text("学校町通1-602-1")
    look(page, "check")
    press(page, "この内容で送る")
    heading(page, "受け付けました")


def save_and_rate(page: Page) -> None:
    page.reload()
    heading(page, "決定しました")
    expect(page.locator("main")).to_contain_text("金曜日に振り込みます。")
    look_wide_too(page, "decided")
    for name, words in (("「決定通知書」を保存する", ""), ("控えをPDFで保存する", "学校町通1-602-1")):
        if words:
            page.get_by_text("申請した内容を見る").click()
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        saved = PdfReader(Path(download.value.path()))
        assert words in "".join(each.extract_text() for each in saved.pages)
    leave(page.get_by_role("link", name="使いやすさについて答える"))
    page.check("input[name=score][value='4']")
    press(page, "送る")
    heading(page, "ありがとうございました")


# --- the desk


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
    desk.get_by_label("写真").check()
    desk.locator("[name=reason]").fill("番地を書いてください。\n三枚目の写真も撮り直してください。")
    look(desk, "return", "main")
    press(desk, "差し戻す")
    expect(desk.locator("main")).to_contain_text("差し戻しました")
    act(desk, case, "メッセージを書く")
    desk.locator("[name=text]").fill("番地の分かる書類もお願いします。")
    look(desk, "letter", "main")
    press(desk, "メッセージを書く")
    expect(desk.locator("main")).to_contain_text("メッセージを送りました")
    look(desk, "case-returned", "main")


def decide(desk: Page, case: Application) -> None:
    desk.goto("/admin/cases/?message=unread")
    expect(desk.locator("main")).to_contain_text(str(case.reference))
    look(desk, "unread", "main")
    desk.goto(f"/admin/cases/{case.public_id}/")
    for words in ("修正の前", "修正の前のファイル", "三.jpg", "案内図.pdf", "案内図を送ります。"):
        expect(desk.locator("main")).to_contain_text(words)
    look(desk, "case-corrected", "main")
    act(desk, case, "メッセージを既読にする")
    press(desk, "メッセージを既読にする")
    expect(desk.locator("main")).to_contain_text("既読にしました")
    act(desk, case, "審査を始める")
    press(desk, "審査を始める")
    expect(desk.locator("main")).to_contain_text("審査を始めました")
    act(desk, case, "決定する")
    desk.locator("[name=message]").fill("金曜日に振り込みます。")
    desk.locator("[name=document]").set_input_files([document("通知.pdf")])
    look(desk, "approve", "main")
    press(desk, "決定する")
    expect(desk.locator("main")).to_contain_text("決定しました")
    look(desk, "case-decided", "main")


def test_the_whole_way_on_a_phone(
    form: None, phone: BrowserContext, open_context: OpenContext, desktop: BrowserContext, watch: Watch
) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    number = begin(phone.new_page(), phone)
    page, desk = open_context("phone").new_page(), desktop.new_page()
    case = go_on(page, number)
    send_back(desk, case)
    come_in(page, case)
    read_and_answer(page)
    mend(page)
    decide(desk, case)
    save_and_rate(page)
    assert Rating.objects.get().score == 4
    case.refresh_from_db()
    assert case.status == Status.APPROVED and case.unread_since is None
    assert [file.name for file in case.attachments.all()] == ["一.jpg", "二.jpg", "四.jpg"]
    eventually(lambda: case.documents.get().opened_at is not None)
