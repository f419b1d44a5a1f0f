"""手数料 in Wagtail's admin: the list, the ledger of a day, and the way there from a case."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.widgets.button import BaseButton, HeaderButton

from applications.models import Application
from payments.desk import urls
from payments.desk.access import may_enter, may_export
from payments.desk.ledger import LEDGER
from payments.desk.views import ICON, TITLE
from payments.fees import fee_of

MENU_HOOK = "register_fees_menu_item"


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("fees/", include(urls))]


class FeesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_enter(request.user)


class LedgerMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_export(request.user)


@hooks.register("register_admin_menu_item")
def menu() -> MenuItem:
    """Shown to whoever may enter one of its items."""
    return SubmenuMenuItem(TITLE, Menu(register_hook_name=MENU_HOOK), name="fees", icon_name=ICON, order=96)


@hooks.register(MENU_HOOK)
def list_item() -> MenuItem:
    return FeesMenuItem("手数料の一覧", reverse("fees:list"), name="fee-list", icon_name=ICON, order=10)


@hooks.register(MENU_HOOK)
def ledger_item() -> MenuItem:
    return LedgerMenuItem(LEDGER, reverse("fees:ledger"), name="fee-ledger", icon_name="table", order=20)


@hooks.register("register_case_buttons")
def case_button(request: HttpRequest, case: Application) -> list[BaseButton]:
    """From the case to its fee, for who may see it."""
    fee = fee_of(case)
    if fee is None or not may_enter(request.user):
        return []
    return [HeaderButton(TITLE, url=reverse("fees:fee", args=(fee.number,)), icon_name=ICON, priority=10)]
