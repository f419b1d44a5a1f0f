"""The reservations in Wagtail's admin: the menu 予約, its pages, and what the history says of what happens there."""

from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.log_actions import LogActionRegistry

from reservations.setup.viewset import MENU_HOOK, ReceptionViewSet


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    """Shown to whoever may enter one of its items; items are added by the hook `register_reservations_menu_item`."""
    return SubmenuMenuItem("予約", Menu(register_hook_name=MENU_HOOK), name="reservations", icon_name="date", order=95)


@hooks.register("register_admin_viewset")
def receptions_viewset() -> ReceptionViewSet:
    return ReceptionViewSet()


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("reservations.generate", "枠を作成", "枠を作成しました")
    actions.register_action("reservations.copy", "枠を複写", "前の年の枠を写しました")
    actions.register_action("reservations.limits", "定員を変更", "定員か受付の可否を変えました")
