"""An editor speaks of items by name, in conditions and formulas, while the form is still being built."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from formbuilder.definition import FieldDef
from formbuilder.expressions.nodes import Call, FieldRef, Value
from formbuilder.models import FormPage
from tests.support.cast import PASSWORD, item, make_admin, make_department, make_form
from tests.support.pages import axe, picture, unfold
from tests.support.watch import Watch

STEPS = {
    "申請者": [
        item("yes_no", "多胎", key="tatai"),
        item(
            "choice", "受取方法", key="uketori", choices=[{"label": "口座", "code": "k"}, {"label": "窓口", "code": ""}]
        ),
        item("address", "住所"),
        item("photo", "写真", required=False),
    ],
    "内容": [
        item(
            "number",
            "胎児の数",
            key="kazu",
            condition={"rows": [{"field": "tatai", "operator": "eq", "value": "はい"}]},
        ),
        item("text", "口座の名義"),
        item("computed", "支給額", key="gaku", formula="=50000"),
    ],
}
COUNT, HOLDER, AMOUNT = (f"body-1-value-fields-{number}" for number in range(3))


@pytest.fixture
def form(server: object) -> FormPage:
    make_admin(password=PASSWORD)
    return make_form(make_department(), steps=STEPS)


@pytest.fixture
def editor(form: FormPage, desktop: BrowserContext, watch: Watch) -> Page:
    # Wagtail saves the draft of itself; what is on its way when a button saves comes too late and is refused
    watch.allow(r"status of 400 .*/admin/pages/")
    page = desktop.new_page()
    page.goto(f"/admin/pages/{form.pk}/edit/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.locator("[name=title]")).to_have_value("出産応援ギフト")
    return page


def block(page: Page, prefix: str) -> Locator:
    return page.locator(f"[data-streamfield-child]:has(> input[name='{prefix}-type'])")


def press(page: Page, prefix: str, action: str) -> None:
    block(page, prefix).locator(f"[data-streamfield-action='{action}']").first.click()


def picker(page: Page, row: str) -> Locator:
    """The list that stands for the row's input."""
    return page.locator(f"[id='{row}-field-list']")


def chosen(page: Page, row: str) -> str:
    return str(picker(page, row).evaluate("list => list.selectedOptions[0].text"))


def offered(page: Page, row: str) -> list[str]:
    """What the list has when somebody comes to it; a panel that is still opening cannot be come to."""
    expect(picker(page, row)).to_be_visible()
    picker(page, row).focus()
    expect(picker(page, row)).to_be_focused()
    return [str(text) for text in picker(page, row).evaluate("list => [...list.options].map(option => option.text)")]


def suggested(page: Page, row: str) -> list[str]:
    list_id = page.locator(f"[name='{row}-value']").get_attribute("list")
    return [
        str(text) for text in page.locator(f"[id='{list_id}'] option").evaluate_all("all => all.map(one => one.value)")
    ]


def test_an_item_is_picked_by_its_name(editor: Page, form: FormPage) -> None:
    row = f"{COUNT}-value-condition-rows-0-value"
    expect(block(editor, COUNT).get_by_text("多胎 が次と同じとき はい").first).to_be_visible()  # folded, it says so
    axe(editor, ".mg-card")
    block(editor, HOLDER).scroll_into_view_if_needed()
    picture(editor, "editor-cards")
    editor.set_viewport_size({"width": 390, "height": 844})
    block(editor, HOLDER).scroll_into_view_if_needed()
    picture(editor, "editor-cards-390")
    editor.set_viewport_size({"width": 1280, "height": 800})
    unfold(editor, f"{row}-field")

    assert chosen(editor, row) == "多胎"
    assert suggested(editor, row) == ["はい", "いいえ"]
    assert offered(editor, row) == [
        "項目を選んでください",
        "多胎",
        "受取方法",
        "住所：郵便番号",
        "住所：都道府県",
        "住所：市区町村",
        "住所：町名・番地",
        "住所：建物名・部屋番号",
        "口座の名義",
        "支給額",
    ]  # no photograph, and not the item itself
    axe(editor, f"[id='{row}-field-list']")

    editor.keyboard.press("ArrowDown")
    assert chosen(editor, row) == "受取方法"
    assert suggested(editor, row) == ["口座", "窓口"]
    editor.fill(f"[name='{row}-value']", "口座")
    save_draft(editor)

    visible = {field.key: field.visible for field in compiled(form)}
    assert visible["kazu"] == Call("eq", (FieldRef("uketori"), Value("k", "text")))


def test_lists_follow_what_happens_to_the_blocks(editor: Page) -> None:
    row, copy = (f"{prefix}-value-condition-rows-0-value" for prefix in (COUNT, "body-1-value-fields-4"))
    press(editor, HOLDER, "DUPLICATE")
    press(editor, COUNT, "DUPLICATE")
    press(editor, COUNT, "MOVE_DOWN")
    for one in (row, copy):  # one list each, and the item is still known
        expect(picker(editor, one).locator("option:checked")).to_have_text("多胎")

    unfold(editor, f"{row}-field")
    for name, label in ("body-1-value-fields-3-value", "新しい項目"), ("body-0-value-fields-0-value", "多胎かどうか"):
        unfold(editor, f"{name}-label")
        editor.fill(f"[name='{name}-label']", label)
    editor.keyboard.press("Tab")

    expect(picker(editor, row).locator("option:checked")).to_have_text("多胎かどうか")
    assert "新しい項目" in offered(editor, row)

    press(editor, "body-0-value-fields-0", "DELETE")
    expect(picker(editor, row).locator("option:checked")).to_have_text("（削除された項目）")
    assert editor.input_value(f"[name='{row}-field']") == "tatai"


def test_an_item_is_put_into_a_formula_where_the_cursor_stands(editor: Page, form: FormPage) -> None:
    formula = editor.locator(f"[name='{AMOUNT}-value-formula']")
    tools = block(editor, AMOUNT).locator("[data-mg-formula]")
    names = tools.get_by_label("式に入れる項目")
    unfold(editor, f"{AMOUNT}-value-formula")
    formula.fill("=50000*")
    names.focus()
    assert "支給額" not in names.locator("option").all_inner_texts()  # a calculation of itself

    names.select_option(label="胎児の数")
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")
    expect(formula).to_have_value("=50000*［胎児の数］")
    expect(formula).to_be_focused()
    save_draft(editor)

    options = {field.key: field.options for field in compiled(form)}
    assert options["gaku"]["formula"]["args"][1] == {"field": "kazu"}


def save_draft(page: Page) -> None:
    with page.expect_response(
        lambda response: response.request.method == "POST" and response.request.is_navigation_request()
    ) as saved:
        page.get_by_role("button", name="下書きを保存").first.click()
    assert saved.value.status < 400
    page.wait_for_load_state()


def compiled(form: FormPage) -> list[FieldDef]:
    """The items of the form as it was saved last."""
    page = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    return list(page.compile().fields())
