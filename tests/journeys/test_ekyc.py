"""A card for the library with a photographed licence: looked at by a person, refused, tried again, approved, sent."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from applications.models import Application
from applications.status import Status
from cms.models import DepartmentPage
from formbuilder.importing import import_form
from identity.models import Inspection, Verification
from identity.standin.provider import PATH, StandIn
from identity.standin.verifier import Verifier
from tests.journeys.test_identity import go_on
from tests.support.cast import PASSWORD, Cast, make_cast
from tests.support.pages import axe, picture
from tests.support.server import Server, eventually
from tests.support.watch import Watch

FORM = Path(settings.BASE_DIR) / "demo" / "forms" / "riyo-card.json"
START = "/apply/riyo-card/"


@pytest.fixture
def cast(server: Server, watch: Watch, cards: StandIn, verifier: Verifier) -> Cast:
    """The form of the sample city. The verifier is another origin, and meant to be."""
    for provider in (cards, verifier):
        watch.allow(re.escape(provider.issuer.removesuffix(PATH)))
    verifier.processes.clear()
    made = make_cast()
    made.officer.set_password(PASSWORD)
    made.officer.save()
    data = json.loads(FORM.read_text(encoding="utf-8"))
    import_form(data, section=DepartmentPage.objects.get(department=made.children), publish=True)
    return made


def is_photographed(page: Page, result: str) -> None:
    page.get_by_role("button", name="書類と顔の撮影を始める").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("書類と顔の撮影")
    page.select_option("#result", result)
    page.get_by_role("button", name="撮影して送る").click()


def test_a_document_is_looked_at_by_a_person_and_the_application_arrives(
    phone: BrowserContext, desktop: BrowserContext, cast: Cast, verifier: Verifier
) -> None:
    page = phone.new_page()
    page.goto(START)
    expect(page.get_by_role("heading", name="本人確認書類と顔の撮影で確認する")).to_be_visible()
    axe(page)
    picture(page, "ekyc-ask-390")
    is_photographed(page, "face_mismatch")
    expect(page.get_by_role("alert")).to_contain_text("帽子やマスクを外して")
    axe(page)
    picture(page, "ekyc-refused-390")
    is_photographed(page, "pending")
    expect(page.get_by_role("heading", name="本人確認書類の審査を待っています")).to_be_visible()
    axe(page)
    picture(page, "ekyc-pending-390")
    somebody_decides(desktop.new_page(), verifier)
    page.get_by_role("link", name="結果を確かめる").click()
    expect(page.get_by_role("heading", name="本人確認は済んでいます")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="申請を続ける").click()
    expect(page.get_by_text("本人確認書類の撮影と顔で確認済み")).to_have_count(3)
    picture(page, "ekyc-fixed-390")
    page.fill("#f-denwa", "025-000-1111")
    go_on(page)
    page.check("input[name=f-shisetsu][value=library]")
    go_on(page)
    page.get_by_role("button", name="この内容で申請する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("受け付けました")
    application = Application.objects.get(status=Status.SUBMITTED)
    assert Verification.objects.get(application=application).method == "photo_face"
    officer_reads_how(desktop.new_page(), application, cast)


def somebody_decides(page: Page, verifier: Verifier) -> None:
    """The verifier's staff; it tells by its webhook."""
    page.goto(f"{verifier.issuer.removesuffix(PATH)}/control")
    axe(page)
    page.get_by_role("button", name="承認する").click()
    expect(page.get_by_text("ありません。", exact=True)).to_be_visible()
    eventually(lambda: Inspection.objects.filter(state=Inspection.State.APPROVED).exists())


def officer_reads_how(page: Page, application: Application, cast: Cast) -> None:
    page.goto(f"/admin/cases/{application.public_id}/")
    page.fill("input[name=username]", cast.officer.username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form button[type=submit]").first.click()
    expect(page.get_by_text("済み（本人確認書類の撮影と顔（eKYC））")).to_be_visible()
    expect(page.get_by_text("身元確認 2、当人認証 1")).to_be_visible()
    picture(page, "ekyc-case-1280")
