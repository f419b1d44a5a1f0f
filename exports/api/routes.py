"""Forms, applications with their files, and what has happened."""

from datetime import date, timedelta
from typing import Annotated

from django.db import models
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from ninja import Path, Query, Router, Schema

from applications.api import Caller, Denied, Scope, answers, caller, not_found
from applications.listing import Filters, as_reference, filtered, page_of
from applications.models import PUBLIC_ID, Application, Event, ExportRecord, FileFormat
from applications.status import ON_DESK, Status
from exports.api.schemas import (
    ApplicationDetail,
    ApplicationPage,
    ApplicationRow,
    EventOut,
    EventPage,
    FieldOut,
    FileOut,
    FormDetail,
    FormOut,
)
from exports.api.standing import standing
from exports.cases import case_of
from exports.gif import gif_of
from formbuilder.models import FormVersion

router = Router()

SETTLED = timedelta(seconds=5)  # an event is told when those before it are surely committed
MOST_EVENTS = 200
Text = Annotated[str, Path(max_length=100)]


def applications_of(who: Caller) -> QuerySet[Application]:
    """What the department has received."""
    return Application.objects.filter(department=who.department, received_at__isnull=False)


def find(who: Caller, reference: str) -> Application:
    """By 受付番号. Raises Denied."""
    plain = as_reference(reference)
    related = applications_of(who).select_related("form", "version", "department")
    application = related.filter(reference=plain).first() if plain else None
    if application is None:
        raise not_found()
    return application


@router.get("/forms", response=answers(list[FormOut]), summary="申請フォームの一覧")
def forms(request: HttpRequest) -> list[FormOut]:
    return [
        FormOut(code=version.form.code, title=version.form.title, version=version.number)
        for version in _versions(caller(request, Scope.FORMS))
    ]


@router.get("/forms/{code}", response=answers(FormDetail), by_alias=True, summary="申請フォームの項目")
def form(request: HttpRequest, code: Text) -> FormDetail:
    wanted = [version for version in _versions(caller(request, Scope.FORMS)) if version.form.code == code]
    if not wanted:
        raise not_found()
    (version,) = wanted
    fields = [
        FieldOut(
            key=field.key,
            name=field.definition.name,
            label=field.definition.label,
            type=field.definition.type,
            sensitive=field.definition.sensitive,
            schema_=field.type.json_schema(field.definition),
        )
        for field in version.engine.fields.values()
        if field.type.is_input
    ]
    return FormDetail(code=version.form.code, title=version.form.title, version=version.number, fields=fields)


def _versions(who: Caller) -> QuerySet[FormVersion]:
    mine = FormVersion.objects.filter(department=who.department, is_current=True)
    return mine.select_related("form").order_by("form__code")


class Wanted(Schema):
    form: str | None = None
    status: Status | None = None
    received_from: date | None = None
    received_to: date | None = None
    after: str | None = None


@router.get("/applications", response=answers(ApplicationPage), summary="申請の一覧（受け付けた順、50件ずつ）")
def applications(request: HttpRequest, wanted: Query[Wanted]) -> ApplicationPage:
    who = caller(request, Scope.APPLICATIONS)
    found = applications_of(who)
    if wanted.form is not None:
        if "\x00" in wanted.form:
            raise not_found()
        found = found.filter(form__code=wanted.form)
    if wanted.status is not None and wanted.status not in ON_DESK:
        raise Denied(400, "status", "受け付けた申請にない状態です。")
    filters = Filters(
        statuses=(wanted.status,) if wanted.status else (),
        received_from=wanted.received_from,
        received_to=wanted.received_to,
    )
    if wanted.after:
        check_cursor(who, wanted.after)
    page = page_of(
        filtered(found, filters).annotate(form_code=F("form__code")), oldest_first=True, after=wanted.after or ""
    )
    return ApplicationPage(items=[_row(application) for application in page.rows], next=page.after or None)


def check_cursor(who: Caller, cursor: str) -> None:
    """A list would begin anew with a cursor that it does not know; a program must be told."""
    order, _, public_id = cursor.partition(".")
    known = order == "old" and PUBLIC_ID.fullmatch(public_id)
    if not known or not applications_of(who).filter(public_id=public_id).exists():
        raise Denied(400, "after", "afterは、前の回答のnextをそのまま渡してください。")


def _row(application: Application) -> ApplicationRow:
    return ApplicationRow(
        reference=application.reference or "",
        form=application.form_code,  # type: ignore[attr-defined]  # annotated
        form_title=application.form_title,  # type: ignore[attr-defined]  # as above
        status=application.status,
        channel=application.channel,
        received_at=timezone.localtime(application.received_at),
    )


@router.get("/applications/{reference}", response=answers(ApplicationDetail), summary="申請の内容")
def application(request: HttpRequest, reference: Text, response: HttpResponse) -> ApplicationDetail:
    who = caller(request, Scope.APPLICATIONS)
    found = find(who, reference)
    etag = response["ETag"] = standing(found)
    case = case_of(found)
    files = [
        FileOut(
            id=file.public_id,
            item=item.field.definition.name,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
        )
        for item in case.items
        for file in item.files
    ]
    record(who, found, "申請の内容")
    return ApplicationDetail(
        reference=found.reference or "", status=found.status, etag=etag, document=gif_of(case), files=files
    )


@router.get(
    "/applications/{reference}/files/{file_id}",
    response=answers(None),
    summary="添付ファイル",
    openapi_extra={"responses": {200: {"description": "ファイル", "content": {"application/octet-stream": {}}}}},
)
def application_file(request: HttpRequest, reference: Text, file_id: Text) -> HttpResponseBase:
    who = caller(request, Scope.FILES)
    found = find(who, reference)
    file = found.attachments.filter(public_id=file_id).first() if PUBLIC_ID.fullmatch(file_id) else None
    if file is None:
        raise not_found()
    try:
        content = file.file.open("rb")
    except FileNotFoundError:
        raise not_found() from None
    record(who, found, file.name)
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")
    response["Cache-Control"] = "private, no-store"
    return response


def record(who: Caller, application: Application, what: str) -> None:
    """Whatever leaves by the API is in the records as any other export."""
    ExportRecord.objects.create(
        user=who.user,
        department=who.department,
        form_code=application.form.code,
        form_title=application.form.title,
        format=FileFormat.API,
        rows=1,
        filters=[["トークン", who.name], ["受付番号", application.reference], ["内容", what]],
    )


class Since(Schema):
    after: int = 0
    limit: int = MOST_EVENTS


@router.get("/events", response=answers(EventPage), summary="受け付けた申請に起きたこと（古い順）")
def events(request: HttpRequest, since: Query[Since]) -> EventPage:
    who = caller(request, Scope.EVENTS)
    if not 0 <= since.after < 2**63 or not 1 <= since.limit <= MOST_EVENTS:
        raise Denied(400, "range", f"afterは0以上、limitは1から{MOST_EVENTS}までです。")
    found = (
        Event.objects.filter(
            models.Q(application__department=who.department, application__received_at__isnull=False),
            pk__gt=since.after,
            at__lt=timezone.now() - SETTLED,
        )
        .annotate(reference=F("application__reference"))
        .order_by("pk")[: since.limit]
    )
    items = [
        EventOut(
            id=event.pk,
            kind=event.kind,
            at=timezone.localtime(event.at),
            reference=event.reference,
            before=event.before,
            after=event.after,
        )
        for event in found
    ]
    return EventPage(items=items, last=items[-1].id if items else since.after)
