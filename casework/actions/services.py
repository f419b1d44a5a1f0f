"""Every change that staff make of a case, one function each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from applications.gates import Moment, first_closed
from applications.lifecycle import AnswersChanged, NotAllowed, lock, move, record
from applications.models import Application
from applications.status import Action, Status
from casework.access import MAY_BE_ASSIGNED
from casework.models import Assignment, Note
from cms.access import has_role
from dialogue.corrections import return_for_correction
from dialogue.documents import Gone, issue_document, take_back
from dialogue.models import Correction, IssuedDocument
from formbuilder.uploads.inspect import CheckedFile
from staff.models import User

ASSIGNED = "assigned"


class Overtaken(Exception):
    """The case is no longer as the page showed it: somebody else was first, or the answers have changed."""


class Waiting(Exception):
    """Something of the resident's is still open, such as a fee; it must be done before the case is completed."""


class NotOfHere(Exception):
    """Who is to be assigned has no part in the department's cases."""


def start_review(pk: int, *, actor: User, revision: int, by: str = "") -> Application:
    """Raises Overtaken, as every step below: revision is that of the answers which the page showed.

    by: on which way, for the history, where it was not by the button of the case.
    """
    return _step(pk, Action.REVIEW, actor, revision, by=by)


@transaction.atomic
def approve(
    pk: int,
    *,
    actor: User,
    revision: int,
    message: str = "",
    document: CheckedFile | None = None,
    title: str = "",
    by: str = "",
) -> Application:
    """message: for the resident, may be empty; document: issued with the decision, under this title."""
    case = _step(pk, Action.APPROVE, actor, revision, {"message": message} if message else {}, by=by)
    _with(case, actor, document, title)
    return case


@transaction.atomic
def reject(
    pk: int,
    *,
    actor: User,
    revision: int,
    reason: str,
    instruction: str = "",
    document: CheckedFile | None = None,
    title: str = "",
    by: str = "",
) -> Application:
    """reason: for the resident; instruction: 教示, how the decision can be contested; the document as in `approve`."""
    case = _step(pk, Action.REJECT, actor, revision, {"reason": reason, "instruction": instruction}, by=by)
    _with(case, actor, document, title)
    return case


def _with(case: Application, actor: User, document: CheckedFile | None, title: str) -> None:
    """The mail of the decision leads to the document."""
    if document is not None:
        issue_document(case, actor, title, document.content, name=document.name, tells=False)


def hand_out(case: Application, *, actor: User, title: str, document: CheckedFile) -> IssuedDocument:
    return issue_document(case, actor, title, document.content, name=document.name)


def take_back_document(case: Application, *, actor: User, document: str, reason: str) -> IssuedDocument:
    """document: its public id. Raises Overtaken when somebody else took it back."""
    try:
        return take_back(case, document, actor=actor, reason=reason)
    except Gone as gone:
        raise Overtaken from gone


def reopen(pk: int, *, actor: User, revision: int, reason: str) -> Application:
    """Undo the decision. reason: for the record."""
    return _step(pk, Action.REOPEN, actor, revision, {"reason": reason})


def send_back(
    pk: int,
    *,
    actor: User,
    revision: int,
    reason: str,
    keys: Sequence[str],
    due_on: date | None,
    expires: bool,
    beyond_signature: bool = False,
) -> Correction:
    """To be corrected (dialogue/corrections.py). Raises Nothing and Bound as well."""
    try:
        return return_for_correction(
            pk,
            actor=actor,
            revision=revision,
            reason=reason,
            keys=keys,
            due_on=due_on,
            expires=expires,
            beyond_signature=beyond_signature,
        )
    except (AnswersChanged, NotAllowed) as refused:
        raise Overtaken from refused


@transaction.atomic
def complete(pk: int, *, actor: User, revision: int, by: str = "") -> Application:
    """Raises Waiting as well."""
    application = lock(pk)
    if application.status == Status.APPROVED and first_closed(application, Moment.COMPLETION):
        raise Waiting
    return _step(pk, Action.COMPLETE, actor, revision, by=by)


@transaction.atomic
def assign(pk: int, *, actor: User, officer: User | None) -> None:
    """Give the case to an officer, None: to nobody. Raises NotOfHere."""
    application = lock(pk)
    before = Assignment.objects.filter(application=application).first()
    if (before.officer_id if before else None) == (officer.pk if officer else None):
        return
    if officer is None:
        Assignment.objects.filter(application=application).delete()
        sentence = "担当者をなしにしました"
    else:
        if not officer.is_active or not has_role(officer, MAY_BE_ASSIGNED, application.department):
            raise NotOfHere
        Assignment.objects.update_or_create(application=application, defaults={"officer": officer})
        sentence = f"担当者を{officer.get_full_name() or officer.get_username()}にしました"
    record(application, ASSIGNED, actor=actor, data={"sentence": sentence})


def add_note(pk: int, *, actor: User, text: str) -> Note:
    return Note.objects.create(application_id=pk, author=actor, text=text)


@transaction.atomic
def _step(
    pk: int, action: Action, actor: User, revision: int, data: Mapping[str, Any] | None = None, *, by: str = ""
) -> Application:
    if lock(pk).revision != revision:
        raise Overtaken
    try:
        return move(pk, action, actor=actor, data={**(data or {}), **({"by": by} if by else {})})
    except NotAllowed as refused:
        raise Overtaken from refused
