"""What a person waits for who opens a step on a slow phone, types and presses 次へ進む: `python -m bench.visit`.

Chromium with its processor slowed down four times and DevTools' slow 4G, nothing in its cache, our site beside the
reference in turn. Pages come as gunicorn sends them: static files are compressed, and the HTML is not, as it would be
behind a web server.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.client import HOST
from bench.report import machine
from bench.sites import OURS, REFERENCE, ROOT, Served, prepare, serve
from scripts.browser import ARGUMENTS, find

SLOWER = 4  # times
# DevTools' slow 4G: 1.6 Mbit/s down, 750 kbit/s up, less a tenth; 562 ms before each answer begins
SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 750e3 / 8 * 0.9,
}
TYPED = "窓口太郎と花子の見本です"
BUDGETS = {"kb": 60.0, "js": 15.0, "lcp": 2.5, "typing": 200.0, "pressing": 200.0}
UNITS = {"kb": "KB on the wire", "js": "KB of it JavaScript", "requests": "requests"}
UNITS |= {
    "lcp": "LCP, s",
    "typing": "typing, ms",
    "pressing": "pressing, ms",
    "next": "next page's LCP after pressing, s",
}
# Interactions, from the key or finger to the next picture on the screen, as Event Timing has them; told at once,
# since the page that a press leads away from is gone afterwards.
WATCH = """() => {
  window.mgLcp = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) window.mgLcp = e.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) if (e.interactionId) window.mgTold(e.name, e.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
}"""
QUIET = "() => new Promise(done => requestIdleCallback(() => requestAnimationFrame(() => done(window.mgLcp))))"
Found = dict[str, float]


@dataclass
class Wire:
    """Bytes as they came over the wire, headers too, and of which kind."""

    kinds: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)

    def attach(self, session: CDPSession) -> None:
        session.on("Network.responseReceived", lambda told: self.kinds.update({told["requestId"]: told["type"]}))
        session.on(
            "Network.loadingFinished", lambda told: self.sizes.update({told["requestId"]: told["encodedDataLength"]})
        )

    def kb(self, kind: str = "") -> float:
        return sum(size for id_, size in self.sizes.items() if kind in ("", self.kinds.get(id_))) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.visit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    directory = ROOT / "var" / "bench"
    found = measure(directory, rounds)
    print(machine())
    print("| | " + " | ".join(found) + " | budget |")
    print("|---" * (len(found) + 2) + "|")
    for name, unit in UNITS.items():
        figures = " | ".join(f"{each[name]:.{0 if each[name] > 20 else 1}f}" for each in found.values())
        print(f"| {unit} | {figures} | {BUDGETS.get(name, '')} |")
    missed = [name for name, most in BUDGETS.items() if found[OURS.name][name] > most]
    print(*(f"over the budget: {UNITS[name]}" for name in missed), sep="\n")
    (directory / "visit.json").write_text(json.dumps(found), encoding="utf-8")
    return 1 if missed else 0


def measure(directory: Path, rounds: int) -> dict[str, Found]:
    """Medians over the rounds, by name of the site."""
    urls = {site: f"sqlite:///{directory / site.name / 'visit.sqlite3'}" for site in (REFERENCE, OURS)}
    for site in urls:
        (directory / site.name / "visit.sqlite3").unlink(missing_ok=True)
    prepare(urls, directory)
    samples: dict[str, list[Found]] = {site.name: [] for site in urls}
    with ExitStack() as stack, sync_playwright() as playwright:
        served = [stack.enter_context(serve(site, url, directory)) for site, url in urls.items()]
        browser = playwright.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        for number in range(rounds + 1):  # the first is to warm up
            for each in served:
                sample = visit(browser, each)
                if number:
                    samples[each.site.name].append(sample)
        browser.close()
    return {
        site: {name: statistics.median(one[name] for one in each) for name in UNITS} for site, each in samples.items()
    }


def visit(browser: Browser, served: Served) -> Found:
    """A new phone opens the form, types into its first box and sends the page as it is."""
    with phone(browser, served) as (page, wire, told):
        page.goto(served.site.path, wait_until="networkidle")
        lcp = page.evaluate(QUIET)
        found = {"kb": wire.kb(), "js": wire.kb("Script"), "requests": len(wire.sizes), "lcp": lcp / 1000}
        page.locator("main input[type=text], form[method=post] input[type=text]").first.click()
        told.clear()
        for letter in TYPED:
            page.keyboard.press("a")
            page.keyboard.insert_text(letter)
        page.evaluate(QUIET)
        found["typing"] = max(told.values(), default=16.0)
        told.clear()
        # the reference leaves it to the browser to tell what is missing; both are to ask the server
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        ours = page.get_by_role("button", name="確認画面へ進む", exact=True).last
        button = ours if served.site is OURS else page.locator("form[method=post] [type=submit]")
        with page.expect_navigation(wait_until="networkidle"):
            button.click()
        found["pressing"] = told.get("pressing", max(told.values(), default=16.0))
        found["next"] = page.evaluate(QUIET) / 1000
        return found


@contextmanager
def phone(browser: Browser, served: Served) -> Iterator[tuple[Page, Wire, dict[str, float]]]:
    """A page that knows nothing yet, slowed down; what it told of interactions: name of the event -> longest, ms."""
    context = browser.new_context(
        base_url=f"http://{HOST}:{served.port}",
        locale="ja-JP",
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
    )
    context.set_default_timeout(120_000)
    told: dict[str, float] = {}

    def tell(name: Any, duration: Any) -> None:
        told[str(name)] = max(told.get(str(name), 0.0), float(duration))

    context.expose_function("mgTold", tell)
    context.add_init_script(f"({WATCH})()")
    page = context.new_page()
    session, wire = context.new_cdp_session(page), Wire()
    wire.attach(session)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    try:
        yield page, wire, told
    finally:
        context.close()


if __name__ == "__main__":
    sys.exit(main())
