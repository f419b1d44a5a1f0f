"""The receptions in Wagtail's admin: the list, the settings, the history; urls.py has what is below each of them."""

from typing import ClassVar

from django.db.models import QuerySet
from django.urls import URLPattern, URLResolver, path
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from reservations.models import Calendar
from reservations.setup.access import ReceptionPolicy, receptions_of

MENU_HOOK = "register_reservations_menu_item"


class ReceptionIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Calendar]:
        return receptions_of(self.request.user)


class ReceptionViewSet(ModelViewSet):
    model = Calendar
    name = "receptions"
    icon = "date"
    menu_label = "予約の受付"
    menu_name = "receptions"
    menu_order = 300
    menu_hook = MENU_HOOK
    add_to_reference_index = False
    copy_view_enabled = False
    form_fields: ClassVar = ["name"]
    index_view_class = ReceptionIndexView

    @property
    def permission_policy(self) -> ReceptionPolicy:
        return ReceptionPolicy(Calendar)

    def register_permissions(self) -> None:
        """Roles of departments decide, so Wagtail's groups have nothing to tick."""

    def get_urlpatterns(self) -> list[URLPattern | URLResolver]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
        ]
