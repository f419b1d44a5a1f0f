"""出力: what would go out, the file, and the records of every file."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin

from applications.filters import DeskFilterSet, in_words
from applications.listing import Filters
from applications.models import ExportRecord, FileFormat
from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for, has_role
from cms.models import Role
from exports.services import CONTENT_TYPES, Plan, Refused, check, export, file_name, plan_export
from staff.models import User

UNREADABLE = "絞り込みの条件を読み取れませんでした。条件を直してから出力してください。"
# What the list keeps in its address besides its filters
NOT_FILTERS = ("after", "before", "ordering", "_w_filter_fragment")


def may_export(user: AnyUser) -> bool:
    return has_role(user, MAY_EXPORT_CASES)


def may_audit(user: AnyUser) -> bool:
    return has_role(user, {Role.AUDITOR})


def filters_only(query: QueryDict) -> str:
    """The query string without what is not a filter, with its question mark."""
    kept = query.copy()
    for name in NOT_FILTERS:
        kept.pop(name, None)
    return f"?{kept.urlencode()}" if kept else ""


def list_url(query: QueryDict) -> str:
    """Back to the list; without casework, to the admin's first page."""
    try:
        return f"{reverse('casework:list')}{filters_only(query)}"
    except NoReverseMatch:
        return reverse("wagtailadmin_home")


class ExportView(WagtailAdminTemplateMixin, TemplateView):
    """GET shows what would be exported; POST with `format` hands it out. The filters are in the address."""

    page_title = "出力"
    header_icon = "download"
    template_name = "exports/export.html"
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_export(request.user):
            raise PermissionDenied
        filterset = DeskFilterSet(data=request.GET, request=request)
        filters = filterset.chosen
        if filters is None:
            if "form" in filterset.form.errors:
                raise Http404  # a form of another department does not exist for this reader
            messages.error(request, UNREADABLE)
            return redirect(list_url(request.GET))
        self.filters: Filters = filters
        self.plan: Plan = plan_export(request.user, filters)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            format_ = FileFormat(request.POST.get("format", ""))
            content_type = CONTENT_TYPES[format_]
        except (ValueError, KeyError):
            return self.render_to_response(self.get_context_data(problem="形式を選んでください。"), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        try:
            pieces = export(self.plan, format_, user=request.user)
        except Refused as refused:
            return self.render_to_response(self.get_context_data(problem=refused.message), status=400)
        response = StreamingHttpResponse(pieces, content_type=content_type)
        response["Content-Disposition"] = content_disposition_header(True, file_name(self.plan, format_))
        response["Cache-Control"] = "private, no-store"
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": list_url(self.request.GET), "label": "申請"}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "plan": self.plan,
            "words": in_words(self.filters),
            "offers": [self._offer(format_) for format_ in CONTENT_TYPES],
            "forms": [(form, f"{reverse('exports:new')}{self._only(form.form_id)}") for form in self.plan.forms],
            "list_url": list_url(self.request.GET),
        }

    def _offer(self, format_: FileFormat) -> dict[str, str]:
        """A format, and why it cannot be had now."""
        try:
            check(self.plan, format_)
        except Refused as refused:
            return {"value": format_, "label": format_.label, "refused": refused.message}
        return {"value": format_, "label": format_.label, "refused": ""}

    def _only(self, form_id: int) -> str:
        query = self.request.GET.copy()
        query["form"] = str(form_id)
        return filters_only(query)


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
