"""差戻し and 再提出: every change of a correction, one function each. The application changes once, at the end."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from applications.answers import opened, resealed, sealed
from applications.facts import facts_of
from applications.lifecycle import AnswersChanged, NotAllowed, lock, move
from applications.models import Application, Attachment
from applications.status import Action, Status
from dialogue.mending import Mending, correctable, is_bound
from dialogue.models import Correction, CorrectionFile, Outcome
from formbuilder.uploads.inspect import CheckedFile
from staff.models import User


class Nothing(Exception):
    """No item was named that the resident could change."""


class Bound(Exception):
    """The answers are signed as they are, and nobody has accepted that a correction is not."""


class NotOpen(Exception):
    """There is nothing to correct (any more)."""


class Unmended(Exception):
    """Something is still missing or wrong, nothing was changed, or a gate would be closed by the changes."""


def open_correction_of(application: Application) -> Correction | None:
    """What the resident is to correct now."""
    if application.status != Status.RETURNED:
        return None
    return application.corrections.filter(closed_at=None).first()


@transaction.atomic
def return_for_correction(
    pk: int,
    *,
    actor: User,
    revision: int,
    reason: str,
    keys: Iterable[str],
    due_on: date | None = None,
    expires: bool = False,
    beyond_signature: bool = False,
) -> Correction:
    """beyond_signature: the officer accepts that a signature covers the answers as they were, and those alone.

    Raises AnswersChanged, NotAllowed, Nothing, Bound.
    """
    application = lock(pk)
    if application.revision != revision:
        raise AnswersChanged
    signed = is_bound(application)
    if signed and not beyond_signature:
        raise Bound
    known = {field.key for _, fields in correctable(application) for field in fields}
    named = [key for key in dict.fromkeys(keys) if key in known]
    if not named:
        raise Nothing
    move(pk, Action.RETURN, actor=actor, data={"reason": reason})
    return Correction.objects.create(
        application=application,
        reason=reason,
        keys=named,
        due_on=due_on,
        expires=expires and due_on is not None,
        is_unsigned=signed,
        opened_by=actor,
    )


def _locked(pk: int) -> Mending:
    """Application first, then the correction: everybody locks in this order. Raises NotOpen."""
    application = lock(Correction.objects.values_list("application", flat=True).get(pk=pk))
    correction = Correction.objects.select_for_update(of=("self",)).get(pk=pk)
    if correction.closed_at is not None or application.status != Status.RETURNED:
        raise NotOpen
    return Mending(application, correction)


@transaction.atomic
def stage(pk: int, *, taken: Mapping[str, Any], unfinished: Mapping[str, Any]) -> Mending:
    """Keep what the resident typed, as far as it may be changed; None in `taken`: to be empty. Raises NotOpen."""
    mending = _locked(pk)
    correction, engine, may = mending.correction, mending.engine, mending.may_change
    brought = {key: said for key, said in taken.items() if key in may}
    left = {key: boxes for key, boxes in mending.unfinished.items() if key not in brought}
    left |= {key: boxes for key, boxes in unfinished.items() if key in may}
    staged = {**mending.staged, **brought}
    staged = {key: said for key, said in staged.items() if said != mending.before.get(key)}
    if staged != mending.staged or left != mending.unfinished:
        public_id = mending.application.public_id
        correction.answers = sealed(engine, public_id, staged)
        correction.unfinished = sealed(engine, public_id, left)
        _changed(correction)
    return Mending(mending.application, correction)


@transaction.atomic
def stage_file(pk: int, *, field_key: str, checked: CheckedFile, most: int) -> bool:
    """Keep a checked file for the correction; False when the item has `most` files. Raises NotOpen."""
    mending = _locked(pk)
    field = mending.engine.fields.get(field_key)
    if field is None or field_key not in mending.may_change or not field.type.takes_files:
        return False
    mine = [each for each in mending.answers.get(field_key, []) if each in mending.files]
    if any(mending.files[each].sha256 == checked.sha256 for each in mine):
        return True  # as after a double tap
    if len(mine) >= most:
        return False
    kept = CorrectionFile(
        correction=mending.correction,
        field_key=field_key,
        name=checked.name,
        content_type=checked.content_type,
        size=checked.size,
        sha256=checked.sha256,
    )
    kept.file.save(checked.name, ContentFile(checked.content), save=False)
    try:
        kept.save(force_insert=True)
        _write_files(mending, field_key, [*mine, kept.public_id])
    except BaseException:
        kept.file.storage.delete(str(kept.file.name))  # the row will not exist, so nor may the file
        raise
    return True


@transaction.atomic
def unstage_file(pk: int, *, public_id: str) -> None:
    """Take a file out of the correction; one of the application stays until the resubmission. Raises NotOpen."""
    mending = _locked(pk)
    file = mending.files.get(public_id)
    if file is None or file.field_key not in mending.may_change:
        return
    remaining = [each for each in mending.answers.get(file.field_key, []) if each != public_id]
    _write_files(mending, file.field_key, remaining)
    if isinstance(file, CorrectionFile):
        _drop([file])


def _write_files(mending: Mending, key: str, public_ids: list[str]) -> None:
    mending.correction.answers[key] = public_ids or None
    if public_ids == mending.before.get(key):
        del mending.correction.answers[key]
    _changed(mending.correction)


def _changed(correction: Correction) -> None:
    correction.revision += 1
    correction.save(update_fields=["answers", "unfinished", "revision"])


@transaction.atomic
def resubmit(pk: int, *, revision: int) -> Application:
    """Merge what was staged, once. Sending twice is sending once. Raises AnswersChanged, Unmended, NotOpen."""
    try:
        mending = _locked(pk)
    except NotOpen:
        correction = Correction.objects.select_related("application").get(pk=pk)
        if correction.outcome == Outcome.RESUBMITTED:
            return correction.application  # the second tap of a double tap
        raise
    application, correction = mending.application, mending.correction
    if correction.revision != revision:
        raise AnswersChanged
    if mending.problems or mending.closed_by():
        raise Unmended
    _merge(mending)
    _close(correction, Outcome.RESUBMITTED)
    return move(application.pk, Action.RESUBMIT)


def _merge(mending: Mending) -> None:
    application, correction, engine = mending.application, mending.correction, mending.engine
    counted, stored = dict(mending.journey.state.answers), dict(application.answers)
    _swap_files(mending, counted)
    facts = facts_of(engine, counted)
    application.answers = resealed(engine, application, counted)
    application.applicant, application.email = facts.applicant, facts.email
    application.search_text = facts.search_text
    application.revision += 1
    application.save(update_fields=["answers", "applicant", "email", "search_text", "revision", "updated_at"])
    correction.before = {key: stored.get(key) for key in mending.changes}
    correction.after = {key: application.answers.get(key) for key in mending.changes}


def _swap_files(mending: Mending, counted: Mapping[str, Any]) -> None:
    """Those that were brought become the application's; those that it has no more are kept beside the correction."""
    wanted = {each for key, said in counted.items() if mending.engine.fields[key].type.takes_files for each in said}
    for public_id, file in mending.files.items():
        if isinstance(file, Attachment) and public_id not in wanted:
            CorrectionFile.objects.create(correction=mending.correction, is_former=True, **_columns(file))
            file.delete()  # the row; the file in the storage is the other row's now
        elif isinstance(file, CorrectionFile) and public_id in wanted:
            Attachment.objects.create(application=mending.application, **_columns(file))
            file.delete()


def _columns(file: Attachment | CorrectionFile) -> dict[str, Any]:
    names = ("public_id", "field_key", "name", "content_type", "size", "sha256")
    return {"file": str(file.file.name), **{name: getattr(file, name) for name in names}}


@transaction.atomic
def give_up(application_id: int) -> None:
    """The application has ended otherwise: what was staged goes."""
    for correction in Correction.objects.select_for_update().filter(application=application_id, closed_at=None):
        _close(correction, Outcome.OVER)


def _close(correction: Correction, outcome: Outcome) -> None:
    correction.answers, correction.unfinished = {}, {}
    correction.closed_at, correction.outcome = timezone.now(), outcome
    correction.save(update_fields=["answers", "unfinished", "before", "after", "closed_at", "outcome"])
    _drop(correction.files.filter(is_former=False))


def _drop(files: Iterable[CorrectionFile]) -> None:
    """Rows now, and files once that is certain."""
    for file in files:
        storage, name = file.file.storage, str(file.file.name)
        file.delete()
        transaction.on_commit(partial(storage.delete, name))


@transaction.atomic
def expire(pk: int) -> bool:
    """End an application whose deadline has passed uncorrected; False when it was corrected in this moment."""
    try:
        mending = _locked(pk)
        move(mending.application.pk, Action.EXPIRE)
    except (NotOpen, NotAllowed):
        return False
    _close(mending.correction, Outcome.OVER)
    return True


def former_answers(correction: Correction, application: Application) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after) in the clear. Raises VaultError."""
    sides = []
    for side in (correction.before, correction.after):
        shell = Application(public_id=application.public_id, answers=side)
        sides.append(opened(shell))
    return sides[0], sides[1]
