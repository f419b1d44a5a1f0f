"""Takes the picture of the README from a running demo: `make demo`, then `python -m scripts.pictures [ADDRESS]`."""

import os
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scripts import browser

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures" / "readme.png"
GAP, BACKGROUND = 24, "#e8ebf2"


def phone(chromium: Browser, address: str) -> bytes:
    """A step of the smile-gift form on a phone."""
    page = chromium.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP", has_touch=True).new_page()
    page.goto(f"{address}/apply/smile-gift/")
    page.check("#f-doui")
    page.fill("#f-mail", "hanako@example.jp")
    page.locator("button[value=next]:visible").last.click()
    page.fill("#f-shimei-family", "見本")
    page.fill("#f-shimei-given", "花子")
    page.fill("#f-kana-family", "ミホン")
    page.fill("#f-kana-given", "ハナコ")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    return page.screenshot()


def desk(chromium: Browser, address: str, password: str) -> bytes:
    """The department's list."""
    page = chromium.new_context(viewport={"width": 1280, "height": 844}, locale="ja-JP").new_page()
    page.goto(f"{address}/admin/login/")
    page.fill("input[name=username]", "officer")
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.goto(f"{address}/admin/cases/")
    page.wait_for_load_state("networkidle")
    return page.screenshot()


def main() -> int:
    address = (sys.argv[1:] or ["http://127.0.0.1:8000"])[0].rstrip("/")
    data = Path(os.environ.get("MADOGUCHI_DATA") or ROOT / "var")
    password = (data / "keys" / "demo_password").read_text(encoding="ascii").strip()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(browser.find()), args=browser.ARGUMENTS)
        shots = [Image.open(BytesIO(shot)) for shot in (phone(chromium, address), desk(chromium, address, password))]
        chromium.close()
    width = sum(shot.width for shot in shots) + GAP * (len(shots) + 1)
    picture = Image.new("RGB", (width, max(shot.height for shot in shots) + 2 * GAP), BACKGROUND)
    left = GAP
    for shot in shots:
        picture.paste(shot, (left, GAP))
        left += shot.width + GAP
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(128).save(TARGET, optimize=True)
    print(TARGET.relative_to(ROOT), f"{TARGET.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
