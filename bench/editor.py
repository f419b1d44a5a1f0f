"""How fast the page editor opens and takes keystrokes, beside a plain nested StreamField: `python -m bench.editor`.

Both sites have the same items and run at the same time; Chromium opens them in turn. A form is open when its last block
is drawn and the browser has nothing left to do.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.client import HOST
from bench.report import machine
from bench.sites import ROOT, Served, Site, prepare, serve
from scripts.browser import ARGUMENTS, find

SIZES = (20, 100, 300)
NAME, PASSWORD = "bench", "bench-of-the-editor-1"
CARDS = Site("cards", "config.settings", "config.wsgi:application", "bench.big_forms", "/admin/login/")
PLAIN = Site("plain", "bench.plain.settings", "bench.plain.wsgi:application", "bench.big_forms", "/admin/login/")
BUDGETS = {("open", 100): 2.0, ("open", 300): 4.0, ("keys", 100): 0.5, ("keys", 300): 0.5}  # seconds
QUIET = "() => new Promise(done => requestIdleCallback(() => requestAnimationFrame(() => done(performance.now()))))"
Found = dict[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.editor", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    directory = ROOT / "var" / "bench"
    found = measure(directory, rounds)
    print(machine())
    print("| items | | nodes | to open, s | its main thread, s | ten keystrokes, s | page, KB |")
    print("|---" * 7 + "|")
    for (size, name), found_here in found.items():
        nodes, kb = (f"{found_here[what]:,.0f}" for what in ("nodes", "kb"))
        seconds = " | ".join(f"{found_here[what]:.2f}" for what in ("open", "busy", "keys"))
        print(f"| {size} | {name} | {nodes} | {seconds} | {kb} |")
    missed = [key for key, most in BUDGETS.items() if found[key[1], CARDS.name][key[0]] > most]
    print(*(f"over the budget: {what} of {size} items" for what, size in missed), sep="\n")
    (directory / "editor.json").write_text(
        json.dumps([[*key, value] for key, value in found.items()]), encoding="utf-8"
    )
    return 1 if missed else 0


def measure(directory: Path, rounds: int) -> dict[tuple[int, str], Found]:
    """Medians over the rounds, by (items, name of the site)."""
    urls = {site: f"sqlite:///{directory / site.name / 'editor.sqlite3'}" for site in (PLAIN, CARDS)}
    for site in urls:
        (directory / site.name / "editor.sqlite3").unlink(missing_ok=True)
    prepare(urls, directory)
    samples: dict[tuple[int, str], list[Found]] = {(size, site.name): [] for size in SIZES for site in urls}
    with ExitStack() as stack, sync_playwright() as playwright:
        served = [stack.enter_context(serve(site, url, directory)) for site, url in urls.items()]
        browser = playwright.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        pages = {each: log_in(browser, each) for each in served}
        for number in range(rounds + 1):  # the first is to warm up
            for size in SIZES:
                for each, page in pages.items():
                    sample = open_and_type(page, each, size)
                    if number:
                        samples[size, each.site.name].append(sample)
        browser.close()
    return {
        key: {name: statistics.median(one[name] for one in each) for name in each[0]} for key, each in samples.items()
    }


def log_in(browser: Browser, served: Served) -> Page:
    context = browser.new_context(base_url=f"http://{HOST}:{served.port}", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(120_000)  # ms; the plain one takes its time
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/admin/")
    return page


def open_and_type(page: Page, served: Served, size: int) -> Found:
    """Seconds, and how much there is."""
    page.goto("/admin/")
    address = page.evaluate(
        "async (query) => (await (await fetch(`/admin/pages/search/?q=${query}`)).text())"
        ".match(/\\/admin\\/pages\\/(\\d+)\\/edit\\//)[0]",
        f"{size}項目",
    )
    worked = main_thread(page)
    response = page.goto(address, wait_until="load")
    page.locator(f"[name=body-{size // 10 - 1}-id]").wait_for(state="attached")
    opened = page.evaluate(QUIET)
    busy = worked()
    nodes = page.evaluate("document.querySelectorAll('*').length")
    page.evaluate(
        "document.querySelector('[name=body-0-value-fields-0-type]').closest('[data-streamfield-child]')"
        ".querySelector('[data-panel-toggle]').click()"
    )
    label = page.locator("[name=body-0-value-fields-0-value-label]")
    label.wait_for(state="visible")
    label.click()
    page.evaluate(QUIET)
    begun = page.evaluate("performance.now()")
    for _ in range(10):
        page.keyboard.press("x")
    typed = page.evaluate(QUIET) - begun
    return {
        "open": opened / 1000,
        "busy": busy,
        "keys": typed / 1000,
        "nodes": nodes,
        "kb": len(response.body()) / 1024 if response else 0,
    }


def main_thread(page: Page) -> Callable[[], float]:
    """Seconds that the page's main thread works from now on: unlike the time on the clock, whatever others do."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        found = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"])

    return worked


if __name__ == "__main__":
    sys.exit(main())
