"""Where the records appear in Wagtail's admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from records import urls
from records.views import ICON, TITLE, may_audit


class LooksMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_audit(request.user)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLResolver]:
    return [path("looks/", include(urls))]


@hooks.register("register_reports_menu_item")
def register_looks() -> MenuItem:
    return LooksMenuItem(TITLE, reverse("records:list"), name="looks", icon_name=ICON, order=1310)
