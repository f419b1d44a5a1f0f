"""The desk's place in Wagtail's admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import BaseButton, HeaderButton

from casework import urls
from casework.access import MAY_DECIDE
from casework.finding import ICON, TITLE
from casework.home import DeskPanel
from cms.access import has_role, may_read_cases


class CasesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read_cases(request.user)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLResolver]:
    return [path("cases/", include(urls))]


@hooks.register("register_admin_menu_item")
def register_menu_item() -> MenuItem:
    return CasesMenuItem(TITLE, reverse("casework:list"), name="cases", icon_name=ICON, order=90)


@hooks.register("register_case_list_buttons")
def filling_button(request: HttpRequest) -> list[BaseButton]:
    """For the cases that the list shows, to whoever may decide on any."""
    if not has_role(request.user, MAY_DECIDE):
        return []
    url = f"{reverse('casework:filling')}?{request.GET.urlencode()}"
    return [HeaderButton("結果をファイルで入れる", url=url, icon_name="upload", priority=20)]


@hooks.register("construct_homepage_panels")
def add_desk_panel(request: HttpRequest, panels: list[Any]) -> None:
    if may_read_cases(request.user):
        panels.append(DeskPanel())
