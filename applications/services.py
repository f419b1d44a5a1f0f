"""Every change of an application's answers and files, one function each. Status is lifecycle.py's."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from applications.answers import opened, opened_unfinished, resealed, sealed
from applications.attachments import remove_files, remove_files_of
from applications.lifecycle import lock
from applications.models import PUBLIC_ID, Application, Attachment, Channel, Key
from applications.status import EDITABLE, Status
from cms import languages
from formbuilder.definition import Presentation
from formbuilder.engine import Engine
from formbuilder.fields.repeat import carried_over
from formbuilder.models import FormVersion
from formbuilder.uploads.inspect import CheckedFile

MOST_KEYS = 10  # of other devices


class NotEditable(Exception):
    """The application has been declared: its answers stay as they are."""


class Moved(Exception):
    """The draft has been changed since it was looked at."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft and the secret that opens it; the database knows only the secret's digest."""

    application: Application
    secret: str


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def opens(application: Application, secret: str) -> bool:
    """Whether this is a secret of the draft: that of the device it was begun on, or of another one."""
    digest = digest_of(secret)
    return hmac.compare_digest(application.secret_digest, digest) or application.keys.filter(digest=digest).exists()


def start_draft(
    *,
    version: FormVersion,
    answers: Mapping[str, Any] | None = None,
    unfinished: Mapping[str, Any] | None = None,
    channel: Channel = Channel.WEB,
    public_id: str = "",
) -> Kept:
    """A new draft that pins the version. public_id: that nobody else can know (models.new_public_id), if it has one."""
    secret = secrets.token_urlsafe(32)
    application = Application(
        form_id=version.form_id,
        version=version,
        department_id=version.department_id,
        channel=channel,
        language=languages.current().code,
        secret_digest=digest_of(secret),
    )
    application.public_id = public_id or application.public_id
    application.answers = sealed(version.engine, application.public_id, answers or {})
    application.unfinished = sealed(version.engine, application.public_id, unfinished or {})
    application.save(force_insert=True)
    return Kept(application, secret)


@transaction.atomic
def add_key(pk: int) -> Kept:
    """A secret for another device; those that open the draft already go on doing so, the newest MOST_KEYS of them."""
    application, secret = lock(pk), secrets.token_urlsafe(32)
    Key.objects.create(application=application, digest=digest_of(secret))
    newest = application.keys.order_by("-pk").values_list("pk", flat=True)[:MOST_KEYS]
    application.keys.exclude(pk__in=list(newest)).delete()
    return Kept(application, secret)


def keep_awake(pks: Iterable[int]) -> int:
    """Drafts that wait for something do not expire meanwhile; how many were touched, each once a day at most."""
    now = timezone.now()
    drafts = Application.objects.filter(pk__in=pks, status=Status.DRAFT, updated_at__lt=now - timedelta(days=1))
    return drafts.update(updated_at=now)


def wait_to_be_read(pk: int) -> None:
    """Something came from the resident; the oldest of several is what counts."""
    Application.objects.filter(pk=pk, unread_since=None).update(unread_since=timezone.now())


def nothing_unread(pk: int) -> None:
    """The desk has read everything, or answered it."""
    Application.objects.filter(pk=pk).exclude(unread_since=None).update(unread_since=None)


@transaction.atomic
def keep_answers(
    pk: int,
    *,
    taken: Mapping[str, Any],
    unfinished: Mapping[str, Any],
    read_by: Engine | None = None,
    revision: int | None = None,
) -> Application:
    """Keep what a step brought.

    taken: key -> answer, None removes it, and with it the item's files; unfinished: key -> boxes that could not be
    taken. An item in neither stays as it was, so two open pages of one draft do not undo each other. What is fixed
    stays as it is, whatever was brought.
    read_by: the engine of the page, if that may not be the draft's own; revision: of the draft, if it must not have
    changed. Raises NotEditable, Moved.
    """
    application = _editable(pk)
    if revision not in (None, application.revision):
        raise Moved
    engine, before, left_before = application.version.engine, opened(application), opened_unfinished(application)
    brought, unread = _carried(read_by or engine, engine, taken), _carried(read_by or engine, engine, unfinished)
    for fixed in application.fixed:
        brought.pop(fixed, None)
        unread.pop(fixed, None)
    answers = {key: answer for key, answer in {**before, **brought}.items() if answer is not None}
    left = {key: boxes for key, boxes in left_before.items() if key not in brought}
    left |= unread
    speaks = languages.current().code
    if answers == before and left == left_before:
        if speaks != application.language:  # nothing that is declared: the check page that is open stays good
            application.language = speaks
            application.save(update_fields=["language", "updated_at"])
        return application
    application.language = speaks
    application.answers = resealed(engine, application, answers)
    application.unfinished = sealed(engine, application.public_id, left)
    remove_files_of(application, engine, [key for key in before if key not in answers])
    _changed(application, "answers", "unfinished", "language")
    return application


@transaction.atomic
def choose_presentation(pk: int, presentation: Presentation) -> Application:
    """How the resident wants to be asked from now on, on every device. Raises NotEditable."""
    application = _editable(pk)
    application.presentation = presentation.value
    application.save(update_fields=["presentation", "updated_at"])
    return application


@transaction.atomic
def fix_answers(pk: int, answers: Mapping[str, Any], *, why: str, formerly: str = "") -> Application:
    """Put in answers that a proof gave, and let nobody change them (ADR 0010).

    why: shown beside each of them (linking.in_words); formerly: how the same reason was written in older rows.

    What was fixed before for the same reason, and is not any more, can be changed again. Raises NotEditable.
    """
    application = _editable(pk)
    engine = application.version.engine
    application.answers = resealed(engine, application, {**opened(application), **answers})
    left = {key: boxes for key, boxes in opened_unfinished(application).items() if key not in answers}
    application.unfinished = sealed(engine, application.public_id, left)
    others = {key: said for key, said in application.fixed.items() if said not in (why, formerly)}
    application.fixed = others | dict.fromkeys(answers, why)
    _changed(application, "answers", "unfinished", "fixed")
    return application


@transaction.atomic
def attach(pk: int, *, field_key: str, checked: CheckedFile, most: int) -> Attachment | None:
    """Keep a checked file as an answer; None when there is no such item, or it has `most` files. Raises NotEditable.

    A file that the item has already, as after a double tap, is not kept a second time.
    """
    application = _editable(pk)
    field = application.version.engine.fields.get(field_key)
    if field is None or not field.type.takes_files:
        return None
    mine = list(application.answers.get(field_key, []))
    if mine and (twin := application.attachments.filter(public_id__in=mine, sha256=checked.sha256).first()):
        return twin
    if len(mine) >= most:
        return None
    attachment = Attachment(
        application=application,
        field_key=field_key,
        name=checked.name,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
    )
    attachment.file.save(checked.name, ContentFile(checked.content), save=False)
    stored = str(attachment.file.name)
    try:
        attachment.save(force_insert=True)
        _write_files(application, field_key, [*mine, attachment.public_id])
    except BaseException:
        attachment.file.storage.delete(stored)  # the row will not exist, so nor may the file
        raise
    return attachment


@transaction.atomic
def detach(pk: int, *, public_id: str) -> None:
    """Remove a file of a draft; the file itself goes once the removal is certain. Raises NotEditable."""
    application = _editable(pk)
    is_one = PUBLIC_ID.fullmatch(public_id)
    attachment = application.attachments.filter(public_id=public_id).first() if is_one else None
    if attachment is None:
        return
    remaining = [item for item in application.answers.get(attachment.field_key, []) if item != public_id]
    _write_files(application, attachment.field_key, remaining)
    remove_files(application.attachments.filter(pk=attachment.pk))


@transaction.atomic
def move_to_newest(pk: int) -> Application:
    """Pin the form's newest version; answers to items that still exist, with the same type, come along.

    Raises NotEditable.
    """
    application = _editable(pk)
    version = FormVersion.objects.defer("document").filter(form_id=application.form_id, is_current=True).first()
    if version is None or version.pk == application.version_id:
        return application
    old, new = application.version.engine, version.engine
    same = same_items(old, new)
    answers, left = opened(application), opened_unfinished(application)
    remove_files_of(application, old, [key for key in answers if key not in same])
    application.version, application.department_id = version, version.department_id
    kept = _carried(old, new, answers)
    application.answers = sealed(new, application.public_id, kept)
    left = _carried(old, new, left)
    application.unfinished = sealed(new, application.public_id, left)
    application.fixed = {key: why for key, why in application.fixed.items() if key in kept}
    _changed(application, "version", "department", "answers", "unfinished", "fixed")
    return application


def same_items(one: Engine, other: Engine) -> frozenset[str]:
    """Keys of the items that both versions have, with the same type."""
    return frozenset(
        key for key, field in one.fields.items() if key in other.fields and other.fields[key].type is field.type
    )


def _carried(old: Engine, new: Engine, values: Mapping[str, Any]) -> dict[str, Any]:
    """Answers, or boxes, as another version takes them: of the items that it has with the same type."""
    same = same_items(old, new)
    return {key: _rows_carried(old, new, key, value) for key, value in values.items() if key in same}


def _rows_carried(old: Engine, new: Engine, key: str, value: Any) -> Any:
    """A group has items of its own, which may differ from version to version."""
    if old is new or value is None or not old.fields[key].type.has_rows:
        return value
    return carried_over(old.fields[key].definition, new.fields[key].definition, value)


def _editable(pk: int) -> Application:
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    return application


def _write_files(application: Application, field_key: str, public_ids: list[str]) -> None:
    if public_ids:
        application.answers[field_key] = public_ids
    else:
        application.answers.pop(field_key, None)
    _changed(application, "answers")


def _changed(application: Application, *fields: str) -> None:
    application.revision += 1
    application.save(update_fields=[*fields, "revision", "updated_at"])
