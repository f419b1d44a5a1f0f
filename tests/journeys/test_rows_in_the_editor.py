"""An editor speaks of the rows of a group from outside, and of the items of a row from within."""

from decimal import Decimal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from formbuilder.expressions.nodes import Call, FieldRef, Value
from formbuilder.models import FormPage
from tests.journeys.test_picking_items_in_the_editor import (
    chosen,
    compiled,
    offered,
    picker,
    save_draft,
    suggested,
)
from tests.support.cast import PASSWORD, item, make_admin, make_department, make_form
from tests.support.pages import axe, picture, unfold
from tests.support.watch import Watch

KIN = item("choice", "続柄", key="kin", choices=[{"label": "子", "code": "c"}, {"label": "その他", "code": "o"}])


def when_kin(key: str, value: str) -> dict[str, object]:
    return {"rows": [{"field": key, "operator": "eq", "value": value}]}


STEPS = {
    "家族": [
        item("yes_no", "家族と受ける"),
        item(
            "repeat",
            "家族",
            key="family",
            fields=[
                item("full_name", "氏名", key="name"),
                KIN,
                item("text", "説明", key="which", condition=when_kin("kin", "その他")),
                item("number", "荷物", key="luggage"),
            ],
        ),
        item("text", "子の学校", key="school", condition=when_kin("family.kin", "子")),
    ]
}
GROUP, SCHOOL = "body-0-value-fields-1", "body-0-value-fields-2"
INSIDE = f"{GROUP}-value-fields-2-value-condition-rows-0-value"
OUTSIDE = f"{SCHOOL}-value-condition-rows-0-value"


@pytest.fixture
def form(server: object) -> FormPage:
    make_admin(password=PASSWORD)
    return make_form(make_department(), steps=STEPS)


@pytest.fixture
def editor(form: FormPage, desktop: BrowserContext, watch: Watch) -> Page:
    watch.allow(r"status of 400 .*/admin/pages/")  # Wagtail saves the draft of itself, and may come too late
    page = desktop.new_page()
    page.goto(f"/admin/pages/{form.pk}/edit/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.locator("form button[type=submit]").click()
    expect(page.locator("[name=title]")).to_have_value("出産応援ギフト")
    return page


def test_from_outside_a_group_offers_how_many_rows_and_their_answers(editor: Page, form: FormPage) -> None:
    unfold(editor, f"{OUTSIDE}-field")
    assert chosen(editor, OUTSIDE) == "家族：続柄"
    assert suggested(editor, OUTSIDE) == ["子", "その他"]
    assert offered(editor, OUTSIDE) == [
        "項目を選んでください",
        "家族と受ける",
        "家族：件数",
        "家族：続柄",
        "家族：説明",
        "家族：荷物",
    ]  # no list of names in two parts, and no item of a row on its own
    picker(editor, OUTSIDE).select_option("家族：件数")
    editor.fill(f"[name='{OUTSIDE}-value']", "2")
    save_draft(editor)

    visible = {field.key: field.visible for field in compiled(form)}
    assert visible["school"] == Call("eq", (FieldRef("family", "#"), Value(Decimal(2), "number")))


def test_within_a_row_the_items_of_the_row_are_offered_and_those_outside(editor: Page) -> None:
    unfold(editor, f"{INSIDE}-field")
    assert chosen(editor, INSIDE) == "続柄"
    assert suggested(editor, INSIDE) == ["子", "その他"]
    assert offered(editor, INSIDE) == [
        "項目を選んでください",
        "家族と受ける",
        "氏名：姓",
        "氏名：名",
        "続柄",
        "荷物",
        "子の学校",
    ]
    axe(editor, f"[id='{INSIDE}-field-list']")
    picture(editor, "rows-editor")
