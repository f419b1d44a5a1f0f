"""A real browser in front of the real program: gunicorn, the background worker, and the database of this process.

A journey asks for `server` and for `phone` or `desktop` (two of one kind: `open_context`). It fails on any console
error, script error, policy violation, answer above 499 or request to another host, unless it said `watch.expect(...)`.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from identity.standin.keys import new_key, new_rsa_pair, public
from identity.standin.provider import PATH, StandIn
from identity.standin.server import CRL_PATH
from identity.standin.server import Server as ProviderServer
from identity.standin.verifier import Verifier
from identity.standin.verifier_server import VerifierServer
from payments.standin.server import Server as TillServer
from payments.standin.standin import StandIn as Till
from scripts.browser import ARGUMENTS, NoBrowser, find
from tests.support.pages import FAILURES
from tests.support.server import Server
from tests.support.stash import HERE, REPORTS
from tests.support.watch import Watch

# Playwright runs an event loop in this thread while a test uses the database; nothing of Django runs inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

KINDS: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
OpenContext = Callable[[str], BrowserContext]

expect.set_options(timeout=15_000)  # ms; a loaded machine is slow, and that is no mistake of the page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("journey")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        path = find()
    except NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def cards() -> Iterator[StandIn]:
    """The identity provider that the server is connected with, on a port of its own."""
    standin = StandIn("madoguchi-journey", {}, frozenset())
    provider = ProviderServer(standin)
    yield standin
    provider.stop()


@pytest.fixture(scope="session")
def verifier(cards: StandIn) -> Iterator[Verifier]:
    """Who looks at documents and faces (eKYC); it tells the server what its staff decide."""
    standin = Verifier("madoguchi-journey", {}, frozenset(), authority=cards.authority)
    server = VerifierServer(standin)
    yield standin
    server.stop()


@pytest.fixture(scope="session")
def till() -> Iterator[Till]:
    """Stripe, as far as the server knows; its events are brought to the server."""
    standin = Till()
    server = TillServer(standin)
    yield standin
    server.stop()


@pytest.fixture(scope="session")
def running_server(
    pytestconfig: pytest.Config, django_db_setup: None, cards: StandIn, verifier: Verifier, till: Till
) -> Iterator[Server]:
    key = new_key()
    private, cards.relying_key = new_rsa_pair()
    connected = {
        "MADOGUCHI_IDENTITY_ISSUER": cards.issuer,
        "MADOGUCHI_IDENTITY_CLIENT_ID": cards.client_id,
        "MADOGUCHI_IDENTITY_CLIENT_KEY": json.dumps(key),
        "MADOGUCHI_EKYC_ISSUER": verifier.issuer,
        "MADOGUCHI_EKYC_CLIENT_ID": verifier.client_id,
        "MADOGUCHI_EKYC_CLIENT_KEY": json.dumps(key),
        "MADOGUCHI_SIGNATURE_ANCHORS": cards.authority.pem,
        "MADOGUCHI_SIGNATURE_CRL": cards.issuer.removesuffix(PATH) + CRL_PATH,
        "MADOGUCHI_SIGNATURE_KEY": private,
        "MADOGUCHI_STRIPE_KEY": till.key,
        "MADOGUCHI_STRIPE_WEBHOOK_SECRET": till.secret,
        "MADOGUCHI_STRIPE_API": till.book.origin,
        "MADOGUCHI_OUTGOING_NETWORKS": "127.0.0.0/8",
    }
    server = Server(pytestconfig.stash[HERE].data, connected)
    till.courier.url = f"{server.url}/payments/stripe/webhook/"
    till.courier.start()
    for provider in (cards, verifier):
        provider.client_key, provider.redirect_uris = public(key), frozenset({f"{server.url}/identity/callback/"})
    verifier.webhook = f"{server.url}/identity/ekyc/notice/"
    yield server
    server.stop()


@pytest.fixture
def server(running_server: Server, transactional_db: None) -> Iterator[Server]:
    """On an empty, migrated database; what the test writes through Django's models is there for the server too."""
    running_server.begin()
    yield running_server
    running_server.forget()


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    watch = Watch(server.url)
    yield watch
    problems = watch.verdict()
    assert not problems, "\n".join(problems)


@pytest.fixture
def open_context(
    request: pytest.FixtureRequest, chromium: Browser, server: Server, watch: Watch
) -> Iterator[OpenContext]:
    """Opens another phone or desktop: a person of their own, with their own cookies."""
    contexts: list[BrowserContext] = []

    def open_(kind: str) -> BrowserContext:
        context = chromium.new_context(
            base_url=server.url, locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce", **KINDS[kind]
        )
        watch.attach(context)
        contexts.append(context)
        return context

    yield open_
    report = request.node.stash.get(REPORTS, {}).get("call")
    if report is not None and report.failed:
        _keep_pictures(request.node.name, contexts)
        print(f"--- what the server said:\n{server.said()}", file=sys.stderr)
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_context: OpenContext) -> BrowserContext:
    return open_context("phone")


@pytest.fixture
def desktop(open_context: OpenContext) -> BrowserContext:
    return open_context("desktop")


def _keep_pictures(test: str, contexts: list[BrowserContext]) -> None:
    FAILURES.mkdir(parents=True, exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, 1):
        path = FAILURES / f"{re.sub(r'[^0-9A-Za-z_-]+', '-', test)}-{number}.png"
        page.screenshot(path=path, full_page=True)
        print(f"{page.url} looked like this: {path}", file=sys.stderr)
