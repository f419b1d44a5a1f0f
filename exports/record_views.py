"""出力の記録: every file that left the system."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from applications.models import ExportRecord
from cms.access import AnyUser, departments_for, has_role
from cms.models import Role


def may_audit(user: AnyUser) -> bool:
    return has_role(user, {Role.AUDITOR})


class RecordListView(BaseListingView):
    """Every export of the departments that the reader audits, newest first."""

    page_title = "出力の記録"
    header_icon = "download"
    index_url_name = "exports:records"
    index_results_url_name = "exports:records_results"
    verbose_name_plural = "出力の記録"
    paginate_by = 50
    columns = [
        Column("at", label="日時", accessor=lambda row: f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"),
        Column("user", label="職員", accessor=lambda row: row.user.get_full_name() or row.user.get_username()),
        Column("department", label="所管課"),
        Column("form_title", label="申請フォーム・名簿"),
        Column("format", label="形式", accessor="get_format_display"),
        Column("rows", label="件数", accessor=lambda row: f"{row.rows:,}件"),
        Column(
            "filters",
            label="条件",
            accessor=lambda row: "／".join(f"{name}：{value}" for name, value in row.filters) or "すべて",
        ),
    ]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_audit(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_base_queryset(self) -> QuerySet[ExportRecord]:
        audited = departments_for(self.request.user, {Role.AUDITOR})
        return ExportRecord.objects.filter(department__in=audited).select_related("user", "department")
