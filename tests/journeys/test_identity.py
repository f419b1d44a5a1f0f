"""住民票の写し with a card: on a phone, without scripts, and what the officer sees of it."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from applications.answers import opened
from applications.models import Application
from cms.models import Department, DepartmentPage
from formbuilder.importing import import_form
from identity.models import Verification
from identity.standin.cards import PIN, new_cards
from identity.standin.provider import StandIn
from tests.journeys.conftest import KINDS
from tests.support.cast import PASSWORD, Cast, make_admin, make_cast
from tests.support.pages import axe, leave, picture
from tests.support.server import Server
from tests.support.watch import Watch

FORM = Path(settings.BASE_DIR) / "demo" / "forms" / "juminhyo.json"
START = "/apply/juminhyo/"


@pytest.fixture
def cast(server: Server, watch: Watch, cards: StandIn) -> Cast:
    """The form of the sample city. The provider is another origin, and meant to be."""
    watch.allow(re.escape(cards.issuer.partition("/api")[0]))
    cards.cards = new_cards()
    made = make_cast()
    Department.objects.filter(pk=made.children.pk).update(phone="025-000-1002")
    data = json.loads(FORM.read_text(encoding="utf-8"))
    data["requires"] = data["requires"][:1]  # what it costs: test_payment.py
    import_form(data, section=DepartmentPage.objects.get(department=made.children), publish=True)
    return made


def begin(page: Page) -> None:
    page.get_by_role("button", name="本人確認を始める").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("マイナンバーカードの読み取り")


def read_card(page: Page, card: str = "hanako", pin: str = PIN) -> None:
    page.check(f"input[value={card}]")
    page.fill("#pin", pin)
    page.get_by_role("button", name="カードを読み取る").click()


def go_on(page: Page) -> None:
    leave(page.locator("button[name=action][value=next]:visible").last)


def fill_the_rest(page: Page) -> None:
    page.fill("#f-denwa", "025-000-1111")
    go_on(page)
    page.check("input[name=f-kankei][value=honnin]")
    page.check("input[name=f-tsukaimichi][value=job]")
    page.check("input[name=f-shurui][value=all]")
    page.fill("#f-tsusu", "2")
    go_on(page)
    page.check("input[name=f-hoho][value=mail]")
    go_on(page)


def apply(page: Page) -> Application:
    page.goto(START)
    begin(page)
    read_card(page)
    expect(page.get_by_text("マイナンバーカードで確認済み")).to_have_count(3)
    assert page.locator("#f-shimei input:not([type=hidden])").count() == 0
    fill_the_rest(page)
    expect(page.get_by_role("heading", name="本人確認")).to_be_visible()
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("受け付けました")
    return Application.objects.get(received_at__isnull=False)


def test_a_resident_applies_with_a_card_on_a_phone(phone: BrowserContext, cast: Cast) -> None:
    page = phone.new_page()
    page.goto(START)
    expect(page.get_by_role("heading", level=1)).to_have_text("本人確認")
    axe(page)
    picture(page, "identity-ask-390")
    application = apply(page)
    assert opened(application)["shimei"] == {"family": "見本", "given": "花子"}
    assert Verification.objects.get().application == application
    page.goto(f"{START}identity/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("受け付けました")


def test_the_same_without_scripts(chromium: Browser, server: Server, watch: Watch, cast: Cast) -> None:
    context = chromium.new_context(base_url=server.url, locale="ja-JP", java_script_enabled=False, **KINDS["phone"])
    watch.attach(context)
    assert apply(context.new_page()).reference
    context.close()


def test_what_goes_wrong_at_the_card_leads_back_and_loses_nothing(phone: BrowserContext, cast: Cast) -> None:
    page = phone.new_page()
    page.goto(START)
    begin(page)
    axe(page)
    read_card(page, pin="9999")
    expect(page.get_by_role("alert")).to_contain_text("あと2回")
    read_card(page, pin="9999")
    read_card(page, pin="9999")
    expect(page.get_by_role("heading", level=1)).to_have_text("暗証番号がロックされています")
    page.get_by_role("button", name="もとのサイトにもどる").click()
    expect(page.get_by_role("alert")).to_contain_text("取りやめられました")
    axe(page)
    picture(page, "identity-cancelled-390")
    begin(page)
    read_card(page, "revoked")
    expect(page.get_by_role("heading", level=1)).to_have_text("電子証明書が失効しています")
    leave(page.get_by_role("button", name="もとのサイトにもどる"))
    begin(page)
    page.select_option("#wish", "clock")
    read_card(page, "taro")
    expect(page.get_by_role("alert")).to_contain_text("結果を確かめられませんでした")
    begin(page)
    read_card(page, "taro")
    expect(page.get_by_text("髙﨑 太郎")).to_be_visible()
    axe(page)
    picture(page, "identity-fixed-390")
    page.fill("#f-denwa", "025-000-1111")
    go_on(page)
    page.goto(f"{START}identity/")
    page.get_by_role("button", name="もう一度、本人確認をする").click()
    page.get_by_role("button", name="やめる").click()
    leave(page.get_by_role("link", name="申請を続ける"))
    page.goto(f"{START}1/")
    expect(page.locator("#f-denwa")).to_have_value("025-000-1111")
    expect(page.get_by_text("髙﨑 太郎")).to_be_visible()


def test_an_administrator_checks_the_connection(desktop: BrowserContext, cast: Cast) -> None:
    make_admin("kanri", PASSWORD)
    page = desktop.new_page()
    page.goto("/admin/identity/")
    page.fill("input[name=username]", "kanri")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("本人確認の点検")
    page.get_by_role("button", name="接続を確かめる").click()
    expect(page.locator("[role=status] table").first).to_contain_text("良好")
    axe(page, "main")
    picture(page, "identity-check-1280")
