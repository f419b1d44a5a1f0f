"""A resident changes the language in the middle of a step, and an editor translates; axe and pictures of both."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect

from cms.models import Role
from tests.applications.residents import STEPS
from tests.journeys.walking import box
from tests.support.cast import Cast, make_cast, make_form, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server

pytestmark = pytest.mark.journey
OpenContext = Callable[[str], BrowserContext]
PASSWORD = "correct-horse-battery"
WIDE: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def cast(server: Server) -> Cast:
    return make_cast()


def test_the_language_changes_and_what_was_typed_stays(server: Server, cast: Cast, open_context: OpenContext) -> None:
    form = make_form(cast.children, steps=STEPS)
    page = open_context("phone").new_page()
    page.goto(f"/apply/{form.code}/1/")
    box(page, "氏名", "family").fill("見本")
    page.locator(".mg-languages summary").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    picture(page, "languages-open-390")
    axe(page)
    leave(page.get_by_role("button", name="Tiếng Việt"))
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(box(page, "氏名", "family")).to_have_value("見本")
    picture(page, "languages-vi-390")
    axe(page)
    page.set_viewport_size(WIDE)
    picture(page, "languages-vi-1280")
    page.locator(".mg-languages summary").click()
    leave(page.get_by_role("button", name="English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    picture(page, "languages-en-1280")


def test_an_editor_translates(server: Server, cast: Cast, open_context: OpenContext) -> None:
    form = make_form(cast.children, steps=STEPS)
    context = open_context("desktop")
    make_staff("honyaku", (cast.children, Role.EDITOR), password=PASSWORD)
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", "honyaku")
    page.fill("[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]"))
    page.goto(f"/admin/forms/{form.pk}/translations/?language=vi")
    expect(page.get_by_role("heading", name="翻訳").first).to_be_visible()
    page.locator("textarea").first.fill("Quà mừng sinh con")
    picture(page, "translations-1280")
    axe(page, ".mg-translations")
    page.set_viewport_size({"width": 390, "height": 800})
    picture(page, "translations-390")
