"""出力: what would go out, and the file, at once or from the background."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import content_disposition_header
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from applications.filters import DeskFilterSet, in_words
from applications.listing import Filters
from exports.access import may_export
from exports.file_names import DEFAULT, PLACES, BadPattern, check_pattern
from exports.formats import AT_ONCE, AT_ONCE_MOST, Format
from exports.jobs import ask
from exports.planning import Plan, Refused, plan_export
from exports.services import check, export, file_name
from staff.models import User

UNREADABLE = "絞り込みの条件を読み取れませんでした。条件を直してから出力してください。"
# What the list keeps in its address besides its filters
NOT_FILTERS = ("after", "before", "ordering", "_w_filter_fragment")


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
            format_ = Format(request.POST.get("format", ""))
        except ValueError:
            return self._again("形式を選んでください。")
        assert isinstance(request.user, User)  # nobody else has a role
        try:
            if format_ in AT_ONCE and self.plan.rows <= AT_ONCE_MOST and "later" not in request.POST:
                return self._now(format_, request.user)
            pattern = request.POST.get("pattern", "").strip() or DEFAULT
            check_pattern(pattern)
            job = ask(request.user, self.plan, format_, pattern=pattern, once="once" in request.POST)
        except (Refused, BadPattern) as refused:
            return self._again(refused.message)
        return redirect("exports:job", job.public_id)

    def _now(self, format_: Format, user: User) -> HttpResponseBase:
        """Sent while it is made. Raises Refused."""
        pieces = export(self.plan, format_, user=user)
        response = StreamingHttpResponse(pieces, content_type=format_.content_type)
        response["Content-Disposition"] = content_disposition_header(True, file_name(self.plan, format_))
        response["Cache-Control"] = "private, no-store"
        return response

    def _again(self, problem: str) -> HttpResponseBase:
        return self.render_to_response(self.get_context_data(problem=problem), status=400)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": list_url(self.request.GET), "label": "申請"}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "plan": self.plan,
            "words": in_words(self.filters),
            "offers": [self._offer(format_) for format_ in Format],
            "chosen": self.request.POST.get("format", Format.EXCEL),
            "pattern": self.request.POST.get("pattern", DEFAULT),
            "places": "、".join(f"{{{name}}}" for name in PLACES),
            "is_large": self.plan.rows > AT_ONCE_MOST,
            "forms": [(form, f"{reverse('exports:new')}{self._only(form.form_id)}") for form in self.plan.forms],
            "list_url": list_url(self.request.GET),
        }

    def _offer(self, format_: Format) -> dict[str, Any]:
        """A format, and why it cannot be had now."""
        offer = {"value": format_.value, "label": format_.label, "help": format_.help, "refused": ""}
        try:
            check(self.plan, format_)
        except Refused as refused:
            return offer | {"refused": refused.message}
        return offer | {"now": format_ in AT_ONCE and self.plan.rows <= AT_ONCE_MOST}

    def _only(self, form_id: int) -> str:
        query = self.request.GET.copy()
        query["form"] = str(form_id)
        return filters_only(query)
