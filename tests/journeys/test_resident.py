"""A resident in a real browser: with the keyboard alone, without a script, back and forth, and when things go wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action
from formbuilder.models import FormPage
from tests.applications.residents import STEPS
from tests.journeys.walking import (
    box,
    document,
    fill_applicant,
    fill_pregnancy,
    heading,
    make_newer,
    photo,
    press,
    require_where_shown,
    tab_to,
    to_check,
)
from tests.support.cast import current_version, item, key_of, make_cast, make_form, when
from tests.support.pages import axe, picture
from tests.support.server import Server
from tests.support.watch import Watch

OpenContext = Callable[[str], BrowserContext]
START = "/apply/gift/"


@pytest.fixture
def form(server: Server) -> FormPage:
    return make_form(make_cast().children, steps=STEPS)


@pytest.fixture
def page(form: FormPage, phone: BrowserContext) -> Page:
    page = phone.new_page()
    page.goto(START)
    return page


# --- every page, for everybody


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_every_page_on_the_way_is_accessible(form: FormPage, open_context: OpenContext, kind: str) -> None:
    page = open_context(kind).new_page()

    def look(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        page.emulate_media(color_scheme="dark")
        axe(page)
        picture(page, f"resident-{kind}-dark-{name}")
        page.emulate_media(color_scheme="light")
        axe(page)
        picture(page, f"resident-{kind}-{name}")

    page_of_html: FilePayload = {"name": "頁.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"}
    page.goto(START)
    look("1-empty")
    press(page, "次へ進む")
    expect(page.get_by_role("alert")).to_contain_text("2件の誤り")
    look("1-mistakes")
    fill_applicant(page, city="長岡市")
    press(page, "次へ進む")
    heading(page, "対象外です")
    look("stop")
    page.get_by_role("link", name="前の画面にもどる").click()
    fill_applicant(page)
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('多胎')}][value=yes]")
    box(page, "表紙").set_input_files([photo(), page_of_html])
    press(page, "次へ進む")
    expect(page.get_by_role("alert")).to_contain_text("HTML形式のファイルは添付できません")
    look("2-mistakes")
    box(page, "胎児の数").fill("2")
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('受取方法')}][value=shitei]")
    press(page, "確認画面へ進む")
    look("3-mistakes")
    page.check(f"input[name=f-{key_of('受取方法')}][value=koukin]")
    make_newer(form)
    press(page, "確認画面へ進む")
    expect(page.locator("main")).to_contain_text("様式が新しくなりました")
    look("check")
    page.goto(f"{START}2/")
    look("2-newer")
    press(page, "新しい様式に移る")
    press(page, "次へ進む")
    press(page, "確認画面へ進む")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    look("done")


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_every_page_beside_the_way_is_accessible(
    form: FormPage, open_context: OpenContext, watch: Watch, kind: str
) -> None:
    watch.expect("status of (400|403|404|410)")
    context = open_context(kind)
    page = context.new_page()

    def look(name: str, title: str) -> None:
        heading(page, title)
        axe(page)
        picture(page, f"resident-{kind}-{name}")

    page.goto(START)
    to_check(page)
    draft = Application.objects.get()
    form.unpublish()
    page.goto(f"{START}1/")
    look("closed", "いまは受け付けていません")
    form.get_latest_revision().publish()
    page.goto(START)
    press(page, "この内容で申請する")
    move(draft.pk, Action.RETURN)
    move(draft.pk, Action.EXPIRE)
    page.reload()
    look("lapsed", "再提出の期限が過ぎました")
    Application.objects.filter(pk=draft.pk).update(status="submitted")
    move(draft.pk, Action.WITHDRAW)
    page.reload()
    look("withdrawn", "この申請は取り下げられています")
    press(page, "はじめから入力する")
    fill_applicant(page)
    press(page, "次へ進む")
    move(Application.objects.latest("pk").pk, Action.EXPIRE)
    page.goto(START)
    look("expired", "保存の期限が過ぎました")
    press(page, "はじめから入力する")
    page.goto("/no-such-page/")
    look("404", "ページが見つかりません")
    page.goto(START)
    context.clear_cookies()
    press(page, "次へ進む")
    look("403", "操作を続けられませんでした")
    page.goto(START)
    page.evaluate("document.querySelector('#mg-step').append(new Option())")
    page.locator("#mg-step").evaluate(
        "form => { const text = document.createElement('textarea'); text.name = 'x';"
        " text.value = 'あ'.repeat(2_000_000); form.append(text); }"
    )
    press(page, "次へ進む")
    look("400", "送られた内容を受け取れませんでした")


# --- with the keyboard alone


def test_the_keyboard_alone_is_enough(form: FormPage, desktop: BrowserContext) -> None:
    page = desktop.new_page()
    page.goto(START)
    keys = page.keyboard

    keys.press("Tab")
    expect(page.locator(":focus")).to_have_text("本文へ移動")
    keys.press("Enter")
    tab_to(page, "姓")
    keys.press("Enter")  # goes on, as the button would
    expect(page.get_by_role("alert")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")  # the first mistake
    expect(box(page, "氏名", "family")).to_be_focused()
    keys.type("見本")
    tab_to(page, "名")
    keys.type("花子")
    tab_to(page, "郵便番号")
    keys.type("9518550")
    tab_to(page, "住所を検索")
    keys.press("Space")
    expect(box(page, "住所", "city")).to_have_value("新潟市中央区")
    expect(box(page, "住所", "town")).to_be_focused()
    keys.type("1-602")
    tab_to(page, "次へ進む")
    keys.press("Enter")
    heading(page, "妊娠")
    tab_to(page, "はい")
    keys.press("ArrowRight")
    expect(page.locator(f"input[name=f-{key_of('多胎')}][value=no]")).to_be_checked()
    box(page, "表紙").set_input_files([photo()])  # the dialogue of the operating system is not the page's
    tab_to(page, "次へ進む")
    keys.press("Enter")
    heading(page, "受取")
    tab_to(page, "公金受取口座")
    keys.press("Space")
    tab_to(page, "確認画面へ進む")
    keys.press("Enter")
    heading(page, "入力内容の確認")
    tab_to(page, "この内容で申請する")
    keys.press("Enter")
    heading(page, "申請を受け付けました")


# --- without a script


def test_without_a_script_conditions_files_and_the_address_work_all_the_same(
    form: FormPage, chromium: Browser, server: Server
) -> None:
    context = chromium.new_context(base_url=server.url, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(START)
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    box(page, "住所", "postcode").fill("9518550")
    press(page, "住所を検索")
    expect(box(page, "住所", "city")).to_have_value("新潟市中央区")
    expect(box(page, "氏名", "given")).to_have_value("花子")
    box(page, "住所", "town").fill("1-602")
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('多胎')}][value=yes]")
    box(page, "表紙").set_input_files([photo("一.jpg"), photo("二.jpg", 48)])
    expect(box(page, "胎児の数")).to_be_hidden()
    press(page, "次へ進む")
    expect(box(page, "胎児の数")).to_be_visible()
    page.get_by_role("button", name="一.jpgを削除").click()
    expect(page.locator("main")).not_to_contain_text("一.jpg")
    expect(page.get_by_role("alert")).to_have_count(0)
    box(page, "胎児の数").fill("2")
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('受取方法')}][value=shitei]")
    press(page, "確認画面へ進む")
    expect(page.get_by_role("alert")).to_contain_text("口座を入力してください")
    page.check(f"input[name=f-{key_of('受取方法')}][value=koukin]")
    press(page, "確認画面へ進む")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    application = Application.objects.get()
    assert [file.name for file in application.attachments.all()] == ["二.jpg"]
    context.close()


# --- back and forth


def test_the_browsers_own_back_and_forward_lose_nothing_that_was_typed(page: Page) -> None:
    """Even where the browser loads the page anew; one that keeps the page itself has it easier."""
    twins = page.locator(f"input[name=f-{key_of('多胎')}][value=yes]")
    fill_applicant(page)
    press(page, "次へ進む")
    twins.check()  # and not sent
    page.go_back()
    expect(box(page, "氏名", "family")).to_have_value("見本")
    box(page, "氏名", "given").fill("桃子")  # nor this
    page.go_forward()
    expect(twins).to_be_checked()
    expect(box(page, "胎児の数")).to_be_visible()
    page.go_back()
    expect(box(page, "氏名", "given")).to_have_value("桃子")
    press(page, "次へ進む")
    heading(page, "妊娠")


def test_the_steps_above_the_form_keep_what_was_typed(page: Page) -> None:
    fill_applicant(page)
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('多胎')}][value=yes]")
    box(page, "胎児の数").fill("九")
    page.get_by_role("navigation").get_by_role("button", name="申請者").click()
    heading(page, "申請者")
    press(page, "次へ進む")
    expect(box(page, "胎児の数")).to_have_value("九")


def test_back_to_the_check_page_after_it_was_sent_sends_nothing_twice(page: Page) -> None:
    to_check(page)
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    receipt = page.locator("main").inner_text()
    page.go_back()
    if page.get_by_role("button", name="この内容で申請する").count():
        press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    page.reload()
    assert page.locator("main").inner_text() == receipt
    assert Event.objects.filter(kind="arrived").count() == 1


def test_a_double_tap_on_any_button_does_its_work_once(page: Page) -> None:
    fill_applicant(page)
    page.get_by_role("button", name="次へ進む").last.dblclick()
    heading(page, "妊娠")
    fill_pregnancy(page)
    page.get_by_role("button", name="次へ進む").last.dblclick()
    heading(page, "受取")
    page.check(f"input[name=f-{key_of('受取方法')}][value=koukin]")
    page.get_by_role("button", name="確認画面へ進む").last.dblclick()
    heading(page, "入力内容の確認")
    page.get_by_role("button", name="この内容で申請する").dblclick()
    heading(page, "申請を受け付けました")
    sent = Application.objects.exclude(status="draft").get()
    assert sent.attachments.count() == 1
    assert Event.objects.filter(application=sent, kind="arrived").count() == 1


def test_on_another_day_the_same_phone_goes_on_where_it_was(form: FormPage, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(START)
    fill_applicant(page)
    press(page, "次へ進む")
    page.close()
    page = phone.new_page()
    page.goto(START)
    heading(page, "妊娠")
    page.get_by_role("button", name="戻る").click()
    expect(box(page, "メール")).to_have_value("hanako@example.jp")


# --- when things go wrong


def test_sixty_megabytes_are_told_and_lose_no_other_box(page: Page, tmp_path: Path) -> None:
    fill_applicant(page)
    press(page, "次へ進む")
    big = tmp_path / "大きな写真.jpg"
    with big.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    page.check(f"input[name=f-{key_of('多胎')}][value=yes]")
    box(page, "胎児の数").fill("2")
    box(page, "表紙").set_input_files(big)
    press(page, "次へ進む")
    expect(page.get_by_role("alert")).to_contain_text("ファイルが大きすぎて受け取れませんでした")
    expect(box(page, "胎児の数")).to_have_value("2")
    box(page, "表紙").set_input_files([photo()])
    press(page, "次へ進む")
    heading(page, "受取")


def test_whose_page_has_grown_too_old_goes_back_and_sends_it_again(
    page: Page, phone: BrowserContext, watch: Watch
) -> None:
    watch.expect("status of 403")
    fill_applicant(page)
    phone.clear_cookies(name="csrftoken")
    press(page, "次へ進む")
    heading(page, "操作を続けられませんでした")
    assert not Application.objects.exists()
    page.go_back()
    expect(box(page, "氏名", "family")).to_have_value("見本")
    expect(box(page, "住所", "town")).to_have_value("学校町通1-602")
    page.reload()  # as the page said: the one from before has no token that counts
    fill_applicant(page)
    press(page, "次へ進む")
    heading(page, "妊娠")


def test_files_open_in_the_browser_and_nothing_in_them_runs(page: Page, phone: BrowserContext) -> None:
    fill_applicant(page)
    press(page, "次へ進む")
    fill_pregnancy(page)
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('受取方法')}][value=shitei]")
    box(page, "通帳").set_input_files([document()])
    press(page, "確認画面へ進む")
    page.get_by_role("button", name="戻る").click()
    expect(page.locator("main")).to_contain_text("表紙.jpg")
    file = Application.objects.get().attachments.get(name="表紙.jpg")
    page.goto(f"{START}files/{file.public_id}/")
    assert page.evaluate("document.images[0].naturalWidth") == 64


def test_an_item_that_becomes_required_says_so_at_once(server: Server, phone: BrowserContext) -> None:
    """The mark beside the label follows the answer, in words and in looks."""
    steps = {
        "一": [item("yes_no", "多胎"), item("text", "数", condition=when("多胎", "eq", "はい")), item("text", "備考")]
    }
    require_where_shown(current_version(make_form(make_cast().children, steps=steps)), "備考", "数")
    page = phone.new_page()
    page.goto(START)
    need = page.locator(f"[data-field={key_of('備考')}] .mg-field__need")
    for answer, text, optional in (("yes", "※必須", False), ("no", "※任意", True), ("yes", "※必須", False)):
        page.check(f"input[name=f-{key_of('多胎')}][value={answer}]")
        expect(need).to_have_text(text)
        assert need.evaluate("e => e.classList.contains('mg-field__need--optional')") is optional
    axe(page)
    press(page, "確認画面へ進む")
    expect(page.get_by_role("alert")).to_contain_text("備考を入力してください。")
