"""An editor words a mail, a resident gets it in English, it comes back; and a link is made and followed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from applications.lifecycle import declare
from applications.models import Application
from cms.models import Role
from formbuilder.fields.shared import CHANGEABLE, FIXED
from formbuilder.models import FormPage
from outreach.bounces import note_bounce
from outreach.models import Message
from tests.support.cast import SOMEBODY, Cast, draft, item, make_cast, make_form, make_staff
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


def log_in(page: Page, username: str) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]"))


def comes_back(page: Page, message: Message) -> None:
    """The case shows it, the list of cases too, and the mail is sent once more."""
    note_bounce(message.pk, "宛先のメールアドレスがありません（550 5.1.1 User unknown）")
    page.goto("/admin/cases/")
    expect(page.get_by_text("メール不着")).to_be_visible()
    picture(page, "cases-with-bounce-1280")
    leave(page.get_by_role("link", name=str(message.application.reference)))
    expect(page.get_by_text("メールが届かない宛先があります。")).to_be_visible()
    axe(page, ".casework-case")
    picture(page, "case-with-bounce-1280")
    page.set_viewport_size(NARROW)
    picture(page, "case-with-bounce-390")
    leave(page.get_by_role("link", name="申請を受け付けたとき"))
    expect(page.get_by_role("button", name="もう一度送る")).to_be_visible()
    axe(page, "#main")
    picture(page, "message-bounced-390")
    leave(page.get_by_role("button", name="もう一度送る"))
    expect(page.get_by_text("もう一度送ります。結果は、この画面に出ます。")).to_be_visible()


def test_an_editor_words_a_mail_and_a_resident_gets_it_in_english(
    server: Server, cast: Cast, open_context: OpenContext
) -> None:
    form = cast.form
    make_staff("bunmen", (cast.children, Role.EDITOR), (cast.children, Role.OFFICER), password=PASSWORD)
    page = open_context("desktop").new_page()
    log_in(page, "bunmen")

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

    comes_back(page, message)


def test_an_officer_makes_a_link_and_a_resident_follows_it(
    server: Server, cast: Cast, open_context: OpenContext
) -> None:
    steps = {"面談": [item("text", "面談番号", from_link=FIXED), item("text", "希望", from_link=CHANGEABLE)]}
    form = make_form(cast.children, code="linked", steps=steps)
    make_staff("renkei", (cast.children, Role.OFFICER), password=PASSWORD)
    page = open_context("desktop").new_page()
    log_in(page, "renkei")
    page.goto(f"/admin/forms/{form.pk}/links/")
    page.get_by_label("面談番号").fill("A-123")
    leave(page.get_by_role("button", name="リンクを作る"))
    expect(page.get_by_label("アドレス")).to_have_value(re.compile("/f/linked/.*A-123"))
    expect(page.get_by_alt_text("リンクのQRコード")).to_be_visible()
    axe(page, ".mg-links")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        picture(page, f"links-{size['width']}")
    link = page.get_by_label("アドレス").input_value()

    phone = open_context("phone").new_page()
    phone.goto("/f/linked/?" + link.partition("?")[2])
    expect(phone.get_by_role("heading", name="リンクで入る内容")).to_be_visible()
    axe(phone)
    picture(phone, "link-390")
    phone.set_viewport_size(WIDE)
    picture(phone, "link-1280")
    leave(phone.get_by_role("button", name="申請をはじめる"))
    expect(phone.get_by_text("開いたリンクから入りました。変えられません。")).to_be_visible()
    axe(phone)
    picture(phone, "link-step-1280")
