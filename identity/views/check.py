"""本人確認の点検, for administrators: what is configured, whether the providers answer, which keys they have."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from identity import provider
from identity.config import Config, Misconfigured, configured
from identity.ekyc.config import ekyc, notice_address, patience
from identity.problems import Refused
from identity.signature.check import signature_lines
from identity.views.lines import Line, unwell

TITLE = "本人確認の点検"
ICON = "lock"
LABELS = {"authorization": "認可", "token": "トークン", "userinfo": "利用者情報", "jwks": "公開鍵"}


class CheckView(WagtailAdminTemplateMixin, TemplateView):
    """Looking at it calls nobody; POST asks the providers."""

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
        parts = [_card(asked=asked), _documents(asked=asked)]
        return context | {"parts": parts, "can_ask": any(part.jwks for part in parts), "was_asked": asked}


@dataclass(frozen=True, slots=True)
class Part:
    """One provider. problem: of its settings; empty: what is said when there is none; answers: what it said itself."""

    title: str
    empty: str
    problem: str = ""
    jwks: str = ""
    lines: Sequence[Line] = ()
    answers: Sequence[Line] = ()


def _card(*, asked: bool) -> Part:
    part = Part(
        "マイナアプリ",
        "マイナンバーカードによる本人確認は設定されていません。この方法だけを使う手続は始められません。",
    )
    try:
        config = configured()
    except Misconfigured as problem:
        return replace(part, problem=str(problem))
    if config is None:
        return part
    return _told(part, config, [], [*_asked(config), *signature_lines()] if asked else [])


def _documents(*, asked: bool) -> Part:
    part = Part("eKYC（書類と顔の撮影）", "eKYCは設定されていません。この方法だけを使う手続は始められません。")
    try:
        config = ekyc()
    except Misconfigured as problem:
        return replace(part, problem=str(problem))
    if config is None:
        return part
    more = [
        Line("登録する通知先（Webhook）", notice_address()),
        Line("認める信頼の枠組み（trust_framework）", "、".join(sorted(config.frameworks))),
        Line("審査を待つ日数", f"{patience().days}日"),
    ]
    return _told(part, config.provider, more, _asked(config.provider) if asked else [])


def _told(part: Part, config: Config, more: Sequence[Line], answers: Sequence[Line]) -> Part:
    jwks = json.dumps({"keys": [config.public_key]}, indent=2)
    return replace(part, jwks=jwks, lines=[*_settings(config), *more], answers=answers)


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
