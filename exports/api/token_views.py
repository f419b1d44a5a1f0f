"""APIトークン in the admin: who has which, a new one (its secret is shown once), and an end to one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from applications.api import SCOPE_LABELS, Scope
from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from exports.access import may_export
from exports.api.auth import digest_of, new_secret
from exports.api.models import ApiToken
from exports.api.token_forms import TokenForm
from exports.lists import Cell, ExportList
from staff.models import User

TITLE, ICON = "APIトークン", "key"


def tokens_for(user: AnyUser) -> QuerySet[ApiToken]:
    mine = departments_for(user, MAY_EXPORT_CASES)
    return ApiToken.objects.filter(department__in=mine).select_related("department", "user")


def state_of(token: ApiToken) -> str:
    if token.revoked_at:
        return f"{timezone.localtime(token.revoked_at):%Y-%m-%d} 停止"
    return "期限切れ" if token.expires_at <= timezone.now() else "使えます"


class RevokeColumn(Column):
    cell_template_name = "exports/api/revoke_cell.html"

    def get_cell_context_data(self, instance: ApiToken, parent_context: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "token": instance, "is_open": state_of(instance) == "使えます"}


class TokenListView(ExportList):
    page_title = TITLE
    header_icon = ICON
    index_url_name = "exports:tokens"
    index_results_url_name = "exports:tokens_results"
    verbose_name_plural = TITLE
    columns = [
        Cell("name", label="名称", accessor=lambda token: f"{token.name}（{token.beginning}…）"),
        Cell("department", label="所管課"),
        Cell(
            "scopes", label="できること", accessor=lambda t: "、".join(SCOPE_LABELS[Scope(scope)] for scope in t.scopes)
        ),
        Cell("networks", label="ネットワーク", accessor=lambda token: "、".join(token.networks) or "どこからでも"),
        Cell("expires_at", label="期限", accessor=lambda token: f"{timezone.localtime(token.expires_at):%Y-%m-%d}"),
        Cell("user", label="作った職員", accessor=lambda token: str(token.user)),
        Cell(
            "used_at",
            label="最後の利用",
            accessor=lambda token: f"{timezone.localtime(token.used_at):%Y-%m-%d}" if token.used_at else "まだ",
        ),
        Cell("state", label="状態", accessor=state_of),
        RevokeColumn("revoke", label="操作"),
    ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton("トークンを作る", url=reverse("exports:new_token"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[ApiToken]:
        return tokens_for(self.request.user)


class NewTokenView(WagtailAdminTemplateMixin, TemplateView):
    page_title = "APIトークンを作る"
    header_icon = ICON
    template_name = "exports/api/new_token.html"
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_export(request.user):
            raise PermissionDenied
        response: HttpResponseBase = never_cache(super().dispatch)(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.user, request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        assert isinstance(request.user, User)  # nobody else has a role
        secret, given = new_secret(), form.cleaned_data
        token = ApiToken.objects.create(
            name=given["name"],
            department=given["department"],
            user=request.user,
            digest=digest_of(secret),
            beginning=secret[:8],
            scopes=given["scopes"],
            networks=given["networks"],
            expires_at=given["expires_on"],
        )
        return render(
            request, "exports/api/made_token.html", {**self.get_context_data(), "token": token, "secret": secret}
        )

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listing = {"url": reverse("exports:tokens"), "label": TITLE}
        return [*self.breadcrumbs_items, listing, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {"form": TokenForm(self.request.user)} | context


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    token = tokens_for(request.user).filter(pk=pk).first()
    if token is None:
        raise Http404
    ApiToken.objects.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    messages.success(request, f"トークン「{token.name}」を停止しました。")
    return redirect("exports:tokens")
