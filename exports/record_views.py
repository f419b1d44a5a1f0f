"""出力の記録: every file that left the system."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from applications.models import ExportRecord
from cms.access import AnyUser, departments_for, has_role
from cms.models import Role
from exports.lists import Cell, ExportList


def may_audit(user: AnyUser) -> bool:
    return has_role(user, {Role.AUDITOR})


class RecordListView(ExportList):
    """Every export of the departments that the reader audits, newest first."""

    page_title = "出力の記録"
    index_url_name = "exports:records"
    index_results_url_name = "exports:records_results"
    verbose_name_plural = "出力の記録"
    columns = [
        Cell("at", label="日時", accessor=lambda row: f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"),
        Cell("user", label="職員", accessor=lambda row: row.user.get_full_name() or row.user.get_username()),
        Cell("department", label="所管課"),
        Cell("form_title", label="申請フォーム・名簿"),
        Cell("format", label="形式", accessor="get_format_display"),
        Cell("rows", label="件数", accessor=lambda row: f"{row.rows:,}件"),
        Cell(
            "filters",
            label="条件",
            accessor=lambda row: "／".join(f"{name}：{value}" for name, value in row.filters) or "すべて",
        ),
    ]

    def may_open(self, request: HttpRequest) -> bool:
        return may_audit(request.user)

    def get_base_queryset(self) -> QuerySet[ExportRecord]:
        audited = departments_for(self.request.user, {Role.AUDITOR})
        return ExportRecord.objects.filter(department__in=audited).select_related("user", "department")
