"""A resident without an account: begins on a phone, goes on at a computer, and comes back for what became of it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from applications.models import Application, Quarantined
from applications.status import Status
from cms.models import Role
from followup.models import Rating
from followup.ratings import rate
from formbuilder.models import FormPage
from outreach.models import Message
from tests.followup.following import ADDRESS, ANSWERS, digits_in, form_with_check, link_in
from tests.journeys.conftest import OpenContext
from tests.journeys.walking import box, heading, press, tab_to
from tests.support.cast import PASSWORD, Cast, make_cast, make_staff, submit
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually


@pytest.fixture
def cast(server: Server) -> Cast:
    return make_cast()


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return form_with_check(cast.children)


def mail_of(template: str) -> str:
    """Without a mail server mails are read in 送信メール."""
    mails = Message.objects.filter(template=template)
    eventually(lambda: mails.exists())
    return mails[0].body


def look(page: Page, name: str) -> None:
    axe(page)
    picture(page, f"followup-{name}-{page.viewport_size['width'] if page.viewport_size else 0}")


def fill_names(page: Page) -> None:
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    box(page, "メールアドレス").fill(ADDRESS)


def leave_for_later(page: Page, form: FormPage) -> str:
    """From the first step; the path of the link that was mailed."""
    page.goto(f"/apply/{form.code}/")
    fill_names(page)
    look(page, "step")
    press(page, "あとで続ける")
    heading(page, "あとで続ける")
    expect(page.locator("#mail")).to_have_value(ADDRESS)
    look(page, "later")
    page.locator("#mail").fill("hanako")
    press(page, "リンクを送る")
    expect(page.get_by_role("alert")).to_contain_text("メールアドレスを")
    look(page, "later-wrong")
    page.locator("#mail").fill(ADDRESS)
    press(page, "リンクを送る")
    expect(page.locator("main")).to_contain_text("リンクを送りました")
    look(page, "later-sent")
    return link_in(mail_of("followup_resume"))


def verify(page: Page) -> None:
    heading(page, "メールアドレスの確認")
    look(page, "mail")
    press(page, "確認コードを送る")
    expect(page.locator("#digits")).to_be_visible()
    digits = digits_in(mail_of("followup_code_address"))
    page.fill("#digits", "12")
    press(page, "確認する")
    expect(page.get_by_role("alert")).to_contain_text("6桁の数字")
    look(page, "mail-wrong")
    page.fill("#digits", digits)
    press(page, "確認する")
    heading(page, "入力内容の確認")


def look_up(page: Page) -> None:
    """From the page after declaring to the state of the application."""
    page.get_by_role("link", name="申請状況を確認する").click()
    heading(page, "申請状況の確認")
    look(page, "status-ask")
    page.fill("#reference", "1234")
    press(page, "確認コードを送る")
    expect(page.get_by_role("alert")).to_contain_text("受付番号を確かめて")
    page.fill("#reference", str(Application.objects.get().reference).lower())
    press(page, "確認コードを送る")
    heading(page, "確認コードの入力")
    look(page, "status-code")
    page.fill("#digits", digits_in(mail_of("followup_code_status")))
    press(page, "確認する")
    heading(page, "受け付けました")


def rate_it(page: Page) -> None:
    """Reads the answers, forgets the score, and says it once."""
    page.get_by_text("申請した内容を見る").click()
    expect(page.locator("main")).to_contain_text("見本 花子")
    look(page, "status")
    page.get_by_role("link", name="使いやすさについて答える").click()
    press(page, "送る")
    expect(page.get_by_role("alert")).to_contain_text("満足度を選んでください")
    look(page, "rating-wrong")
    page.check("input[name=score][value='5']")
    page.fill("#comment", "すぐに終わりました")
    press(page, "送る")
    heading(page, "ありがとうございました")
    look(page, "rated")
    assert Rating.objects.get().score == 5
    leave(page.get_by_role("link", name="もどる"))


def take_back(page: Page) -> None:
    """And leaves the page."""
    page.get_by_role("link", name="申請を取り下げる").click()
    heading(page, "この申請を取り下げますか")
    look(page, "withdraw")
    press(page, "取り下げる")
    heading(page, "取り下げられています")
    look(page, "withdrawn")
    assert Application.objects.get().status == Status.WITHDRAWN
    press(page, "この画面を閉じる（ログアウト）")
    heading(page, "申請状況の確認")
    page.goto("/status/application/")
    expect(page.get_by_role("alert")).to_contain_text("確認の時間が終わりました")


def test_from_the_phone_to_the_computer_to_the_state_of_the_application(
    form: FormPage, phone: BrowserContext, desktop: BrowserContext
) -> None:
    link = leave_for_later(phone.new_page(), form)
    page = desktop.new_page()
    page.goto(link)
    heading(page, "続きから入力する")
    look(page, "resume")
    press(page, "この端末で続ける")
    expect(box(page, "氏名", "family")).to_have_value("見本")
    box(page, "フリガナ", "family").fill("みほん")
    box(page, "フリガナ", "given").fill("はなこ")
    press(page, "次へ進む")
    press(page, "確認画面へ進む")
    verify(page)
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    look(page, "done")
    look_up(page)
    rate_it(page)
    take_back(page)
    # the phone still has its key
    old = phone.pages[0]
    old.goto(f"/apply/{form.code}/")
    heading(old, "この申請は取り下げられています")


def test_a_phone_does_all_of_it_and_a_used_link_offers_another(
    form: FormPage, phone: BrowserContext, open_context: OpenContext
) -> None:
    link = leave_for_later(phone.new_page(), form)
    other = open_context("phone")
    page = other.new_page()
    page.goto(link)
    look(page, "resume")
    press(page, "この端末で続ける")
    third = open_context("phone")
    late = third.new_page()
    late.goto(link)
    heading(late, "このリンクは、もう使われました")
    look(late, "resume-used")
    press(late, "新しいリンクを送る")
    heading(late, "新しいリンクを送りました")
    box(page, "フリガナ", "family").fill("みほん")
    box(page, "フリガナ", "given").fill("はなこ")
    press(page, "次へ進む")
    press(page, "確認画面へ進む")
    verify(page)
    press(page, "この内容で申請する")
    look(page, "done")
    look_up(page)
    look(page, "status")
    leave(page.get_by_role("link", name="使いやすさについて答える"))
    look(page, "rating")
    page.goto("/status/withdraw/")
    look(page, "withdraw")
    late.goto(link)
    heading(late, "この申請は、もう送られています")
    look(late, "resume-over")


def test_the_code_is_typed_without_a_mouse(form: FormPage, desktop: BrowserContext) -> None:
    page = desktop.new_page()
    page.goto(f"/apply/{form.code}/")
    fill_names(page)
    box(page, "フリガナ", "family").fill("みほん")
    box(page, "フリガナ", "given").fill("はなこ")
    press(page, "次へ進む")
    press(page, "確認画面へ進む")
    heading(page, "メールアドレスの確認")
    tab_to(page, "確認コードを送る")
    page.keyboard.press("Enter")
    expect(page.locator("#digits")).to_be_visible()
    tab_to(page, "確認コード")
    page.keyboard.type(digits_in(mail_of("followup_code_address")))
    page.keyboard.press("Enter")
    heading(page, "入力内容の確認")


def test_the_department_reads_what_was_said(cast: Cast, form: FormPage, desktop: BrowserContext) -> None:
    for score in (5, 4, 4, 1):
        application = submit(cast.form, ANSWERS)
        rate(application, score, "入力が速くできました。" if score > 1 else "")
    make_staff("kakari", (cast.children, Role.OFFICER), password=PASSWORD)
    page = desktop.new_page()
    page.goto("/admin/login/")
    page.fill("input[name=username]", "kakari")
    page.fill("input[name=password]", PASSWORD)
    leave(page.locator("button[type=submit]"))
    page.goto("/admin/ratings/")
    axe(page, "main")
    picture(page, "followup-admin-ratings-1280")
    page.get_by_role("link", name=re.compile(cast.form.title)).click()
    expect(page.locator("main")).to_contain_text("平均 3.5（回答 4件）")
    axe(page, "main")
    picture(page, "followup-admin-rating-1280")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSVで出力").click()
    assert download.value.suggested_filename.endswith(".csv")
    found = {"state": "infected", "detail": "Win.Test.EICAR_HDB-1", "sha256": "a" * 64}
    Quarantined.objects.create(application=application, field_key="x", name="通帳.jpg", size=1200, file="x", **found)
    page.goto("/admin/quarantine/")
    expect(page.locator("main")).to_contain_text("通帳.jpg")
    axe(page, "main")
    picture(page, "followup-admin-quarantine-1280")
