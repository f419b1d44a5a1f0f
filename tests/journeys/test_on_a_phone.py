"""One hand, one phone, a connection that comes and goes, and another device for the rest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from applications.answers import opened
from applications.models import Application
from formbuilder.models import FormPage
from tests.applications.residents import STEPS
from tests.journeys.walking import box, heading, press
from tests.support.cast import key_of, make_cast, make_form
from tests.support.pages import axe, picture
from tests.support.server import Server
from tests.support.watch import Watch

OpenContext = Callable[[str], BrowserContext]


@pytest.fixture
def form(server: Server) -> FormPage:
    return make_form(make_cast().children, steps=STEPS)


def saved(page: Page, words: str = "保存しました") -> None:
    expect(page.locator("[data-saved]")).to_contain_text(words)


def test_one_question_at_a_time_through_a_tunnel(form: FormPage, phone: BrowserContext, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    page = phone.new_page()
    page.goto("/apply/gift/")
    press(page, "1問ずつ答える")
    expect(page.locator("main")).to_contain_text("質問 1 / 7 ほど")
    axe(page)
    picture(page, "asking-name")
    box(page, "氏名", "family").fill("見本")
    box(page, "氏名", "given").fill("花子")
    box(page, "氏名", "given").blur()
    saved(page)
    press(page, "次へ進む")
    phone.set_offline(True)
    box(page, "住所", "postcode").fill("９５１－８５５０")
    box(page, "住所", "prefecture").select_option("新潟県")
    box(page, "住所", "city").fill("新潟市中央区")
    box(page, "住所", "town").fill("学校町通1-602")
    box(page, "住所", "town").blur()
    saved(page, "保存できません")
    axe(page)
    picture(page, "asking-offline")
    phone.set_offline(False)
    saved(page)
    expect(box(page, "住所", "postcode")).to_have_value("9518550")
    answers = opened(Application.objects.get())
    assert answers[key_of("氏名")] == {"family": "見本", "given": "花子"}
    assert answers[key_of("住所")]["town"] == "学校町通1-602"
    press(page, "次へ進む")
    press(page, "次へ進む")
    expect(page.locator("main")).to_contain_text("多胎")
    picture(page, "asking-choice")
    page.go_back()
    page.go_back()
    expect(box(page, "住所", "town")).to_have_value("学校町通1-602")
    page.go_forward()
    heading(page, "申請者")
