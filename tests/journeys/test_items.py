"""Items whose page has a script of its own: what one has typed counts at once, and is what the server takes."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from applications.answers import opened
from applications.models import Application
from formbuilder.models import FormPage
from tests.journeys.walking import box, heading, press
from tests.support.cast import item, key_of, make_cast, make_form
from tests.support.pages import axe, picture
from tests.support.server import Server

THINGS = [{"label": "住民票の写し", "code": "copy", "price": 300}, {"label": "印鑑証明", "code": "seal", "price": 1200}]
IN_A_PARK = {"rows": [{"field": f"{key_of('場所')}.first", "operator": "eq", "value": "公園"}], "match": "all"}
STEPS = {
    "申込み": [
        item("goods", "証明書", things=THINGS, counter="通"),
        item("computed", "送料込み", formula="=［証明書.合計金額］+110", unit="円"),
        item("linked", "場所"),
        item("text", "公園の名前", condition=IN_A_PARK),
        item("spot", "地点"),
        item("listed", "学校", table="1,見本小学校\n2,見本北小学校"),
        item("signature", "署名"),
    ]
}


@pytest.fixture
def form(server: Server) -> FormPage:
    return make_form(make_cast().children, title="証明書の郵送", steps=STEPS)


def test_what_is_chosen_counts_at_once(form: FormPage, phone: BrowserContext) -> None:
    phone.grant_permissions(["geolocation"])
    phone.set_geolocation({"latitude": 37.916192, "longitude": 139.036413})
    page = phone.new_page()
    page.goto("/apply/gift/")
    box(page, "証明書", "copy").fill("２")
    box(page, "証明書", "seal").fill("1")
    expect(page.locator("[data-sum]")).to_have_text("合計 1,800円")
    expect(box(page, "送料込み")).to_have_text("1,910円")
    expect(box(page, "公園の名前")).to_be_hidden()
    box(page, "場所", "first").select_option("公園")
    expect(box(page, "公園の名前")).to_be_visible()
    expect(box(page, "場所", "second").locator("optgroup:not([disabled])")).to_have_attribute("label", "公園")
    box(page, "場所", "second").select_option("遊具")
    box(page, "公園の名前").fill("みほん公園")
    page.get_by_role("button", name="今いる場所を入れる").click()
    expect(page.get_by_text("今いる場所を入れました。")).to_be_visible()
    box(page, "学校", "name").press_sequentially("見本")
    expect(page.locator("datalist option")).to_have_count(2)
    box(page, "学校", "name").fill("見本北小学校")
    sign(page)
    press(page, "確認画面へ進む")
    heading(page, "入力内容の確認")
    expect(page.get_by_text("合計：1,800円")).to_be_visible()
    answers = opened(Application.objects.select_related("version").get())
    assert answers[key_of("学校")] == "見本北小学校"
    assert len(answers[key_of("署名")]) == 1
    assert answers[key_of("証明書")] == {"copy": "2", "seal": "1"}
    assert answers[key_of("場所")] == {"first": "公園", "second": "遊具"}
    assert answers[key_of("地点")] == {"lat": "37.916192", "lng": "139.036413"}


def sign(page: Page) -> None:
    """By hand; first by nobody, then taken back, then by the keyboard."""
    page.get_by_role("button", name="この署名を使う").click()
    expect(page.get_by_text("署名を書いてから押してください。")).to_be_visible()
    pad = page.get_by_role("img", name="署名を書く枠")
    pad.scroll_into_view_if_needed()
    place = pad.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 120, place["y"] + 60, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="この署名を使う").click()
    expect(page.locator(".mg-files__name")).to_contain_text("署名.png")
    axe(page)
    picture(page, "items-signed")
    page.get_by_role("button", name="署名.pngを削除").click()
    expect(page.locator(".mg-files__name")).to_have_count(0)
    page.get_by_label("手書きできないときは").fill("見本 花子")
    page.get_by_role("button", name="名前を署名にする").click()
    expect(page.locator(".mg-files__name")).to_contain_text("署名.png")
