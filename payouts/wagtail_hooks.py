"""支給 in Wagtail's admin."""

from typing import ClassVar

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from payouts.desk import urls
from payouts.desk.access import may_enter
from payouts.desk.views import ICON, TITLE
from payouts.models import Source


class PayoutsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_enter(request.user)


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("payouts/", include(urls))]


@hooks.register("register_admin_menu_item")
def menu() -> MenuItem:
    return PayoutsMenuItem(TITLE, reverse("payouts:list"), name="payouts", icon_name=ICON, order=97)


class SourceViewSet(ModelViewSet):
    """Set up by administrators: it decides from whose account money goes."""

    model = Source
    name = "payout_sources"
    icon = ICON
    menu_label = "振込元の口座"
    menu_order = 720
    add_to_settings_menu = True
    copy_view_enabled = False
    form_fields: ClassVar = [
        "name",
        "department",
        "client_code",
        "client_name",
        "bank_code",
        "bank_name",
        "branch_code",
        "branch_name",
        "kind",
        "number",
    ]
    list_display: ClassVar = ["name", "department", "bank_code", "branch_code"]


@hooks.register("register_admin_viewset")
def sources_viewset() -> SourceViewSet:
    return SourceViewSet()
