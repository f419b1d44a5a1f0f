"""The pages of a reception's settings: all of them at a glance, the basic ones, and one row of one kind."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.widgets.button import BaseButton, HeaderButton

from reservations.models import Closure, Opening, Slot, WeeklyPattern
from reservations.refusals import Refused
from reservations.setup.base import ReceptionView, SetupView
from reservations.setup.changes import remove_reception, remove_row, save_reception, save_row
from reservations.setup.forms import RowForm
from reservations.setup.reasons import reason_to_keep
from reservations.setup.reception_form import ReceptionForm
from reservations.setup.sections import SECTIONS, Section

SETTLED = "保存しました。"
MISTAKES = "入力に誤りがあります。赤い表示の項目を直して、もう一度保存してください。"
# What decides about slots that are to be made, and not about those that are there
DECIDES = (WeeklyPattern, Opening, Closure)


class HubView(ReceptionView):
    template_name = "reservations/setup/hub.html"

    def path(self) -> list[tuple[str, str]]:
        return []

    def get_page_title(self) -> str:
        return self.reception.name

    @cached_property
    def header_buttons(self) -> list[BaseButton]:
        return [HeaderButton("履歴", url=self.url("history"), icon_name="history")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = {kind: _described(section, self.reception) for kind, section in SECTIONS.items()}
        for section in sections.values():
            needs = section["needs"]
            section["waits_for"] = SECTIONS[needs].title if needs and not sections[needs]["rows"] else ""
        missing = [section["title"] for section in sections.values() if section["is_required"] and not section["rows"]]
        coming = Slot.objects.filter(calendar=self.reception, day__gte=timezone.localdate())
        return super().get_context_data(**kwargs) | {
            "sections": list(sections.values()),
            "missing": missing,
            "slots": coming.aggregate(count=models.Count("pk"), first=Min("day"), last=Max("day")),
        }


def _described(section: Section, reception: Any) -> dict[str, Any]:
    return {
        "kind": section.kind,
        "title": section.title,
        "one": section.one,
        "told": section.told,
        "needs": section.needs,
        "is_required": section.is_required,
        "rows": [(row.pk, section.words(row)) for row in section.rows(reception)],
    }


class BasicsView(SetupView):
    """A new reception."""

    template_name = "reservations/setup/basics.html"
    page_title = "予約の受付を追加"

    def form(self, data: Any = None) -> ReceptionForm:
        return ReceptionForm(data, user=self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": self.form()} | kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            messages.error(request, MISTAKES)
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            calendar = save_reception(form=form, actor=self.user)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused, form=form)
        messages.success(request, SETTLED)
        return redirect("receptions:hub", calendar.pk)


class BasicsEditView(BasicsView, ReceptionView):
    """The basic settings of one."""

    page_title = "基本の設定"

    def form(self, data: Any = None) -> ReceptionForm:
        return ReceptionForm(data, user=self.user, instance=self.reception)


class ReceptionDeleteView(ReceptionView):
    template_name = "reservations/setup/delete.html"
    page_title = "受付の削除"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reason = self.problem or reason_to_keep(self.reception)
        told = {"what": f"受付「{self.reception}」", "reason": reason, "back": self.url("hub")}
        return super().get_context_data(**kwargs) | told

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            remove_reception(calendar_id=self.reception.pk, actor=self.user)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused)
        messages.success(request, f"受付「{self.reception}」を削除しました。")
        return redirect("receptions:index")


class PartView(ReceptionView):
    """Of one kind of row, named in the address; with `row`, of one that is there."""

    def prepare(self) -> None:
        super().prepare()
        section = SECTIONS.get(self.kwargs["kind"])
        if section is None:
            raise Http404
        self.section: Section = section
        self.row: models.Model | None = None
        if "row" in self.kwargs:
            self.row = get_object_or_404(section.rows(self.reception), pk=self.kwargs["row"])


class RowView(PartView):
    """Add one, or change it. With `again`, the next empty form follows."""

    template_name = "reservations/setup/row.html"

    def get_page_title(self) -> str:
        return f"{self.section.one}を{'直す' if self.row else '追加'}"

    def form(self, data: Any = None) -> RowForm:
        return self.section.form(data, reception=self.reception, instance=self.row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**{"form": self.form()} | kwargs)
        needed = SECTIONS.get(self.section.needs)
        lacks = needed.title if needed and not needed.rows(self.reception).exists() else ""
        return context | {"section": self.section, "row": self.row, "lacks": lacks}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            messages.error(request, MISTAKES)
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            rows = save_row(form=form, actor=self.user)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused, form=form)
        for row in rows:
            messages.success(request, f"{self.section.one}「{self.section.words(row)}」を保存しました。")
        if isinstance(rows[0], DECIDES) and Slot.objects.filter(calendar=self.reception).exists():
            button = messages.button(self.url("differences"), "設定との違い")
            messages.warning(request, "すでにある枠は変わっていません。", buttons=[button])
        return redirect(self.url("add_row", self.section.kind) if "again" in request.POST else self.url("hub"))


class RowDeleteView(PartView):
    template_name = "reservations/setup/delete.html"

    def get_page_title(self) -> str:
        return f"{self.section.one}の削除"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        assert self.row is not None
        told = {
            "what": f"{self.section.one}「{self.section.words(self.row)}」",
            "reason": self.problem or reason_to_keep(self.row),
            "back": self.url("hub"),
        }
        return super().get_context_data(**kwargs) | told

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        assert self.row is not None
        words = self.section.words(self.row)
        try:
            remove_row(row=self.row, calendar_id=self.reception.pk, actor=self.user)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        except Refused as refused:
            return self.refuse(refused)
        messages.success(request, f"{self.section.one}「{words}」を削除しました。")
        return redirect(self.url("hub"))
