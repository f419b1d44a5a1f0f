"""From a blank page to the department's Excel file: a clerk builds, a resident fills in, an officer exports."""

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from applications.models import Application
from cms.models import Department, Role
from formbuilder.fields import FIELD_TYPES
from formbuilder.models import FormPage, FormVersion
from tests.support.cast import PASSWORD, make_department, make_staff
from tests.support.pages import LEAVING, axe, leave, picture, unfold
from tests.support.server import Server
from tests.support.watch import Watch

OpenContext = Callable[[str], BrowserContext]
TITLE = "ふたご支援アンケート"


@pytest.fixture
def department(server: Server) -> Department:
    children = make_department()
    make_staff("tsukuru", (children, Role.EDITOR), (children, Role.PUBLISHER), password=PASSWORD)
    make_staff("kakari", (children, Role.OFFICER), password=PASSWORD)
    return children


def log_in(page: Page, username: str) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]"))


def add_step(page: Page, number: int, title: str) -> None:
    if number:
        _add_buttons(page, "body").last.click()
    page.fill(f"[name=body-{number}-value-title]", title)


def add_item(page: Page, step: int, type_: str, label: str) -> str:
    """Choose the type from the menu, and name the item; returns the prefix of its inputs."""
    stream = f"body-{step}-value-fields"
    number = page.locator(f"[name={stream}-count]").input_value()
    _add_buttons(page, stream).last.click()
    page.get_by_role("option", name=FIELD_TYPES[type_].label, exact=True).click()
    prefix = f"{stream}-{number}-value"
    page.fill(f"[name={prefix}-label]", label)
    return prefix


def _add_buttons(page: Page, stream: str) -> Locator:
    container = f"div:has(> [name={stream}-count]) > [data-streamfield-stream-container]"
    return page.locator(f"{container} > div > button.c-sf-add-button")


def show_only_when(page: Page, prefix: str, item: str, value: str) -> None:
    """表示条件: 「item」が次と同じとき「value」, picked from a list."""
    rows = f"{prefix}-condition-rows"
    unfold(page, f"{rows}-count")
    page.locator(f"div:has(> [name={rows}-count]) button[data-streamfield-list-add]").last.click()
    unfold(page, f"{rows}-0-value-value")
    page.locator(f"[id='{rows}-0-value-field-list']").focus()
    page.locator(f"[id='{rows}-0-value-field-list']").select_option(label=item)
    page.fill(f"[name={rows}-0-value-value]", value)


def build(page: Page) -> None:
    page.get_by_role("link", name="新しい申請フォームを作る").click()
    page.fill("[name=title]", TITLE)
    add_step(page, 0, "あなたについて")
    add_item(page, 0, "full_name", "お名前")
    add_item(page, 0, "email", "メールアドレス")
    add_item(page, 0, "yes_no", "多胎ですか")
    count = add_item(page, 0, "number", "お子さんの数")
    show_only_when(page, count, "多胎ですか", "はい")
    add_step(page, 1, "ご意見")
    add_item(page, 1, "text", "整理番号")
    opinion = add_item(page, 1, "textarea", "ご意見")
    page.locator(f"[name={opinion}-required]").uncheck()


def publish(page: Page) -> None:
    page.locator("footer [data-w-dropdown-target=toggle], footer button[aria-expanded]").first.click()
    page.locator("button[name=action-publish]:visible").first.click()
    # what Wagtail saves of itself meanwhile changes the address too
    page.wait_for_url(re.compile(r"/admin/pages/[0-9]+/$"), timeout=LEAVING)


def go_on(page: Page) -> None:
    leave(page.locator("button[name=action][value=next]:visible").last)


def apply(page: Page, form: FormPage) -> Application:
    """A resident makes two mistakes, mends them, and applies."""
    definition = FormVersion.objects.get(form=form).engine.definition
    keys = {item.name: item.key for item in definition.fields()}
    fill = {name: f"[id='f-{key}" for name, key in keys.items()}
    page.goto(f"/{form.get_parent().slug}/{form.slug}/")
    page.click("text=申請をはじめる")
    page.fill(f"{fill['お名前']}-family']", "𠮷田")
    page.fill(f"{fill['お名前']}-given']", "花子")
    page.fill(f"{fill['メールアドレス']}']", "hanako@")  # the first mistake
    frame = page.locator(f"[data-field='{keys['お子さんの数']}']")
    expect(frame).to_be_hidden()
    page.check(f"[name='f-{keys['多胎ですか']}'][value=yes]")
    expect(frame).to_be_visible()
    go_on(page)  # the second: the number is missing
    expect(page.get_by_role("alert")).to_contain_text("2件の誤り")
    axe(page)
    page.fill(f"{fill['メールアドレス']}']", "hanako@example.jp")
    page.fill(f"{fill['お子さんの数']}']", "２")
    go_on(page)
    page.fill(f"{fill['整理番号']}']", "00123")
    page.fill(f"{fill['ご意見']}']", "=1+1 と書くと\n計算されますか")
    go_on(page)
    page.locator("button[value=declare]").click()
    application = Application.objects.get()
    expect(page.locator("main")).to_contain_text(str(application.reference))
    return application


def export(page: Page, path: Path) -> None:
    page.goto("/admin/cases/")
    expect(page.locator("main")).to_contain_text("𠮷田 花子")
    page.get_by_role("link", name="出力").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="出力する", exact=True).click()  # few rows: the file comes at once
    download.value.save_as(path)


def test_from_a_blank_page_to_the_excel_file(
    department: Department, open_context: OpenContext, watch: Watch, tmp_path: Path
) -> None:
    # Wagtail saves the draft of itself; what is on its way when a button saves comes too late and is refused
    watch.allow(r"status of 400 .*/admin/pages/")
    clerk = open_context("desktop").new_page()
    log_in(clerk, "tsukuru")
    build(clerk)
    picture(clerk, "building")
    publish(clerk)
    form = FormPage.objects.get(title=TITLE)
    assert form.live
    assert [len(step.fields) for step in form.compile().steps] == [4, 2]

    application = apply(open_context("phone").new_page(), form)

    officer = open_context("desktop").new_page()
    log_in(officer, "kakari")
    export(officer, tmp_path / "export.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "export.xlsx").worksheets[0]
    headings, answers = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=2))
    row = dict(zip(headings, answers, strict=True))
    assert row["受付番号"] == application.reference
    assert row["お名前：姓"] == "𠮷田"
    assert row["メールアドレス"] == "hanako@example.jp"
    assert row["多胎ですか"] == "はい"
    assert row["お子さんの数"] == 2
    assert row["整理番号"] == "00123"
    assert row["ご意見"] == "=1+1 と書くと\n計算されますか"
    kinds = {cell.data_type for cell in next(sheet.iter_rows(min_row=2, max_row=2)) if cell.value}
    assert kinds <= {"s", "n", "d"}  # no formula


def hand_in(page: Page) -> None:
    """To the second person who publishes."""
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    leave(page.locator("button[name=action-submit]:visible"))


def test_what_is_wrong_stands_where_it_is_wrong_and_a_second_person_publishes(
    department: Department, open_context: OpenContext, watch: Watch
) -> None:
    watch.allow(r"status of 400 .*/admin/pages/")  # as above
    make_staff("tsukuri", (department, Role.EDITOR), password=PASSWORD)
    editor = open_context("desktop").new_page()
    log_in(editor, "tsukuri")
    editor.get_by_role("link", name="新しい申請フォームを作る").click()
    editor.fill("[name=title]", TITLE)
    add_step(editor, 0, "申込")
    add_item(editor, 0, "full_name", "お名前")
    fee = add_item(editor, 0, "computed", "手数料")
    editor.fill(f"[name={fee}-formula]", "=［冊数］*300")
    note = add_item(editor, 0, "text", "お名前")
    expect(editor.locator("button[name=action-publish]")).to_have_count(0)

    hand_in(editor)
    expect(editor.get_by_text("式: 2文字目: 「冊数」という項目がありません。").first).to_be_visible()
    expect(editor.get_by_text("項目名「お名前」が二つあります。").first).to_be_visible()
    expect(editor.locator(f"[name={fee}-formula]")).to_have_value("=［冊数］*300")
    expect(editor.locator("[name=body-0-value-fields-0-value-label]")).to_be_hidden()  # nothing is wrong with it
    axe(editor, f"[name={fee}-formula]")

    unfold(editor, f"{note}-label")
    editor.fill(f"[name={note}-label]", "備考")
    editor.fill(f"[name={fee}-formula]", "=300")
    hand_in(editor)
    expect(editor.get_by_text("公開の承認を依頼しました。")).to_be_visible()
    form = FormPage.objects.get(title=TITLE)
    assert not form.live

    publisher = open_context("desktop").new_page()
    log_in(publisher, "tsukuru")
    publisher.goto(f"/admin/pages/{form.pk}/edit/")
    publisher.locator("footer [data-w-dropdown-target=toggle]").first.click()
    leave(publisher.get_by_role("button", name="承認して公開する", exact=True).first)
    assert FormPage.objects.get(pk=form.pk).live

    resident = open_context("phone").new_page()
    resident.goto(f"/apply/{form.code}/")
    expect(resident.get_by_label("備考")).to_be_visible()
