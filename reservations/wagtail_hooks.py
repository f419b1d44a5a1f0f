"""The reservations in Wagtail's admin: the menu 予約, its pages, and what the history says of what happens there."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.log_actions import LogActionRegistry

from reservations.ledger import urls as ledger_urls
from reservations.ledger.access import may_enter
from reservations.ledger.home import CallsPanel
from reservations.ledger.waiters import calls_of
from reservations.lottery import desk as lottery_desk
from reservations.lottery import desk_urls as lottery_desk_urls
from reservations.setup.access import may_set_up
from reservations.setup.changes import RULES
from reservations.setup.history import RulesFormatter
from reservations.setup.viewset import MENU_HOOK, ReceptionViewSet
from reservations.waiting import desk as waiting_desk
from reservations.waiting import desk_urls as waiting_desk_urls


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    """Shown to whoever may enter one of its items; items are added by the hook `register_reservations_menu_item`."""
    return SubmenuMenuItem("予約", Menu(register_hook_name=MENU_HOOK), name="reservations", icon_name="date", order=95)


@hooks.register("register_admin_viewset")
def receptions_viewset() -> ReceptionViewSet:
    return ReceptionViewSet()


class SetupMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_set_up(request.user)


@hooks.register(MENU_HOOK)
def balance_menu_item() -> MenuItem:
    return SetupMenuItem("帳尻の確認", reverse("receptions:balance"), name="balance", icon_name="check", order=900)


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("reservations.generate", "枠を作成", "枠を作成しました")
    actions.register_action("reservations.copy", "枠を複写", "前の年の枠を写しました")
    actions.register_action("reservations.limits", "定員を変更", "定員か受付の可否を変えました")
    actions.register_action(RULES)(RulesFormatter)
    actions.register_action("reservations.lottery.open", "抽選の受付を開始", "抽選の受付を始め、乱数の種を決めました")
    actions.register_action("reservations.lottery.draw", "抽選を実施", "抽選を行いました")


class LedgerMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_enter(request.user)


@hooks.register("construct_homepage_panels")
def add_calls_panel(request: HttpRequest, panels: list[Any]) -> None:
    if may_enter(request.user) and (calls := calls_of(request.user)):
        panels.append(CallsPanel(calls))


@hooks.register("register_admin_urls")
def ledger_addresses() -> list[URLResolver]:
    return [path("ledger/", include(ledger_urls))]


@hooks.register(MENU_HOOK)
def ledger_menu_item() -> MenuItem:
    return LedgerMenuItem("予約台帳", reverse("ledger:start"), name="ledger", icon_name="calendar-check", order=100)


@hooks.register(MENU_HOOK)
def bookings_menu_item() -> MenuItem:
    return LedgerMenuItem("予約の一覧", reverse("ledger:bookings"), name="bookings", icon_name="list-ul", order=110)


@hooks.register("register_admin_urls")
def list_addresses() -> list[URLResolver]:
    return [path("waiting/", include(waiting_desk_urls)), path("lotteries/", include(lottery_desk_urls))]


@hooks.register(MENU_HOOK)
def waiting_menu_item() -> MenuItem:
    return LedgerMenuItem(
        waiting_desk.TITLE, reverse("waiting_desk:list"), name="waiting", icon_name=waiting_desk.ICON, order=120
    )


@hooks.register(MENU_HOOK)
def lotteries_menu_item() -> MenuItem:
    return LedgerMenuItem(
        lottery_desk.TITLE, reverse("lottery_desk:list"), name="lotteries", icon_name=lottery_desk.ICON, order=130
    )
