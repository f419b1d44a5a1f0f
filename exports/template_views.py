"""出力テンプレート in the admin: the list, what one is about, its columns with a preview, and the file."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from applications.listing import Filters
from applications.status import Status
from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from exports.access import may_export
from exports.formats import Format
from exports.jobs import ask
from exports.lists import Cell, ExportList
from exports.making import Making
from exports.models import ExportTemplate
from exports.planning import Refused, plan_export
from exports.shapes import Shape
from exports.template_forms import (
    BaseColumns,
    ColumnsFormSet,
    OutputForm,
    TemplateForm,
    newest_of,
    places_of,
    usual_columns,
)
from formbuilder.models import FormPage
from records.looks import note_look
from records.models import Seen
from staff.models import User

TITLE, ICON, SHOWN = "出力テンプレート", "table", 10
IN_USE = "定期出力が使っているため、削除できません。先に定期出力を削除してください。"


def templates_for(user: AnyUser) -> QuerySet[ExportTemplate]:
    """One's own, and those that are shared, of the departments for which the user may export."""
    mine = departments_for(user, MAY_EXPORT_CASES)
    found = ExportTemplate.objects.filter(Q(user_id=user.pk or 0) | Q(shared=True), department__in=mine)
    return found.select_related("department", "user")


class TemplateListView(ExportList):
    page_title = TITLE
    header_icon = ICON
    index_url_name = "exports:templates"
    index_results_url_name = "exports:templates_results"
    verbose_name_plural = TITLE
    columns = [
        TitleColumn("name", label="名称", get_url=lambda template: reverse("exports:template", args=[template.pk])),
        Cell("department", label="所管課"),
        Cell("format", label="形式", accessor="get_format_display"),
        Cell("columns", label="列", accessor=lambda template: f"{len(template.columns)}列"),
        Cell("shared", label="共有", accessor=lambda template: "共有" if template.shared else "自分だけ"),
        Cell("user", label="作った職員"),
    ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton("テンプレートを作る", url=reverse("exports:new_template"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[ExportTemplate]:
        return templates_for(self.request.user)


class TemplatePage(WagtailAdminTemplateMixin, TemplateView):
    header_icon = ICON
    page_title = TITLE
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_export(request.user):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    @cached_property
    def template(self) -> ExportTemplate:
        found = templates_for(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def own(self) -> ExportTemplate:
        if self.template.user_id != self.request.user.pk:
            raise PermissionDenied
        return self.template

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("exports:templates"), "label": TITLE}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.get_page_title()}]


class NewTemplateView(TemplatePage):
    """GET, POST: what a new one is about; it begins with every column as it is."""

    page_title = "出力テンプレートを作る"
    template_name = "exports/template_about.html"

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = TemplateForm(request.user, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        form.instance.user = request.user
        form.instance.columns = usual_columns(places_of([page.pk for page in form.cleaned_data["form_pages"]]))
        template = form.save()
        return redirect("exports:template", template.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"form": TemplateForm(self.request.user)} | context


class AboutTemplateView(TemplatePage):
    """GET, POST: what it is about; its columns stay."""

    template_name = "exports/template_about.html"

    def get_page_title(self) -> str:
        return f"{self.own.name}：設定"

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if "delete" in request.POST:
            if self.own.schedules.exists():
                messages.error(request, IN_USE)
                return redirect("exports:template", pk)
            self.own.delete()
            messages.success(request, "テンプレートを削除しました。")
            return redirect("exports:templates")
        form = TemplateForm(request.user, request.POST, instance=self.own)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        form.save()
        return redirect("exports:template", pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"form": TemplateForm(self.request.user, instance=self.own), "template": self.own} | context


class ColumnsView(TemplatePage):
    """GET: the columns and ten rows; POST: `save` keeps the columns, `export` makes the file."""

    template_name = "exports/template.html"

    def get_page_title(self) -> str:
        return self.template.name

    @cached_property
    def known(self) -> dict[str, Any]:
        return {"places": places_of(self.template.forms), "version": newest_of(self.template.forms)}

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if "export" in request.POST:
            return self._export(request)
        formset = ColumnsFormSet(request.POST, initial=self._initial(), form_kwargs=self.known)
        assert isinstance(formset, BaseColumns)
        template = self.own
        if not formset.is_valid():
            return self.render_to_response(self.get_context_data(formset=formset), status=400)
        template.columns = Shape(tuple(formset.columns())).to_json()
        template.save(update_fields=["columns", "updated_at"])
        messages.success(request, "列を保存しました。下の見本で確かめてください。")
        return redirect("exports:template", pk)

    def _export(self, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)  # nobody else has a role
        form = OutputForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(output_form=form), status=400)
        given = form.cleaned_data
        filters = replace(self._filters(), received_from=given["received_from"], received_to=given["received_to"])
        plan = plan_export(request.user, filters)
        shape = Shape.from_json(self.template.columns)
        try:
            job = ask(request.user, plan, Format(self.template.format), shape=shape, once=given["once"])
        except Refused as refused:
            return self.render_to_response(self.get_context_data(problem=refused.message, output_form=form), status=400)
        return redirect("exports:job", job.public_id)

    def _filters(self) -> Filters:
        template = self.template
        return Filters(forms=tuple(template.forms), statuses=tuple(Status(each) for each in template.statuses))

    def _initial(self) -> list[dict[str, Any]]:
        return [{**column, "order": number} for number, column in enumerate(self.template.columns, start=1)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        template = self.template
        is_own = template.user_id == self.request.user.pk
        titles = FormPage.objects.filter(pk__in=template.forms).order_by("title").values_list("title", flat=True)
        preview = self._preview()
        more: dict[str, Any] = {"template": template, "is_own": is_own, "titles": "、".join(titles), "preview": preview}
        if is_own and "formset" not in context:
            more["formset"] = ColumnsFormSet(initial=self._initial(), form_kwargs=self.known)
        context.setdefault("output_form", OutputForm())
        return context | more | {"names": self.known["places"].keys()}

    def _preview(self) -> list[list[str]]:
        """Ten rows of what the reader may export; whose they are is written down as a look at each."""
        plan = plan_export(self.request.user, self._filters())
        if not plan.portions:
            return []
        chosen = plan.applications.select_related("version").order_by("form__title", "form_id", "received_at", "pk")
        shown = list(chosen[:SHOWN])
        few = replace(plan, applications=plan.applications.filter(pk__in=[each.pk for each in shown]))
        making = Making(few, Format.CSV, shape=Shape.from_json(self.template.columns))
        rows = list(making.shaped_rows())
        with transaction.atomic():
            for each in shown:
                note_look(self.request.user, each, Seen.SAMPLE)
        return rows
