"""The outbox of a closed network: what waits, each application as a ZIP or file by file, and its acknowledgement."""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from django.db.models import F
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from applications.api import Caller, Denied, Problem, Scope, answers, caller, not_found
from applications.listing import page_of
from applications.sheets.excel_file import PIECE
from exports.api.changes import Key, once
from exports.api.routes import Text, applications_of, check_cursor, find, record
from exports.api.standing import standing
from exports.handover.models import Parcel
from exports.handover.parcels import WrongParcel, acknowledge, parcel_of, waiting

router = Router()
BINARY = {200: {"description": "ファイル", "content": {"application/octet-stream": {}}}}


class WaitingOut(Schema):
    reference: str
    form: str
    received_at: datetime


class WaitingPage(Schema):
    items: list[WaitingOut]
    next: str | None = Field(description="続きがあるとき、次の要求の`after`に渡す文字列")


class PackedFile(Schema):
    name: str
    size: int
    sha256: str


class ParcelOut(Schema):
    reference: str
    revision: int = Field(description="回答の改訂。差戻しの後に再提出されると変わります")
    etag: str = Field(description="今の状態のもの。状態を変えるときに`If-Match`で渡す文字列")
    size: int
    sha256: str = Field(description="ZIPのSHA-256。受け取りの確認に使います")
    files: list[PackedFile]


class Received(Schema):
    revision: int = Field(ge=0, lt=2**31)
    sha256: str = Field(pattern="^[0-9A-Fa-f]{64}$")


class ReceivedOut(Schema):
    reference: str
    revision: int
    acknowledged_at: str


class Which(Schema):
    form: str | None = None
    after: str | None = None


@router.get("/outbox", response=answers(WaitingPage), summary="まだ受け渡していない申請（受け付けた順、50件ずつ）")
def outbox(request: HttpRequest, which: Query[Which]) -> WaitingPage:
    who = caller(request, Scope.OUTBOX)
    found = waiting(applications_of(who))
    if which.form is not None:
        if "\x00" in which.form:
            raise not_found()
        found = found.filter(form__code=which.form)
    if which.after:
        check_cursor(who, which.after)
    page = page_of(found.annotate(form_code=F("form__code")), oldest_first=True, after=which.after or "")
    items = [
        WaitingOut(
            reference=row.reference or "",
            form=row.form_code,  # type: ignore[attr-defined]  # annotated
            received_at=timezone.localtime(row.received_at),
        )
        for row in page.rows
    ]
    return WaitingPage(items=items, next=page.after or None)


@router.get("/outbox/{reference}", response=answers(ParcelOut), summary="受け渡す内容の一覧")
def parcel(request: HttpRequest, reference: Text) -> ParcelOut:
    who = caller(request, Scope.OUTBOX)
    packed = parcel_of(find(who, reference))
    return ParcelOut(
        reference=packed.application.reference or "",
        revision=packed.revision,
        etag=standing(packed.application),  # the one in the ZIP grows old with the next change of status
        size=packed.size,
        sha256=packed.sha256,
        files=[PackedFile(**each) for each in packed.files],
    )


@router.get(
    "/outbox/{reference}/package",
    response=answers(None),
    summary="1件分のZIP（受付番号のフォルダ）",
    openapi_extra={"responses": BINARY},
)
def package(request: HttpRequest, reference: Text) -> HttpResponseBase:
    who = caller(request, Scope.OUTBOX)
    packed = _taken(who, reference, "受け渡し：ZIP")
    return _sent(packed.file.open("rb"), f"{packed.application.reference}.zip", packed)


@router.get(
    "/outbox/{reference}/file", response=answers(None), summary="1件分のうちの一つ", openapi_extra={"responses": BINARY}
)
def packed_file(request: HttpRequest, reference: Text, name: Annotated[str, Query(max_length=300)]) -> HttpResponseBase:
    who = caller(request, Scope.OUTBOX)
    packed = parcel_of(find(who, reference))
    if name not in {each["name"] for each in packed.files}:
        raise not_found()
    packed = _taken(who, reference, f"受け渡し：{name}")
    return _sent(_pieces(packed, name), name.rpartition("/")[2], packed)


def _pieces(packed: Parcel, name: str) -> Iterator[bytes]:
    path = f"{packed.application.reference}/{name}"
    with packed.file.open("rb") as file, zipfile.ZipFile(file) as archive, archive.open(path) as part:
        while piece := part.read(PIECE):
            yield piece


def _taken(who: Caller, reference: str, what: str) -> Parcel:
    application = find(who, reference)
    packed = parcel_of(application)
    record(who, application, what)
    return packed


def _sent(content: Any, name: str, packed: Parcel) -> FileResponse:
    response = FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    response["X-Parcel-SHA256"] = packed.sha256
    return response


@router.post(
    "/outbox/{reference}/acknowledgement",
    response=answers(ReceivedOut, more={409: Problem}),
    summary="受け取りの確認（一覧から外れます）",
)
def acknowledgement(request: HttpRequest, reference: Text, received: Received, idempotency_key: Key) -> Any:
    who = caller(request, Scope.OUTBOX)
    asked = f"acknowledgement|{reference}|{received.model_dump_json()}"
    return once(who, idempotency_key, asked, lambda: _acknowledged(who, reference, received))


def _acknowledged(who: Caller, reference: str, received: Received) -> dict[str, Any]:
    application = find(who, reference)
    try:
        there = acknowledge(
            application, revision=received.revision, sha256=received.sha256, actor=who.user, name=who.name
        )
    except WrongParcel:
        detail = "受け取ったものが、こちらで用意したものと違います。もう一度受け取ってください。"
        raise Denied(409, "mismatch", detail) from None
    at = timezone.localtime(there.acknowledged_at).isoformat(timespec="seconds")
    return {"reference": application.reference, "revision": there.revision, "acknowledged_at": at}
