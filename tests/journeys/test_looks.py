"""Every kind of public page, as everybody has it: narrow, wide and enlarged, light and dark, in more contrast, in the
reader's own colours. axe finds nothing, nothing is too wide, and what one presses is large enough for a thumb.
"""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Request, expect

from applications.references import new_reference
from cms.models import Category, Department, GuidePage, LifeEvent
from followup import limits
from formbuilder.definition import StepDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.models import FormPage, FormVersion
from formbuilder.skin import Attached, Filling, Fixed
from tests.journeys.walking import box, heading, photo, press
from tests.support.cast import Cast, current_version, item, make_cast, make_form, make_home
from tests.support.every_type import answer_of, every_item
from tests.support.pages import axe, leave, picture
from tests.support.server import Server
from tests.support.watch import Watch

TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Links inside a sentence, and boxes whose label is large, are excepted (WCAG 2.2, 2.5.8)
TOO_SMALL = """() => [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden])')]
  .filter(e => !e.closest('p, .mg-prose, .mg-sr') && !e.classList.contains('mg-sr') && e.checkVisibility())
  .filter(e => !(e.labels?.length && e.labels[0].getBoundingClientRect().height >= 44))
  .filter(e => !(e.closest('.mg-card')))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.5 && box.bottom > 0)
  .map(([e, box]) => `${e.outerHTML.slice(0, 90)} is ${Math.round(box.height)} high`)"""
USUAL: dict[str, Any] = {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
SCHEMES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "contrast": {"contrast": "more"},
    "dark-contrast": {"color_scheme": "dark", "contrast": "more"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
Look = Callable[[str], None]
OpenContext = Callable[[str], BrowserContext]


@pytest.fixture
def cast(server: Server) -> Cast:
    return make_cast()


@pytest.fixture
def form(cast: Cast) -> FormPage:
    """One item of every type on one screen."""
    items = every_item(help="分からないときは、窓口へ。")
    steps = {"申請する方": items, "確認": [item("text", "備考")]}
    form = make_form(cast.children, title="にいがたスマイルギフト支給申請", steps=steps)
    birth = LifeEvent.objects.create(name="妊娠・出産", icon="baby")
    money = Category.objects.create(name="手当・給付金", icon="coin")
    draft = form.get_latest_revision_as_object()
    draft.summary = "妊娠した方に、5万円を支給します。"
    draft.guide = "<h2>対象となる方</h2><ul><li>申請の日に、市に住民票がある方</li></ul>"
    draft.minutes = 10
    draft.life_events.add(birth)
    draft.categories.add(money)
    draft.accepts_until = timezone.now() + timedelta(days=90)
    draft.save_revision().publish()
    later = make_form(cast.waste, title="粗大ごみ収集の申込み", code="sodai")
    later.accepts_from = timezone.now() + timedelta(days=9)
    for topic in ("引越し・住まい", "高齢・介護"):
        later.life_events.add(LifeEvent.objects.create(name=topic, icon="house"))
    later.save()
    make_home().add_child(instance=GuidePage(title="このサイトの使い方", slug="guide", body="<p>手続を選びます。</p>"))
    return form


def looker(page: Page, kind: str) -> Look:
    """Looks at the page in every scheme; says where it is too wide or too small."""
    schemes = SCHEMES if kind == "narrow" else {name: SCHEMES[name] for name in ("light", "dark")}

    def look(name: str) -> None:
        for scheme, media in schemes.items():
            page.emulate_media(**{**USUAL, **media})
            axe(page)
            picture(page, f"looks-{kind}-{name}-{scheme}")
        page.emulate_media(**USUAL)
        assert not page.evaluate(TOO_WIDE), f"{name} is too wide"
        assert page.evaluate(TOO_SMALL) == [], name
        assert page.evaluate("document.getAnimations().length") == 0, f"something moves on {name}"

    return look


@pytest.fixture(params=["narrow", "desktop"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(open_context: OpenContext, kind: str, form: FormPage) -> Page:
    page = open_context("desktop" if kind == "desktop" else "phone").new_page()
    if kind == "narrow":
        page.set_viewport_size({"width": 320, "height": 640})  # as 1280 pixels enlarged to 400 %
    return page


def test_the_catalogue(page: Page, kind: str) -> None:
    look = looker(page, kind)
    birth = LifeEvent.objects.get(name="妊娠・出産")
    for name, address in (
        ("home", "/"),
        ("found", f"/?q=すまいる&life={birth.pk}&open=1"),
        ("nothing", "/?q=見つからない言葉"),
        ("department", "/kodomo/"),
    ):
        page.goto(address)
        look(name)


def test_what_residents_read_before_they_apply(page: Page, kind: str, watch: Watch) -> None:
    watch.expect("status of (404|410)")
    look = looker(page, kind)
    for name, address in (
        ("guide", "/guide/"),
        ("form", "/kodomo/gift/"),
        ("form-before", "/kankyo/sodai/"),
        ("start-before", "/apply/sodai/"),
        ("404", "/no-such-page/"),
    ):
        page.goto(address)
        look(name)


def test_a_screen_with_every_kind_of_item(page: Page, kind: str) -> None:
    look = looker(page, kind)
    page.goto("/apply/gift/")
    look("step")
    press(page, "次へ進む")
    assert page.title().startswith("エラー：")
    look("mistakes")


STATES = ("filled", "wrong", "fixed")  # empty it is in the test above


def test_every_kind_of_item_in_every_state(open_context: OpenContext, form: FormPage) -> None:
    page = open_context("phone").new_page()
    page.goto("/apply/gift/")
    step = current_version(form).engine.definition.steps[0]
    for state in STATES:  # put into the page as the server would send them
        html = str(current_version(form).engine.skin(step).fill(filling(step, state)))
        page.evaluate("(html) => { document.querySelector('.mg-fields').innerHTML = html; }", html)
        axe(page)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            picture(page, f"looks-{width}-{state}")
            assert not page.evaluate(TOO_WIDE), f"{state} is too wide at {width}"


def filling(step: StepDef, state: str) -> Filling:
    asked = {item.key: (item, FIELD_TYPES[item.type]) for item in step.fields if FIELD_TYPES[item.type].is_input}
    wrong, why = [("", "もう一度、確かめて入力してください。")], "本人確認で確かめた内容です。"
    shown = {key: type_.display(item, answer_of(type_)) for key, (item, type_) in asked.items()}
    return Filling(
        boxes={key: type_.boxes(item, answer_of(type_)) for key, (item, type_) in asked.items()},
        visible=frozenset(item.key for item in step.fields),
        errors=dict.fromkeys(asked, wrong) if state == "wrong" else {},
        files={key: [Attached("1", "手帳.jpg", 1200)] for key, (_, type_) in asked.items() if type_.takes_files},
        computed={key: "50,000円" for key, (_, type_) in asked.items() if not type_.is_asked},
        fixed={key: Fixed(text, why) for key, text in shown.items()} if state == "fixed" else {},
    )


def test_the_end_of_the_way(page: Page, kind: str, watch: Watch) -> None:
    watch.expect("status of (403|410)")
    look = looker(page, kind)
    FormPage.objects.filter(code="sodai").update(accepts_from=None)
    page.goto("/apply/sodai/")
    for part, name in (("family", "見本"), ("given", "花子")):
        box(page, "氏名", part).fill(name)
    for part, name in (("family", "ミホン"), ("given", "ハナコ")):
        box(page, "フリガナ", part).fill(name)
    press(page, "次へ進む")
    press(page, "確認画面へ進む")
    heading(page, "入力内容の確認")
    look("check")
    FormPage.objects.filter(code="sodai").update(accepts_until=timezone.now())
    press(page, "この内容で申請する")
    heading(page, "いまは受け付けていません")
    look("closed")
    FormPage.objects.filter(code="sodai").update(accepts_until=None)
    page.goto("/apply/sodai/")
    press(page, "この内容で申請する")
    heading(page, "申請を受け付けました")
    look("done")
    page.goto("/apply/gift/")
    page.context.clear_cookies()
    press(page, "次へ進む")
    heading(page, "操作を続けられませんでした")
    look("csrf")


def test_what_is_empty_over_or_too_often(page: Page, kind: str, watch: Watch) -> None:
    """Coming back with a number, a visit that is over, limits, and a catalogue without anything in it."""
    watch.expect("status of (403|429|500)")
    look = looker(page, kind)
    page.goto("/continue/")
    look("continue")
    page.get_by_label("続きの番号").fill("A3C4")
    press(page, "続きを開く")
    look("continue-mistake")
    page.goto("/status/?over=1")
    look("status-over")
    number = new_reference()
    while limits.MAILS_OF_APPLICATION.take(f"number {number}"):
        pass
    page.locator("#reference").fill(number)
    leave(page.locator("main form button[type=submit]"))
    expect(page.locator("main")).to_contain_text("何度も")
    look("too-often")
    broken = make_form(Department.objects.get(code="kodomo"), title="こわれた様式", code="broken")
    FormVersion.objects.filter(form=broken).update(document={})
    page.goto("/apply/broken/")
    look("500")
    page.goto("/accessibility/")
    look("accessibility")
    for each in FormPage.objects.all():
        each.unpublish()
    page.goto("/")
    expect(page.locator("main")).to_contain_text("いま公開している手続はありません")
    look("empty")


def test_what_comes_and_goes_on_a_page(page: Page, kind: str) -> None:
    """A choice of towns, a file on its way, and one that was refused."""
    look = looker(page, kind)
    page.goto("/apply/gift/")
    box(page, "addressの項目", "postcode").fill("4520961")
    expect(page.locator(".mg-offers button").first).to_be_visible()
    look("towns")
    page.get_by_role("button", name="清須市春日一番割", exact=True).click()
    expect(box(page, "addressの項目", "town")).to_have_value("春日一番割")
    expect(box(page, "addressの項目", "town")).to_be_focused()
    expect(page.locator(".mg-offers")).to_have_count(0)
    pieces = re.compile("/uploads/[^/]+/")
    page.route(pieces, lambda route: None)
    box(page, "photoの項目").set_input_files([photo()])
    expect(page.locator(".mg-sending__item")).to_contain_text("送っています")
    look("uploading")
    page.unroute(pieces)  # what was stopped goes on
    expect(page.locator(".mg-files__item")).to_have_count(1)
    look("uploaded")


@pytest.mark.parametrize(("width", "size"), [(1280, "200%"), (390, "200%"), (640, "100%")])
def test_twice_as_large_everything_stays_on_the_screen(
    open_context: OpenContext, form: FormPage, width: int, size: str
) -> None:
    """The text alone, on a wide screen and on a phone; and a wide screen zoomed in, which is half as wide then."""
    page = open_context("desktop").new_page()
    page.set_viewport_size({"width": width, "height": 800})
    addresses = {"home": "/", "form": "/kodomo/gift/", "step": "/apply/gift/", "status": "/status/"}
    for name, address in addresses.items():
        page.goto(address)
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
        axe(page)
        picture(page, f"looks-twice-{width}-{name}")
        assert not page.evaluate(TOO_WIDE), f"{name} is too wide"


def test_a_card_is_reached_and_shown_by_the_keyboard(page: Page, kind: str) -> None:
    page.goto("/")
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.text_content() == "にいがたスマイルギフト支給申請":
            break
    style = "e => getComputedStyle(e, '::after').outlineStyle"
    assert focused.evaluate(style) != "none"
    page.keyboard.press("Enter")
    heading(page, "にいがたスマイルギフト支給申請")


def test_a_first_visit_to_a_screen_is_light(open_context: OpenContext, form: FormPage) -> None:
    """Design §12, with what a web server in front would compress; the screen has an item of every type."""
    page, asked = open_context("phone").new_page(), list[Request]()
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto("/apply/gift/1/", wait_until="networkidle")
    answers = [answer for request in asked if (answer := request.response())]
    sizes = {answer.url: len(gzip.compress(answer.body(), 6)) for answer in answers}
    scripts = sum(size for url, size in sizes.items() if ".js" in url)
    assert len(sizes) > 4
    assert sum(sizes.values()) <= 60 * 1024, sizes
    assert 0 < scripts <= 15 * 1024, sizes
