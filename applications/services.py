"""Every change of an application's answers and files, one function each. Status is lifecycle.py's."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from applications.answers import opened, sealed
from applications.lifecycle import lock
from applications.models import Application, Attachment, Channel
from applications.status import EDITABLE
from formbuilder.models import FormVersion
from formbuilder.uploads.inspect import CheckedFile


class NotEditable(Exception):
    """The application has been declared: its answers stay as they are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft and the secret that opens it; the database knows only the secret's digest."""

    application: Application
    secret: str


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def opens(application: Application, secret: str) -> bool:
    """Whether this is the secret of the draft; takes the same time for every wrong one."""
    return hmac.compare_digest(application.secret_digest, digest_of(secret))


def start_draft(
    *,
    version: FormVersion,
    answers: Mapping[str, Any] | None = None,
    unfinished: Mapping[str, Any] | None = None,
    channel: Channel = Channel.WEB,
) -> Kept:
    """A new draft that pins the version."""
    secret = secrets.token_urlsafe(32)
    application = Application(
        form_id=version.form_id,
        version=version,
        department_id=version.department_id,
        channel=channel,
        secret_digest=digest_of(secret),
    )
    application.answers = sealed(version.engine, application.public_id, answers or {})
    application.unfinished = sealed(version.engine, application.public_id, unfinished or {})
    application.save(force_insert=True)
    return Kept(application, secret)


@transaction.atomic
def keep_answers(pk: int, *, taken: Mapping[str, Any], unfinished: Mapping[str, Any]) -> Application:
    """Keep what a step brought.

    taken: key -> answer, None removes it; unfinished: key -> boxes that could not be taken. An item in neither stays
    as it was, so two open pages of one draft do not undo each other. Raises NotEditable.
    """
    application = _editable(pk)
    engine, before = application.version.engine, opened(application)
    answers = {**before, **taken}
    answers = {key: answer for key, answer in answers.items() if answer is not None}
    left = {key: boxes for key, boxes in application.unfinished.items() if key not in taken}
    left |= sealed(engine, application.public_id, unfinished)
    if answers == before and left == application.unfinished:
        return application
    application.answers = _resealed(application, before, answers)
    application.unfinished = left
    application.revision += 1
    application.save(update_fields=["answers", "unfinished", "revision", "updated_at"])
    return application


@transaction.atomic
def attach(pk: int, *, field_key: str, checked: CheckedFile, most: int) -> Attachment | None:
    """Keep a checked file as an answer; None when the item already has `most` files. Raises NotEditable."""
    application = _editable(pk)
    mine = list(application.answers.get(field_key, []))
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
    stored = attachment.file.name
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
    attachment = application.attachments.filter(public_id=public_id).first()
    if attachment is None:
        return
    remaining = [item for item in application.answers.get(attachment.field_key, []) if item != public_id]
    _write_files(application, attachment.field_key, remaining)
    storage, name = attachment.file.storage, attachment.file.name
    attachment.delete()
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def move_to_version(pk: int, *, version: FormVersion) -> Application:
    """Pin a newer version of the same form; answers to items that still exist, with the same type, come along."""
    application = _editable(pk)
    if version.form_id != application.form_id:
        raise ValueError("the version belongs to another form")
    old, new = application.version.engine, version.engine
    kept = {
        key: answer
        for key, answer in opened(application).items()
        if key in new.fields and key in old.fields and new.fields[key].type is old.fields[key].type
    }
    application.version, application.department_id = version, version.department_id
    application.answers = sealed(new, application.public_id, kept)
    application.unfinished = {key: boxes for key, boxes in application.unfinished.items() if key in kept}
    application.revision += 1
    application.save(
        update_fields=["version", "department", "answers", "unfinished", "revision", "updated_at"]
    )
    return application


def _editable(pk: int) -> Application:
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    return application


def _resealed(application: Application, before: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Seal what changed; what did not keeps the bytes it has."""
    same = {key for key, answer in answers.items() if key in before and before[key] == answer}
    changed = {key: answer for key, answer in answers.items() if key not in same}
    kept = {key: application.answers[key] for key in same}
    return {**kept, **sealed(application.version.engine, application.public_id, changed)}


def _write_files(application: Application, field_key: str, public_ids: list[str]) -> None:
    if public_ids:
        application.answers[field_key] = public_ids
    else:
        application.answers.pop(field_key, None)
    application.revision += 1
    application.save(update_fields=["answers", "revision", "updated_at"])
