"""A member of staff sets the second factor up on a telephone's screen, and comes in with it."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from cms.models import Role
from tests.entrance.entering import forget_use, totp
from tests.support.cast import PASSWORD, make_department, make_staff
from tests.support.pages import axe, leave, picture
from tests.support.server import Server

OpenContext = Callable[[str], BrowserContext]


def give_password(page: Page, name: str) -> None:
    page.goto("/admin/login/")
    axe(page)
    picture(page, f"entrance-login-{name}")
    page.fill("[name=username]", "taro")
    page.fill("[name=password]", PASSWORD)
    leave(page.locator("form button[type=submit]"))


def look(page: Page, path: str, name: str) -> None:
    page.goto(path)
    axe(page)
    picture(page, f"entrance-{name}")


def test_set_up_and_come_in(server: Server, open_context: OpenContext) -> None:
    make_staff("taro", (make_department(), Role.OFFICER), password=PASSWORD)
    page = open_context("desktop").new_page()
    give_password(page, "first")
    look(page, "/admin/account/", "account")
    look(page, "/admin/second-factor/", "off")
    leave(page.get_by_role("link", name="2段階認証を設定する"))
    axe(page)
    picture(page, "entrance-activate")
    secret = page.locator(".entrance-key").inner_text()
    page.get_by_label("確認コード").fill("000000")
    leave(page.get_by_role("button", name="設定する"))
    expect(page.get_by_text("コードが違います")).to_be_visible()
    axe(page)
    secret = page.locator(".entrance-key").inner_text()
    page.get_by_label("確認コード").fill(totp(secret))
    leave(page.get_by_role("button", name="設定する"))
    expect(page.get_by_text("まだ使っていない回復コード")).to_be_visible()
    axe(page)
    picture(page, "entrance-codes")
    leave(page.get_by_role("link", name="保管しました"))
    look(page, "/admin/second-factor/", "on")
    look(page, "/admin/second-factor/totp/deactivate/", "deactivate")
    forget_use()

    other = open_context("phone").new_page()
    give_password(other, "phone")
    expect(other.get_by_role("heading", name="2段階認証")).to_be_visible()
    axe(other)
    picture(other, "entrance-code")
    other.get_by_label("確認コード").fill(totp(secret))
    leave(other.get_by_role("button", name="ログイン"))
    expect(other).to_have_url(f"{server.url}/admin/")
    look(other, "/admin/second-factor/recovery-codes/", "codes-phone")
