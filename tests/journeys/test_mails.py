"""An editor words a mail, and a resident gets it in English."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect

from applications.lifecycle import declare
from applications.models import Application
from cms.models import Role
from formbuilder.models import FormPage
from outreach.models import Message
from tests.support.cast import SOMEBODY, Cast, draft, make_cast, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually

pytestmark = pytest.mark.journey
OpenContext = Callable[[str], BrowserContext]
PASSWORD = "correct-horse-battery"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def cast(server: Server) -> Cast:
    return make_cast()


def test_an_editor_words_a_mail_and_a_resident_gets_it_in_english(
    server: Server, cast: Cast, open_context: OpenContext
) -> None:
    form = cast.form
    make_staff("bunmen", (cast.children, Role.EDITOR), (cast.children, Role.OFFICER), password=PASSWORD)
    page = open_context("desktop").new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", "bunmen")
    page.fill("[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]"))

    page.goto(f"/admin/forms/{form.pk}/mails/")
    expect(page.get_by_text("差し戻したとき")).to_be_visible()
    axe(page, ".mg-wording")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        picture(page, f"mails-{size['width']}")
    leave(page.get_by_role("link", name="申請を受け付けたとき"))
    page.fill("#subject", "届きました")
    page.fill("#body", "")
    page.locator("#body").focus()
    page.get_by_role("button", name="{受付番号}").click()
    expect(page.locator("#body")).to_have_value("{受付番号}")
    page.fill("#body", "番号は {受付番号} です。\n{ない差し込み}")
    leave(page.get_by_role("button", name="下書きに保存"))
    expect(page.get_by_role("alert")).to_contain_text("{ない差し込み} という差し込みはありません")
    axe(page, ".mg-wording")
    picture(page, "mail-refused-390")
    page.fill("#body", "番号は {受付番号} です。\n電話 {電話}")
    leave(page.get_by_role("button", name="下書きに保存"))
    expect(page.get_by_text("このフォームの文面です。")).to_be_visible()
    axe(page, ".mg-wording")
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        picture(page, f"mail-{size['width']}")

    draft_page = FormPage.objects.get(pk=form.pk).get_latest_revision_as_object()
    english = {"届きました": "It is here", "番号は {受付番号} です。\n電話 {電話}": "Number {受付番号}"}
    draft_page.translations = {"en": english}
    draft_page.save_revision().publish()
    application = draft(form, {**SOMEBODY, "メールアドレス": "hanako@example.jp"})
    Application.objects.filter(pk=application.pk).update(language="en")
    reference = declare(application.pk, revision=application.revision).reference
    eventually(lambda: Message.objects.filter(subject="It is here", sent_at__isnull=False).exists())
    message = Message.objects.get()
    assert message.body == f"Number {reference}\n"
    page.goto(f"/admin/messages/inspect/{message.pk}/")
    expect(page.get_by_text(f"番号は {reference} です。")).to_be_visible()
    picture(page, "message-in-english-1280")
