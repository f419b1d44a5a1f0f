"""手数料 in the browser: a certificate paid by card after a decline, part of it given back; a voucher paid late."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from applications.models import Application
from applications.status import Status
from cms.models import DepartmentPage
from demo.bulky_waste import build_bulky_waste
from formbuilder.importing import import_form
from identity.standin.cards import SIGN_PIN, new_cards
from identity.standin.provider import StandIn
from payments.fees import fee_of
from payments.links import path_of
from payments.models import Refund
from payments.standin.standin import StandIn as Till
from payments.status import RefundState
from reservations.expiry import expire_holds
from reservations.models import Booking, State
from tests.journeys.test_identity import START, begin, go_on, read_card
from tests.support.cast import PASSWORD, Cast, make_cast
from tests.support.pages import axe, leave, picture
from tests.support.server import Server, eventually
from tests.support.watch import Watch

FORMS = Path(settings.BASE_DIR) / "demo" / "forms"


@pytest.fixture
def cast(server: Server, watch: Watch, cards: StandIn, till: Till) -> Cast:
    """The form of the sample city. The providers are other origins, and meant to be."""
    for origin in (cards.issuer.partition("/api")[0], till.book.origin):
        watch.allow(re.escape(origin))
    cards.cards = new_cards()
    till.courier.deliveries.clear()
    made = make_cast()
    build_bulky_waste(made.children)
    made.officer.set_password(PASSWORD)
    made.officer.save()
    for name in ("juminhyo", "ogata-gomi"):
        data = json.loads((FORMS / f"{name}.json").read_text(encoding="utf-8"))
        import_form(data, section=DepartmentPage.objects.get(department=made.children), publish=True)
    return made


def declare(page: Page) -> Application:
    """Two copies by express mail; to the page that asks for the money."""
    page.goto(START)
    begin(page)
    read_card(page)
    expect(page.get_by_text("マイナンバーカードで確認済み")).to_have_count(3)
    page.fill("#f-denwa", "025-000-1111")
    page.fill("#f-mail", "hanako@example.jp")
    go_on(page)
    page.check("input[name=f-kankei][value=honnin]")
    page.check("input[name=f-tsukaimichi][value=job]")
    page.check("input[name=f-shurui][value=all]")
    page.fill("#f-tsusu", "2")
    go_on(page)
    page.check("input[name=f-hoho][value=express]")
    go_on(page)
    sign(page)
    expect(page.get_by_text("1,010円").first).to_be_visible()
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("手数料の支払い")
    return Application.objects.get(status=Status.PENDING)


def sign(page: Page) -> None:
    """Everything once more, and the card with its other number."""
    expect(page.get_by_role("heading", level=1)).to_have_text("電子署名")
    axe(page)
    picture(page, "signature-390")
    page.get_by_role("button", name="マイナンバーカードで署名する").click()
    expect(page.get_by_text("署名用電子証明書の暗証番号").first).to_be_visible()
    picture(page, "standin-signature-390")
    read_card(page, pin="WRONG12")
    expect(page.get_by_role("alert")).to_contain_text("あと4回")
    read_card(page, pin=SIGN_PIN)
    expect(page.get_by_role("heading", level=1)).to_have_text("入力内容の確認")
    picture(page, "signature-check-390")


def pay(page: Page, how: str) -> None:
    page.check(f"input[name=with][value='{how}']")
    leave(page.locator("button[name=action][value=pay]"))


def test_a_certificate_is_paid_after_a_decline_and_part_of_it_goes_back(
    phone: BrowserContext, desktop: BrowserContext, cast: Cast
) -> None:
    page = phone.new_page()
    application = declare(page)
    axe(page)
    picture(page, "payment-ask-390")
    page.get_by_role("button", name="支払いに進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("お支払い")
    axe(page)
    picture(page, "standin-checkout-390")
    pay(page, "4000000000000002")
    expect(page.get_by_role("alert")).to_contain_text("承認されませんでした")
    assert Application.objects.get(pk=application.pk).received_at is None
    pay(page, "4242424242424242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("受け付けました")
    picture(page, "payment-done-390")
    officer_takes_one_copy_away(desktop.new_page(), application, cast)
    eventually(lambda: Refund.objects.filter(state=RefundState.SUCCEEDED, amount=300).exists())
    page.goto(path_of(application))
    expect(page.get_by_text("300円").first).to_be_visible()
    axe(page)
    picture(page, "payment-paid-390")
    with page.expect_download() as download:
        page.locator("a[href$='receipt.pdf']").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def officer_takes_one_copy_away(page: Page, application: Application, cast: Cast) -> None:
    fee = fee_of(application)
    assert fee is not None
    page.goto(f"/admin/fees/{fee.number}/change/")
    page.fill("input[name=username]", cast.officer.username)
    page.fill("input[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]").first)
    page.fill("input[name=quantity_0]", "1")
    page.fill("textarea[name=reason]", "1通で足りるとのこと")
    picture(page, "fee-change-1280")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text("710円")
    picture(page, "fee-changed-1280")


def fill(page: Page, **answers: str) -> None:
    for name, text in answers.items():
        page.fill(f"#f-{name.replace('_', '-')}", text)


def choose_a_day(page: Page) -> Booking:
    """A sofa and two bicycles, fetched on the first day there is; to the check page."""
    page.goto("/apply/ogata-gomi/")
    fill(page, shimei_family="見本", shimei_given="花子", kana_family="ミホン", kana_given="ハナコ")
    fill(page, denwa="025-000-1111", mail="hanako@example.jp", jusho_postcode="9518550", jusho_city="みほん市")
    page.select_option("#f-jusho-prefecture", "新潟県")
    fill(page, jusho_town="中央1-2-3")
    go_on(page)
    fill(page, sofa="1", jitensha="2")
    go_on(page)
    page.check("input[name=f-basho][value=door]")
    page.check("input[name=f-genmen][value=none]")
    go_on(page)
    page.locator("button.mg-slot").first.click()
    expect(page.locator("h1")).to_have_text("入力内容の確認")
    expect(page.get_by_text("2,000円").first).to_be_visible()
    return Booking.objects.get()


def test_a_voucher_is_paid_when_a_hold_would_long_be_gone(phone: BrowserContext, cast: Cast) -> None:
    page = phone.new_page()
    booking = choose_a_day(page)
    held_until = booking.hold_expires_at
    assert held_until is not None
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("手数料の支払い")
    page.get_by_role("button", name="支払いに進む").click()
    pay(page, "konbini")
    voucher = page.url
    page.get_by_role("link", name="もとのサイトにもどる").click()
    expect(page.get_by_text("払込番号").first).to_be_visible()
    axe(page)
    picture(page, "payment-voucher-390")
    longer = {"hold_expires_at__gt": held_until + timedelta(days=3)}
    eventually(lambda: Booking.objects.filter(**longer).exists())
    with time_machine.travel(held_until + timedelta(days=3)):
        assert expire_holds() == 0
    page.goto(voucher)
    page.get_by_role("link", name="店のレジに行く").click()
    page.get_by_role("button", name="現金で支払う").click()
    page.get_by_role("link", name="もとのサイトにもどる").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("受け付けました")
    eventually(lambda: Booking.objects.get().state == State.CONFIRMED)
    assert Application.objects.get().status == Status.SUBMITTED
    picture(page, "payment-voucher-paid-390")
