"""配信: what waits in the outbox and what could not be delivered, for administrators. It names nobody."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from applications.models import Delivery, DeliveryState
from applications.outbox import retry
from applications.status import Action

TITLE = "配信"
ICON = "redirect"


def kind_in_words(kind: str) -> str:
    return Action(kind).label if kind in Action.values else kind


def error_class(delivery: Delivery) -> str:
    """The name of the exception alone: its text may hold an address or an answer."""
    return delivery.last_error.partition(":")[0][:100]


def moment(delivery: Delivery) -> str:
    return f"{timezone.localtime(delivery.due_at):%Y-%m-%d %H:%M:%S}" if delivery.state == DeliveryState.WAITING else ""


class RetryColumn(Column):
    cell_template_name = "applications/admin/retry_cell.html"

    def get_value(self, instance: Delivery) -> bool:
        return instance.state == DeliveryState.DEAD

    def get_cell_context_data(self, instance: Delivery, parent_context: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": get_token(parent_context["request"])}


class DeliveryListView(BaseListingView):
    """Dead deliveries first, then those that wait, oldest first."""

    page_title = TITLE
    header_icon = ICON
    template_name = "applications/admin/deliveries.html"
    results_template_name = "applications/admin/deliveries_results.html"
    index_url_name = "deliveries:list"
    index_results_url_name = "deliveries:list_results"
    paginate_by = 50
    columns = [
        Column("kind", label="できごと", accessor=lambda row: kind_in_words(row.kind)),
        Column("subscriber", label="受け手"),
        Column("state", label="状態", accessor="get_state_display"),
        Column("attempts", label="試行回数", accessor=lambda row: f"{row.attempts}回"),
        Column("due", label="次の試行", accessor=moment),
        Column("error", label="最後のエラー", accessor=error_class),
        RetryColumn("retry", label="操作"),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _administrators_only(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[Delivery]:
        return (
            Delivery.objects.filter(state__in=[DeliveryState.DEAD, DeliveryState.WAITING])
            .annotate(kind=F("event__kind"))
            .order_by("state", "due_at", "pk")  # "dead" comes before "waiting"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"dead": Delivery.objects.filter(state=DeliveryState.DEAD).count()}


@require_POST
def retry_one(request: HttpRequest, delivery_id: int) -> HttpResponse:
    _administrators_only(request)
    if retry(delivery_id):
        messages.success(request, "もう一度、配信します。")
    else:
        messages.info(request, "この配信は、すでに再送待ちか配信済です。")
    return redirect("deliveries:list")


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    _administrators_only(request)
    dead = Delivery.objects.filter(state=DeliveryState.DEAD).values_list("pk", flat=True)
    count = sum(retry(delivery_id) for delivery_id in list(dead))
    messages.success(request, f"{count:,}件を、もう一度配信します。")
    return redirect("deliveries:list")


def _administrators_only(request: HttpRequest) -> None:
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
