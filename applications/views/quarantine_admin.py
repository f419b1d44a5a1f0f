"""隔離したファイル: what the scanner refused, for the departments whose forms it came with. Nothing can be opened."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from applications.models import Quarantined
from applications.quarantine import DAYS, seen_by
from cms.access import AnyUser, may_read_cases

TITLE = "隔離したファイル"
ICON = "warning"


def may_look(user: AnyUser) -> bool:
    return may_read_cases(user) or (user.is_active and user.is_superuser)


class QuarantineView(BaseListingView):
    """Newest first."""

    page_title = TITLE
    header_icon = ICON
    template_name = "applications/admin/quarantine.html"
    results_template_name = "applications/admin/quarantine_results.html"
    index_url_name = "quarantine:list"
    index_results_url_name = "quarantine:list_results"
    paginate_by = 50
    columns = [
        Column("at", label="日時", accessor=lambda row: f"{timezone.localtime(row.at):%Y-%m-%d %H:%M}"),
        Column("form", label="申請フォーム", accessor="application.form.title"),
        Column("application", label="受付番号", accessor=lambda row: row.application.reference or "（受付前）"),
        Column("name", label="ファイル名"),
        Column("size", label="大きさ", accessor=lambda row: filesizeformat(row.size)),
        Column("state", label="判定", accessor="get_state_display"),
        Column("detail", label="検出名・理由"),
        Column("sha256", label="SHA-256"),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_look(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[Quarantined]:
        return seen_by(self.request.user).select_related("application__form")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"days": DAYS}
