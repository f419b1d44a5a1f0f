"""定期出力 in the admin: which there are, a new one, how it went, and what to do about it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from exports.lists import Cell, ExportList
from exports.pages import ExportPage
from exports.schedules import services
from exports.schedules.forms import ABOUT, FORMS, ScheduleForm
from exports.schedules.models import Every, PlaceKind, Schedule
from exports.schedules.places.folder import root
from exports.template_views import templates_for
from staff.models import User

TITLE, ICON, SHOWN = "定期出力", "calendar-alt", 50
BY_HAND = "職員が停止しました。"


def schedules_for(user: AnyUser) -> QuerySet[Schedule]:
    mine = departments_for(user, MAY_EXPORT_CASES)
    return Schedule.objects.filter(department__in=mine).select_related("department", "user", "template")


def when(schedule: Schedule) -> str:
    """毎週月曜日 08:00"""
    if schedule.every == Every.WEEK:
        day = schedule.get_weekday_display()
    elif schedule.every == Every.MONTH:
        day = "末日" if schedule.day == 31 else f"{schedule.day}日"
    else:
        day = ""
    return f"{schedule.get_every_display()}{day} {schedule.at:%H:%M}"


def state_of(schedule: Schedule) -> str:
    if schedule.stopped_at is not None:
        return "停止"
    return f"続けて{schedule.failures}回失敗" if schedule.failures else "動いています"


class ScheduleList(ExportList):
    page_title = TITLE
    header_icon = ICON
    index_url_name = "exports:schedules"
    index_results_url_name = "exports:schedules_results"
    verbose_name_plural = TITLE
    none_yet = "定期出力はまだありません。作ると、決まった時刻に、テンプレートのとおりのファイルができます。"
    columns = [
        TitleColumn("name", label="名称", get_url=lambda each: reverse("exports:schedule", args=[each.public_id])),
        Cell("department", label="所管課"),
        Cell("when", label="いつ", accessor=when),
        Cell("place", label="渡し方", accessor="get_place_display"),
        Cell(
            "next_at",
            label="次回",
            accessor=lambda each: "" if each.stopped_at else f"{timezone.localtime(each.next_at):%Y-%m-%d %H:%M}",
        ),
        Cell("state", label="状態", accessor=state_of),
    ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton("定期出力を作る", url=reverse("exports:new_schedule"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Schedule]:
        return schedules_for(self.request.user)


class SchedulePage(ExportPage):
    listing = (TITLE, "exports:schedules")
    page_title = TITLE
    header_icon = ICON

    @cached_property
    def schedule(self) -> Schedule:
        found = schedules_for(self.request.user).filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404
        return found

    def form_of(self, place: str, *args: Any, schedule: Schedule | None = None) -> ScheduleForm:
        return FORMS[place](self.request.user, *args, schedule=schedule)


class ChoosePlace(SchedulePage):
    """First where to, since each place wants to know something else."""

    page_title = "定期出力を作る"
    template_name = "exports/schedules/choose.html"
    http_method_names = ["get", "head"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        places = [
            (reverse("exports:new_schedule_to", args=[kind.value]), kind.label, ABOUT[kind])
            for kind in PlaceKind
            if kind != PlaceKind.FOLDER or root() is not None
        ]
        more = {"places": places, "has_templates": templates_for(self.request.user).exists()}
        return more | super().get_context_data(**kwargs)


class NewSchedule(SchedulePage):
    page_title = "定期出力を作る"
    template_name = "exports/schedules/edit.html"

    @cached_property
    def place(self) -> str:
        place: str = self.kwargs["place"]
        if place not in FORMS or (place == PlaceKind.FOLDER and root() is None):
            raise Http404
        return place

    def post(self, request: HttpRequest, place: str) -> HttpResponseBase:
        form = self.form_of(self.place, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        schedule = services.keep(Schedule(user=request.user, place=place), form.new_secret, **form.chosen)
        messages.success(request, f"定期出力「{schedule.name}」を作りました。")
        return redirect("exports:schedule", schedule.public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = ABOUT[PlaceKind(self.place)]
        return {"form": self.form_of(self.place), "about": about} | super().get_context_data(**kwargs)


class EditSchedule(SchedulePage):
    template_name = "exports/schedules/edit.html"

    def get_page_title(self) -> str:
        return f"{self.schedule.name}：設定"

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        form = self.form_of(self.schedule.place, request.POST, schedule=self.schedule)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        services.keep(self.schedule, form.new_secret, user=request.user, **form.chosen)
        messages.success(request, "設定を保存しました。これからは、あなたの権限で出力します。")
        return redirect("exports:schedule", public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        schedule = self.schedule
        form, about = self.form_of(schedule.place, schedule=schedule), ABOUT[PlaceKind(schedule.place)]
        return {"form": form, "about": about, "schedule": schedule} | super().get_context_data(**kwargs)


class ShowSchedule(SchedulePage):
    """GET: how it went; POST with `do`: stop, start, now or delete."""

    template_name = "exports/schedules/schedule.html"

    def get_page_title(self) -> str:
        return self.schedule.name

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        assert isinstance(request.user, User)  # nobody else has a role
        schedule, wanted = self.schedule, request.POST.get("do", "")
        if wanted == "delete" and schedule.stopped_at is not None:  # the second press, not the first
            schedule.delete()
            messages.success(request, f"定期出力「{schedule.name}」を削除しました。")
            return redirect("exports:schedules")
        if wanted == "stop":
            services.stop(schedule, BY_HAND)
            messages.success(request, "停止しました。")
        elif wanted == "start":
            services.start(schedule, request.user)
            messages.success(request, "再開しました。これからは、あなたの権限で出力します。")
        elif wanted == "now" and services.run_now(schedule):
            messages.success(request, "まもなく出力します。下の記録に出ます。")
        return redirect("exports:schedule", public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        schedule = self.schedule
        fields, hidden = FORMS[schedule.place].base_fields, ("host_key", "access_key")
        where = [(fields[name].label, value) for name, value in schedule.where.items() if name not in hidden]
        context = {
            "schedule": schedule,
            "when": when(schedule),
            "state": state_of(schedule),
            "where": where,
            "runs": schedule.runs.all()[:SHOWN],
            "shown": SHOWN,
        }
        return context | super().get_context_data(**kwargs)
