"""Finds a Chromium that really starts, or installs one: python -m scripts.browser prints its path.

Looked for in this order: $CHROMIUM, the system's, Playwright's own. Installed: Debian's package where apt-get may be
used, else Playwright's download; and a Japanese font, without which pictures show boxes.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "libatomic1")  # Playwright's driver needs the library, and a bare Debian lacks it
FONT_PACKAGE = "fonts-noto-cjk"
# No sandbox: it cannot start as root. The rest keeps Chromium from calling its maker's servers at every start.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
DRIVER = (sys.executable, "-m", "playwright", "--version")  # fails where the driver cannot run
ADVICE = """\
No Chromium that starts was found, and none could be installed. The tests need one; do one of these and run again:
  apt-get install chromium libatomic1 fonts-noto-cjk      (as root, on Debian and Ubuntu)
  .venv/bin/playwright install --with-deps chromium
  CHROMIUM=/path/to/chromium make test"""


class NoBrowser(Exception):
    """There is no Chromium that starts; the message says what was tried and what to do."""


def find() -> str:
    """The path of the Chromium to use.

    Raises NoBrowser when there is none.
    """
    if named := os.environ.get("CHROMIUM"):
        if not shutil.which(named):
            raise NoBrowser(f"CHROMIUM={named} is not a program that can be started.")
        return named
    for name in SYSTEM_NAMES:
        if path := shutil.which(name):
            return path
    if path := _playwrights_own():
        return path
    raise NoBrowser(ADVICE)


def ensure() -> str:
    """Like find(), after a real start; installs Chromium, and a Japanese font, when they are missing."""
    problems = []
    installers = [_nothing] if os.environ.get("CHROMIUM") else [_nothing, _debian_package, _playwright_download]
    for install in installers:
        problems += install()
        try:
            path = find()
            _start(path)
        except (NoBrowser, Error) as problem:
            problems.append(str(problem))
            continue
        if not _has_japanese_font():
            _install_font()
        return path
    raise NoBrowser("\n".join(dict.fromkeys([*problems, ADVICE])))


def _playwrights_own() -> str:
    """ "" when there is none, or when Playwright itself does not run."""
    if _run(DRIVER):
        return ""
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else ""


def _start(path: str) -> None:
    if problems := _run(DRIVER):
        raise NoBrowser("\n".join(problems))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page()
        page.set_content("<title>窓口</title>")
        if page.title() != "窓口":
            raise NoBrowser(f"{path} starts, but shows no page.")
        browser.close()


def _nothing() -> list[str]:
    return []


def _debian_package() -> list[str]:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ["apt-get was not tried: it needs Debian or Ubuntu, and root."]
    print("Installing Chromium from Debian's packages ...", file=sys.stderr)
    return _apt(*PACKAGES, *([] if _has_japanese_font() else [FONT_PACKAGE]))


def _playwright_download() -> list[str]:
    print("Installing Playwright's Chromium ...", file=sys.stderr)
    return _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _has_japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    fonts = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def _install_font() -> None:
    """Without one the journeys still hold, but every picture shows boxes instead of text."""
    if os.geteuid() == 0 and shutil.which("apt-get") and not _apt("fontconfig", FONT_PACKAGE):
        return
    print(f"No Japanese font: pictures will show boxes. On Debian: apt-get install {FONT_PACKAGE}", file=sys.stderr)


def _apt(*packages: str) -> list[str]:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return _run(["apt-get", "update", "-qq"], quiet) or _run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], quiet
    )


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> list[str]:
    """What went wrong; empty when nothing did."""
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode == 0:
        return []
    return [f"{' '.join(command)} failed:", (done.stderr or done.stdout).strip()[-1500:]]


if __name__ == "__main__":
    try:
        print(ensure())
    except NoBrowser as problem:
        sys.exit(str(problem))
