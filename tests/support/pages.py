"""What journeys do with a page, whatever it shows."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.support.surroundings import ROOT

PICTURES = ROOT / "var" / "pictures"
SIZES = ((390, 844), (1280, 900))
LEAVING = 120_000  # ms; one press makes a year of slots
FAILURES = ROOT / "var" / "test-pictures"
# A message that is still fading in has colours that nobody reads it in; what moves for ever is not waited for
STILL = """() => Promise.all(document.getAnimations()
  .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished.catch(() => null)))"""


def axe(page: Page, within: str | None = None) -> None:
    """No accessibility problem that axe-core can find, in the whole page or `within` a CSS selector."""
    page.wait_for_load_state()
    page.evaluate(STILL)
    results = Axe().run(page, context=within)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def leave(through: Locator) -> None:
    """Click what leads to another page, and wait for that: what a test does next must not meet the old one."""
    with through.page.expect_navigation(timeout=LEAVING):
        through.click()


def picture(page: Page, name: str) -> None:
    """The whole page, at its full height, as var/pictures/NAME.png."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True, animations="disabled")


def look(page: Page, name: str, within: str | None = None) -> None:
    """Nothing that axe finds, nothing wider than a phone; a picture of the page on a phone and on a desk."""
    axe(page, within)
    before = page.viewport_size
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} is {wide} wide on {width}"
        picture(page, f"{name}-{width}")
    if before is not None:
        page.set_viewport_size(before)


def open_card(page: Page, prefix: str) -> None:
    """Put the settings of an item of a form into the page: its card is opened by the button in its heading."""
    block = page.locator(f"[data-streamfield-child]:has(> input[name='{prefix}-type'])")
    toggle = block.locator("[data-panel-toggle]").first
    expect(toggle).to_be_attached()
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")


def unfold(page: Page, name: str) -> None:
    """Open every card and panel around the input. Wagtail folds them once more while the page is still being drawn."""
    for card in re.finditer(r"-fields-[0-9]+(?=-value)", name):
        open_card(page, name[: card.end()])
    around = page.locator(f"[name='{name}']").locator("..")
    expect(around).to_be_attached()
    folded = page.locator(f"section:has([name='{name}']) > div > [data-panel-toggle][aria-expanded=false]")
    while folded.count() or not around.is_visible():
        folded.first.click()
