"""本人確認の点検, for administrators: what is configured, whether the provider answers, which keys it has."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from identity import provider
from identity.config import Config, Misconfigured, configured
from identity.problems import Refused
from identity.signature.check import signature_lines
from identity.views.lines import Line, unwell

TITLE = "本人確認の点検"
ICON = "lock"
LABELS = {"authorization": "認可", "token": "トークン", "userinfo": "利用者情報", "jwks": "公開鍵"}


class CheckView(WagtailAdminTemplateMixin, TemplateView):
    """Looking at it calls nobody; POST asks the provider."""

    template_name = "identity/admin/check.html"
    page_title = TITLE
    header_icon = ICON
    _show_breadcrumbs = True
    http_method_names = ["get", "head", "post"]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": TITLE}]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (request.user.is_active and request.user.is_superuser):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(asked=True))

    def get_context_data(self, *, asked: bool = False, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        try:
            config = configured()
        except Misconfigured as problem:
            return context | {"problem": str(problem)}
        if config is None:
            return context | {"is_empty": True}
        jwks = json.dumps({"keys": [config.public_key]}, indent=2)
        lines = [*_asked(config), *signature_lines()] if asked else []
        return context | {"lines": _settings(config), "jwks": jwks, "was_asked": asked, "answers": lines}


def _settings(config: Config) -> list[Line]:
    return [
        Line("発行者（issuer）", config.issuer),
        Line("クライアントID", config.client_id),
        Line("登録するリダイレクトURI", config.redirect_uri),
        Line("求める水準（acr_values）", config.acr_values or "なし"),
        Line("アドレスの決め方", "設定で決めている" if len(config.endpoints) == len(LABELS) else "発行者に尋ねる"),
    ]


def _asked(config: Config) -> list[Line]:
    try:
        places = provider.endpoints(config)
    except Refused as refused:
        return [Line("発行者への問い合わせ", *unwell(refused))]
    lines = [Line(f"{label}のアドレス", places[name]) for name, label in LABELS.items()]
    try:
        keys = provider.fetch_keys(places["jwks"])
    except Refused as refused:
        return [*lines, Line("公開鍵の取得", *unwell(refused))]
    if not keys:
        advice = "ES256（P-256）の署名用の鍵がありません。提供者に問い合わせてください。"
        return [*lines, Line("公開鍵の取得", "使える鍵がありません", False, advice)]
    return [*lines, Line("公開鍵の取得", f"{len(keys)}個: {'、'.join(keys)}")]
