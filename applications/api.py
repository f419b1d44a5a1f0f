"""What every part of the API has in common, whichever app it belongs to: who asks, and how an answer says no.

A router of API_ROUTERS imports this and is mounted by exports.api; it asks `caller(request)` for the department.
"""

from enum import StrEnum
from typing import Any, Protocol

from django.http import HttpRequest
from ninja import Field, Schema

from cms.models import Department
from staff.models import User


class Scope(StrEnum):
    FORMS = "forms:read"
    APPLICATIONS = "applications:read"
    FILES = "files:read"
    STATUS = "status:write"
    BOOKINGS = "bookings:read"
    EVENTS = "events:read"
    OUTBOX = "outbox:take"


SCOPE_LABELS = {
    Scope.FORMS: "申請フォームを読む",
    Scope.APPLICATIONS: "申請を読む",
    Scope.FILES: "添付ファイルを読む",
    Scope.STATUS: "状態を変える",
    Scope.BOOKINGS: "予約を読む",
    Scope.EVENTS: "できごとを読む",
    Scope.OUTBOX: "閉じたネットワークへの受け渡し（申請の内容と添付ファイルを受け取る）",
}


class Caller(Protocol):
    """Whoever a token stands for. user: who made it and answers for it."""

    @property
    def pk(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def department(self) -> Department: ...
    @property
    def user(self) -> User: ...
    @property
    def scopes(self) -> list[str]: ...


class Problem(Schema):
    """Every answer that is no: a code for programs, and a sentence for people."""

    code: str = Field(examples=["not_found"])
    detail: str


class Denied(Exception):
    """Answered as a Problem with this status."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


NO = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


def answers(good: Any, *, more: dict[int, Any] | None = None) -> dict[int, Any]:
    """The `response` of an operation: 200, and every no."""
    return {200: good, **NO, **(more or {})}


def caller(request: HttpRequest, scope: Scope) -> Caller:
    """Raises Denied when the token has not that scope."""
    found: Caller = request.auth  # type: ignore[attr-defined]  # ninja puts there what its authentication returned
    if scope not in found.scopes:
        raise Denied(403, "scope", f"このトークンには「{SCOPE_LABELS[scope]}」の権限がありません。")
    return found


def not_found() -> Denied:
    return Denied(404, "not_found", "見つかりません。")
