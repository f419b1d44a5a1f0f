"""Items whose page has a script of its own: what one has typed counts at once, and is what the server takes."""

import pytest
from playwright.sync_api import BrowserContext, expect

from applications.answers import opened
from applications.models import Application
from formbuilder.models import FormPage
from tests.journeys.walking import box, heading, press
from tests.support.cast import item, key_of, make_cast, make_form
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
    press(page, "確認画面へ進む")
    heading(page, "入力内容の確認")
    expect(page.get_by_text("合計：1,800円")).to_be_visible()
    answers = opened(Application.objects.select_related("version").get())
    assert answers[key_of("証明書")] == {"copy": "2", "seal": "1"}
    assert answers[key_of("場所")] == {"first": "公園", "second": "遊具"}
    assert answers[key_of("地点")] == {"lat": "37.916192", "lng": "139.036413"}
