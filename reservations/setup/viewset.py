"""The receptions in Wagtail's admin: the list and the history; urls.py has what is below each of them."""

from django.db.models import Count, Max, Q, QuerySet
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.viewsets.model import ModelViewSet

from reservations.models import Calendar
from reservations.setup.access import ReceptionPolicy, receptions_of
from reservations.setup.urls import urlpatterns

MENU_HOOK = "register_reservations_menu_item"


def hub_url(row: Calendar) -> str:
    return reverse("receptions:hub", args=(row.pk,))


class ReceptionIndexView(IndexView):
    template_name = "reservations/setup/list.html"
    columns = [
        TitleColumn("name", label="名称", sort_key="name", get_url=hub_url),
        Column("department", label="所管課", sort_key="department__name"),
        Column("coming", label="これからの枠"),
        Column("latest", label="最後の枠の日"),
    ]
    default_ordering = "name"
    is_searchable = True
    search_fields = ["name"]

    def get_base_queryset(self) -> QuerySet[Calendar]:
        future = Q(slots__day__gte=timezone.localdate())
        return receptions_of(self.request.user).annotate(coming=Count("slots", filter=future), latest=Max("slots__day"))


class ReceptionHistoryView(HistoryView):
    def get_base_object_queryset(self) -> QuerySet[Calendar]:
        return receptions_of(self.request.user)

    def get_edit_url(self, instance: Calendar) -> str:
        return hub_url(instance)


class ReceptionViewSet(ModelViewSet):
    model = Calendar
    name = "receptions"
    icon = "date"
    menu_label = "予約の受付"
    menu_name = "receptions"
    menu_order = 300
    menu_hook = MENU_HOOK
    add_to_reference_index = False
    index_view_class = ReceptionIndexView
    history_view_class = ReceptionHistoryView

    @cached_property
    def permission_policy(self) -> ReceptionPolicy:
        return ReceptionPolicy(Calendar)

    def register_permissions(self) -> None:
        """Roles of departments decide, so Wagtail's groups have nothing to tick."""

    def get_urlpatterns(self) -> list[URLPattern | URLResolver]:
        """Wagtail's list and history; everything else is our own."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/history/", self.history_view, name="history"),
            path("<int:pk>/history/results/", self.history_results_view, name="history_results"),
            *urlpatterns,
        ]
