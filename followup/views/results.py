"""満足度 in the admin: the forms of one's departments, and what was said of one of them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin

from applications.desk import ForRoles
from applications.sheets.csv_file import CONTENT_TYPE
from cms.access import MAY_EXPORT_CASES, departments_for, has_role
from followup.models import Rating
from followup.results import Result, answers_to, results_for, take_out
from formbuilder.models import FormPage
from staff.models import User

TITLE = "満足度"
ICON = "pick"


class ResultsView(ForRoles, WagtailAdminTemplateMixin, TemplateView):
    page_title = TITLE
    header_icon = ICON
    template_name = "followup/admin/results.html"
    http_method_names = ["get", "head"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"results": results_for(self.request.user)}


class ResultView(ForRoles, BaseListingView):
    """Average, counts and comments of one form; of a form without an answer for this reader there is no page."""

    header_icon = ICON
    template_name = "followup/admin/result.html"
    results_template_name = "followup/admin/result_results.html"
    index_url_name = "ratings:form"
    index_results_url_name = "ratings:form_results"
    verbose_name_plural = TITLE
    paginate_by = 50
    columns = [
        Column("at", label="日", accessor=lambda row: f"{timezone.localtime(row.at):%Y-%m-%d}"),
        Column("score", label="満足度"),
        Column("comment", label="ご意見", accessor=lambda row: row.comment or "－"),
    ]

    @cached_property
    def result(self) -> Result:
        found = results_for(self.request.user, self.kwargs["form_id"])
        if not found:
            raise Http404
        return found[0]

    def get_page_title(self) -> str:
        return self.result.title

    def get_index_url(self) -> str:
        return reverse(self.index_url_name, args=[self.kwargs["form_id"]])

    def get_index_results_url(self) -> str:
        return reverse(self.index_results_url_name, args=[self.kwargs["form_id"]])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("ratings:list"), "label": TITLE}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.result.title}]

    def get_base_queryset(self) -> QuerySet[Rating]:
        return answers_to(self.request.user, self.result.form_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        mine = departments_for(self.request.user, MAY_EXPORT_CASES)
        may_take_out = self.get_base_queryset().filter(application__department__in=mine).exists()
        return context | {"result": self.result, "may_take_out": may_take_out}


@require_POST
def take_out_file(request: HttpRequest, form_id: int) -> HttpResponse:
    """The answers as a file, to whoever may export them."""
    if not isinstance(request.user, User) or not has_role(request.user, MAY_EXPORT_CASES):
        raise PermissionDenied
    form = get_object_or_404(FormPage, pk=form_id)
    mine = departments_for(request.user, MAY_EXPORT_CASES)
    if not answers_to(request.user, form.pk).filter(application__department__in=mine).exists():
        raise Http404
    response = HttpResponse(b"".join(take_out(request.user, form)), content_type=CONTENT_TYPE)
    name = f"満足度_{form.code}_{timezone.localdate():%Y%m%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
