"""Puts the API together: the routers of API_ROUTERS, one way to say who one is, one shape of every no."""

import logging

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from applications.api import Denied, Problem
from applications.failures import where_it_failed
from exports.api.auth import TokenAuth

log = logging.getLogger(__name__)

DESCRIPTION = """\
部署のシステムが、その部署の申請を受け取り、結果を返すためのAPIです。トークンは管理画面の「設定」→「APIトークン」で作ります。
日時はISO 8601、文字はUTF-8です。状態を変える要求には`Idempotency-Key`と`If-Match`が要ります。
"""

api = NinjaAPI(
    title="窓口 API",
    version="1.0.0",
    description=DESCRIPTION,
    docs_url=None,  # its page would load scripts from elsewhere
    openapi_url="openapi.json",
    auth=TokenAuth(),
    urls_namespace="api",
)
for path in settings.API_ROUTERS:
    api.add_router("", import_string(path))


def _problem(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    response = api.create_response(request, Problem(code=code, detail=detail).model_dump(), status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 429:
        response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store"
    return response


@api.exception_handler(Denied)
def denied(request: HttpRequest, problem: Denied) -> HttpResponse:
    return _problem(request, problem.status, problem.code, problem.detail)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, _: AuthenticationError) -> HttpResponse:
    return _problem(request, 401, "token", "トークンがないか、正しくないか、期限が過ぎています。")


@api.exception_handler(ValidationError)
def cannot_read(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    places = "、".join(sorted({".".join(map(str, error["loc"])) for error in problem.errors}))
    return _problem(request, 422, "invalid", f"要求の次の箇所を読み取れません：{places}")


@api.exception_handler(HttpError)
def refused(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """Ninja's own: a body that is no JSON."""
    return _problem(request, 400, "malformed", "要求を読み取れません。")


@api.exception_handler(DatabaseError)
def database_away(request: HttpRequest, problem: DatabaseError) -> HttpResponse:
    """Nobody is let through uncounted, and nothing is half done: better no answer than a wrong one."""
    log.error("API: %s", where_it_failed(problem))
    return _problem(request, 503, "unavailable", "今は処理できません。しばらくしてから、もう一度送ってください。")


def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that the API does not have: a program asked, and gets no page."""
    return _problem(request, 404, "not_found", "このアドレスはありません。")
