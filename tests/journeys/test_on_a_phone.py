"""One hand, one phone, a connection that comes and goes, and another device for the rest."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from applications.answers import opened
from applications.models import Application
from formbuilder.models import FormPage
from tests.applications.residents import STEPS
from tests.journeys.walking import box, heading, photo, press
from tests.support.cast import item, key_of, make_cast, make_form
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
    box(page, "住所", "postcode").fill("９５１－８５５０")
    saved(page)
    expect(box(page, "住所", "postcode")).to_have_value("９５１－８５５０")  # not changed while it is typed
    box(page, "住所", "postcode").blur()
    expect(box(page, "住所", "postcode")).to_have_value("9518550")
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


def test_three_photos_go_while_the_rest_is_filled_in(server: Server, phone: BrowserContext, watch: Watch) -> None:
    watch.expect("ERR_INTERNET_DISCONNECTED")
    items = [item("photo", "現場", min_files=3, max_files=3, max_mb=10), item("text", "場所")]
    make_form(make_cast().children, steps={"道路": items, "連絡": [item("text", "備考", required=False)]})
    page = phone.new_page()
    page.goto("/apply/gift/")
    files = page.locator(".mg-files__item")
    box(page, "現場").set_input_files([photo("一.jpg", 64), photo("二.jpg", 72)])
    expect(files).to_have_count(2)
    phone.set_offline(True)
    box(page, "現場").set_input_files([photo("三.jpg", 80)])
    expect(page.locator(".mg-sending")).to_contain_text("通信が切れました")
    axe(page)
    picture(page, "asking-upload-offline")
    phone.set_offline(False)
    expect(files).to_have_count(3)
    expect(page.locator(".mg-sending__item")).to_have_count(0)
    axe(page)
    picture(page, "asking-uploaded")
    page.get_by_role("button", name="二.jpgを削除").click()
    expect(files).to_have_count(2)
    page_of_html: FilePayload = {"name": "頁.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"}
    box(page, "現場").set_input_files([page_of_html])
    expect(page.locator(".mg-sending")).to_contain_text("HTML形式のファイルは添付できません")
    axe(page)
    picture(page, "asking-upload-refused")
    box(page, "現場").set_input_files([photo("四.jpg", 96)])
    box(page, "場所").fill("西堀通り")
    press(page, "次へ進む")
    expect(page.locator("main")).to_contain_text("備考")
    assert Application.objects.get().attachments.count() == 3
