"""本人確認の点検, in the menu 設定 of administrators."""

from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin.menu import AdminOnlyMenuItem, MenuItem

from identity.views.check import ICON, TITLE, CheckView


@hooks.register("register_admin_urls")
def addresses() -> list[URLPattern]:
    return [path("identity/", CheckView.as_view(), name="identity_check")]


@hooks.register("register_settings_menu_item")
def menu_item() -> MenuItem:
    return AdminOnlyMenuItem(TITLE, reverse("identity_check"), name="identity", icon_name=ICON, order=900)
