"""Webhook in the admin: which there are, a new one (its secret is shown once), how it goes, and what to do about it."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.widgets.button import HeaderButton

from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from exports.lists import Cell, ExportList
from exports.pages import ExportPage
from exports.webhooks import services
from exports.webhooks.forms import EndpointForm, ReplayForm
from exports.webhooks.kinds import KINDS
from exports.webhooks.models import Attempt, Endpoint, Message, MessageState
from formbuilder.models import FormPage
from staff.models import User

TITLE, ICON, SHOWN = "Webhook", "link", 100
BY_HAND = "職員が停止しました。"


def endpoints_for(user: AnyUser) -> QuerySet[Endpoint]:
    mine = departments_for(user, MAY_EXPORT_CASES)
    return Endpoint.objects.filter(department__in=mine).select_related("department", "user")


def state_of(endpoint: Endpoint) -> str:
    if endpoint.stopped_at is not None:
        return "停止"
    return f"続けて{endpoint.failures}回届いていません" if endpoint.failures else "動いています"


class EndpointList(ExportList):
    page_title = TITLE
    header_icon = ICON
    index_url_name = "exports:webhooks"
    index_results_url_name = "exports:webhooks_results"
    verbose_name_plural = TITLE
    none_yet = "Webhookはまだありません。作ると、申請のできごとをほかのシステムに知らせます。"
    columns = [
        TitleColumn("name", label="名称", get_url=lambda each: reverse("exports:webhook", args=[each.public_id])),
        Cell("department", label="所管課"),
        Cell("url", label="送り先"),
        Cell("kinds", label="できごと", accessor=lambda each: f"{len(each.kinds)}種類"),
        Cell("state", label="状態", accessor=state_of),
    ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton("Webhookを作る", url=reverse("exports:new_webhook"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Endpoint]:
        return endpoints_for(self.request.user)


class EndpointPage(ExportPage):
    listing = (TITLE, "exports:webhooks")
    page_title = TITLE
    header_icon = ICON

    @cached_property
    def endpoint(self) -> Endpoint:
        found = endpoints_for(self.request.user).filter(public_id=self.kwargs["public_id"]).first()
        if found is None:
            raise Http404
        return found

    def show_secret(self, endpoint: Endpoint, secret: str, told: str) -> HttpResponse:
        context = {**super().get_context_data(), "endpoint": endpoint, "secret": secret, "told": told}
        return render(self.request, "exports/webhooks/secret.html", context)


class NewEndpoint(EndpointPage):
    page_title = "Webhookを作る"
    template_name = "exports/webhooks/edit.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        form = EndpointForm(request.user, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        endpoint, secret = services.make(request.user, **form.chosen)
        return self.show_secret(endpoint, secret, f"Webhook「{endpoint.name}」を作りました。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"form": EndpointForm(self.request.user)} | super().get_context_data(**kwargs)


class EditEndpoint(EndpointPage):
    template_name = "exports/webhooks/edit.html"

    def get_page_title(self) -> str:
        return f"{self.endpoint.name}：設定"

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        form = EndpointForm(request.user, request.POST, endpoint=self.endpoint)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        services.change(self.endpoint, **form.chosen)
        messages.success(request, "設定を保存しました。")
        return redirect("exports:webhook", public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = EndpointForm(self.request.user, endpoint=self.endpoint)
        return {"form": form, "endpoint": self.endpoint} | super().get_context_data(**kwargs)


class ShowEndpoint(EndpointPage):
    """GET: how it goes; POST with `do`: stop, start, rotate, replay, or again with `message`."""

    template_name = "exports/webhooks/endpoint.html"

    def get_page_title(self) -> str:
        return self.endpoint.name

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        wanted = request.POST.get("do", "")
        if wanted == "rotate":
            told = "秘密鍵を取り替えました。前の鍵での署名も、あと24時間は付けて送ります。"
            return self.show_secret(self.endpoint, services.rotate(self.endpoint), told)
        if wanted == "replay":
            return self._replay(request)
        if wanted in ("stop", "start", "again"):
            messages.success(request, getattr(self, f"_{wanted}")(request))
        return redirect("exports:webhook", public_id)

    def _stop(self, request: HttpRequest) -> str:
        services.stop(self.endpoint, BY_HAND)
        return "停止しました。再開するまで、何も送りません。"

    def _start(self, request: HttpRequest) -> str:
        assert isinstance(request.user, User)  # nobody else has a role
        services.start(self.endpoint, request.user)
        return "再開しました。停止していた間のできごとは、下の「送り直す」で送れます。"

    def _again(self, request: HttpRequest) -> str:
        found = self.endpoint.messages.filter(public_id=request.POST.get("message", "")).first()
        if found is None:
            raise Http404
        services.again(found)
        return "もう一度送ります。"

    def _replay(self, request: HttpRequest) -> HttpResponseBase:
        form = ReplayForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(replay=form), status=400)
        count = services.replay(self.endpoint, form.cleaned_data["since"])
        messages.success(request, f"{count:,}件のできごとを送り直します。")
        return redirect("exports:webhook", self.endpoint.public_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        endpoint = self.endpoint
        titles = FormPage.objects.filter(pk__in=endpoint.forms).order_by("title").values_list("title", flat=True)
        context = {
            "endpoint": endpoint,
            "state": state_of(endpoint),
            "kinds": "、".join(KINDS[kind] for kind in endpoint.kinds if kind in KINDS),
            "titles": "、".join(titles) or "すべて",
            "waiting": endpoint.messages.filter(state=MessageState.WAITING).count(),
            "has_two_secrets": endpoint.old_until is not None and endpoint.old_until > timezone.now(),
            "replay": ReplayForm(),
            "log": [_line(message) for message in self._latest()],
            "shown": SHOWN,
        }
        return context | super().get_context_data(**kwargs)

    def _latest(self) -> QuerySet[Message]:
        latest = self.endpoint.messages.select_related("event__application")
        return latest.prefetch_related(Prefetch("log", Attempt.objects.order_by("-pk"), to_attr="tries"))[:SHOWN]


def _line(message: Any) -> dict[str, Any]:
    """One message with its last attempt."""
    last = message.tries[0] if message.tries else None
    return {
        "message": message,
        "kind": KINDS.get(message.event.kind, message.event.kind),
        "reference": message.event.application.reference,
        "tries": len(message.tries),
        "last": last,
        "answer": (last.problem or f"HTTP {last.status}") if last else "",
    }
