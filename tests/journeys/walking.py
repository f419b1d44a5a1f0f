"""How a resident of the journeys walks through the form of tests/applications/residents.py."""

from dataclasses import replace

from playwright.sync_api import FilePayload, Locator, Page, expect

from formbuilder.models import FormPage, FormVersion
from tests.applications.residents import STEPS
from tests.formbuilder.uploads.samples import corners, jpeg, pdf
from tests.support.cast import current_version, item, key_of, make_form
from tests.support.pages import leave


def box(page: Page, name: str, part: str = "") -> Locator:
    return page.locator(f"#f-{key_of(name)}{'-' if part else ''}{part}")


def photo(name: str = "表紙.jpg", side: int = 64) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": jpeg(corners(side, side))}


def document(name: str = "通帳.pdf") -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf()}


def press(page: Page, name: str) -> None:
    leave(page.get_by_role("button", name=name, exact=True).last)


def fill_applicant(page: Page, city: str = "新潟市中央区") -> None:
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    box(page, "住所", "postcode").fill("9518550")
    box(page, "住所", "prefecture").select_option("新潟県")
    box(page, "住所", "city").fill(city)
    box(page, "住所", "town").fill("学校町通1-602")
    box(page, "メール").fill("hanako@example.jp")


def fill_pregnancy(page: Page) -> None:
    page.check(f"input[name=f-{key_of('多胎')}][value=no]")
    box(page, "表紙").set_input_files([photo()])


def to_check(page: Page) -> None:
    fill_applicant(page)
    press(page, "次へ進む")
    fill_pregnancy(page)
    press(page, "次へ進む")
    page.check(f"input[name=f-{key_of('受取方法')}][value=koukin]")
    press(page, "確認画面へ進む")
    expect(page.locator("h1")).to_have_text("入力内容の確認")


def heading(page: Page, text: str) -> None:
    expect(page.locator("h1")).to_have_text(text)


def make_newer(form: FormPage) -> FormVersion:
    newest = {**STEPS, "申請者": [*STEPS["申請者"], item("text", "あだ名", required=False)]}
    department = current_version(form).department
    return current_version(make_form(department, steps=newest))


def require_where_shown(version: FormVersion, name: str, shown: str) -> None:
    """Make an item required where another is shown."""
    definition = version.engine.definition
    condition = version.engine.fields[key_of(shown)].definition.visible
    assert condition is not None
    (step,) = definition.steps
    fields = tuple(replace(each, required=condition) if each.name == name else each for each in step.fields)
    changed = replace(definition, steps=(replace(step, fields=fields),))
    FormVersion.objects.filter(pk=version.pk).update(document=changed.to_json(), digest=changed.digest())


def tab_to(page: Page, label: str) -> None:
    """Tabs onward until the control with this name has the focus; every stop on the way shows where it is."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        name = focused.evaluate("e => e.labels?.[0]?.textContent ?? e.textContent")
        if label in name:
            return
    raise AssertionError(f"{label} cannot be reached")
