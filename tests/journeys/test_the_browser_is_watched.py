"""The journeys' own guard: it sees what it must see, so that a journey that passes says something."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from wagtail.models import Site

from tests.support.pages import axe
from tests.support.server import Server, eventually
from tests.support.watch import Watch

POLICY = "default-src 'none'; img-src 'self'; script-src 'self'"


@pytest.fixture
def seen(server: Server) -> Watch:
    """A watch whose verdict the test reads itself."""
    return Watch(server.url)


@pytest.fixture
def page(chromium: Browser, server: Server, seen: Watch) -> Page:
    """A page of the server's own address under a policy, with a body that the test gives."""
    context = chromium.new_context(base_url=server.url)
    seen.attach(context)
    page = context.new_page()
    body = "<!doctype html><html lang=ja><link rel=icon href=data:,><title>窓口</title><h1>窓口</h1>"
    page.route("**/here", lambda route: route.fulfill(content_type="text/html", body=body))
    page.route("**/guarded", lambda route: route.fulfill(headers={"content-security-policy": POLICY}, body=body))
    return page


def test_a_quiet_page_is_fine(page: Page, seen: Watch) -> None:
    page.goto("/here")
    assert seen.verdict() == []


def test_console_errors_are_seen(page: Page, seen: Watch) -> None:
    page.goto("/here")
    page.evaluate("console.error('something')")
    assert any("something" in line for line in seen.verdict())


def test_script_errors_are_seen(page: Page, seen: Watch) -> None:
    page.goto("/here")
    page.evaluate("setTimeout(() => { throw new Error('broken') }); new Promise(done => setTimeout(done, 50))")
    assert any(line.startswith("script error: broken") for line in seen.verdict())


def test_requests_to_elsewhere_are_seen_and_do_not_leave(page: Page, seen: Watch) -> None:
    page.goto("/here")
    outcome = page.evaluate("fetch('https://elsewhere.example/x').then(() => 'answered', () => 'refused')")
    assert outcome == "refused"
    assert "request to elsewhere: https://elsewhere.example/x" in seen.verdict()


def test_policy_violations_are_seen(page: Page, seen: Watch) -> None:
    page.goto("/guarded")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert page.evaluate("window.ran") is None
    assert any(line.startswith("content policy: script-src") for line in seen.verdict())


def test_failing_answers_are_seen(page: Page, seen: Watch) -> None:
    page.route("**/broken", lambda route: route.fulfill(status=500, body="x"))
    page.goto("/broken")
    assert any(line.startswith("status of 500") for line in seen.verdict())


def test_what_is_expected_must_occur(page: Page, seen: Watch) -> None:
    seen.expect("status of 404")
    assert seen.verdict() == ["expected, but did not occur: status of 404"]
    page.goto("/no-such-page/")
    assert not [line for line in seen.verdict() if "404" in line]


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.goto("/here")
    axe(page, within="h1")
    page.evaluate("document.body.append(document.createElement('input'))")
    with pytest.raises(AssertionError, match="label"):
        axe(page)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_journey_begins_on_an_empty_database(server: Server, desktop: BrowserContext, turn: str) -> None:
    """The server answers from the same database as the test, and forgets it afterwards."""
    assert Site.objects.count() == 1
    Site.objects.create(hostname=turn, port=1, root_page_id=1)
    answer = desktop.request.get("/healthz")
    assert answer.text() == "ok"
    eventually(lambda: Site.objects.count() == 2)


def test_a_phone_is_a_japanese_phone(server: Server, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/healthz")
    told = page.evaluate("[screen.width, navigator.language, new Date(0).getHours(), navigator.maxTouchPoints > 0]")
    assert told == [390, "ja-JP", 9, True]
