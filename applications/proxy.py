"""代行入力: staff fill in the form for a resident, at the counter, on the phone or from a letter.

The same version, the same items and rules; only that all steps stand on one page. What is typed is kept in a draft
like a resident's, whatever is wrong with it, and declared like a resident's, with the name of who declared it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from applications.answers import opened
from applications.channels import waived_by
from applications.gates import Gate, Moment, gates
from applications.journey import Journey
from applications.lifecycle import declare, lock, record
from applications.models import Application, Channel, new_public_id
from applications.services import NotEditable, detach, keep_answers, start_draft
from applications.status import EDITABLE, Status
from applications.uploads import receive_files
from formbuilder.buttons import pressed
from formbuilder.engine import Engine
from formbuilder.models import FormVersion
from formbuilder.runtime import RuntimeField
from formbuilder.steps import StepForm
from staff.models import User

ENTERED = "entered"
SALT = "applications.proxy"


def new_ticket(version: FormVersion, actor: User) -> str:
    """Names the application that a page will become, before there is one: sent twice, the page is one application."""
    return signing.dumps(new_public_id(), salt=_salt(version, actor))


def ticket_of(application: Application, actor: User) -> str:
    """A ticket for a draft that came without one, so that the page knows it when it comes again."""
    return signing.dumps(application.public_id, salt=_salt(application.version, actor))


def _named(ticket: str, version: FormVersion, actor: User) -> str:
    """The public id that a ticket stands for; "" when it is not one that this person was given for this form."""
    try:
        public_id: str = signing.loads(ticket, salt=_salt(version, actor))
    except signing.BadSignature:
        return ""
    return public_id


def _salt(version: FormVersion, actor: User) -> str:
    """A ticket is good for who was given it, and for this form."""
    return f"{SALT}.{actor.pk}.{version.form_id}"


@dataclass(frozen=True)
class Entry:
    """What a page brought, kept and judged. forms: one for each step, in the order of the form."""

    application: Application
    forms: tuple[StepForm, ...]
    files_refused: Mapping[str, list[str]]

    @property
    def journey(self) -> Journey:
        engine = self.application.version.engine
        return Journey(
            engine,
            opened(self.application),
            timezone.localdate(),
            frozenset(self.application.unfinished),
            waived_by(engine, self.application.channel),
        )

    @property
    def is_complete(self) -> bool:
        return not self.files_refused and not any(form.errors for form in self.forms) and self.journey.is_complete

    @property
    def stop(self) -> RuntimeField | None:
        """The answers show that the person is not eligible (対象外)."""
        return self.journey.stopped


def receive(request: HttpRequest, *, version: FormVersion, channel: Channel, ticket: str, actor: User) -> Entry:
    """Keep everything that the page brought in the draft of its ticket. Raises NotEditable when it is declared."""
    application = _draft(version, channel, ticket, actor)
    if removed := request.POST.get("remove", ""):
        detach(application.pk, public_id=removed)
    files_refused: dict[str, list[str]] = {}
    for blank in judged(version.engine, opened(application), timezone.localdate()):
        files_refused |= receive_files(request, blank, application)
    application.refresh_from_db()
    before, today = opened(application), timezone.localdate()
    data, _ = pressed(version.engine, request.POST)
    waived = waived_by(version.engine, channel)
    forms = judged(version.engine, before, today, data=data, waived=waived)
    taken: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for form in forms:
        files = {key for key in form.state.visible & form.inputs.keys() if form.inputs[key].type.takes_files}
        taken |= {key: answer for key, answer in form.taken.items() if key not in files}
        left |= {key: boxes for key, boxes in form.refused.items() if key not in files}
    kept = keep_answers(application.pk, taken=taken, unfinished=left, read_by=version.engine)
    return Entry(kept, forms, files_refused)


def judged(
    engine: Engine,
    answers: Mapping[str, Any],
    today: date,
    *,
    data: Any = None,
    waived: frozenset[str] = frozenset(),
) -> tuple[StepForm, ...]:
    """Every step, each read with what those before it hold: nothing in a form looks at a later one. data: what was
    posted, None for an empty page.
    """
    known = dict(answers)
    forms = tuple(_read(engine.form(step)(data, answers=known, today=today), known) for step in engine.definition.steps)
    for form in forms:
        for key in waived & form.errors.keys() - form.refused.keys():
            if form.taken.get(key) is None:
                del form.errors[key]
    return forms


def _read(form: StepForm, known: dict[str, Any]) -> StepForm:
    """Judge the form, and let what it holds be known to the next."""
    if form.is_bound:
        form.is_valid()
        for key in form.refused.keys() | form.taken.keys():
            known.pop(key, None)
        known.update((key, answer) for key, answer in form.taken.items() if answer is not None)
    return form


def _draft(version: FormVersion, channel: Channel, ticket: str, actor: User) -> Application:
    """The draft of the ticket, begun when it comes for the first time; a ticket that is none begins a new one."""
    public_id = _named(ticket, version, actor) or new_public_id()
    try:
        with transaction.atomic():
            return start_draft(version=version, channel=channel, public_id=public_id).application
    except IntegrityError:
        return _again(Application.objects.get(public_id=public_id).pk, channel)


@transaction.atomic
def _again(pk: int, channel: Channel) -> Application:
    """The page comes once more: mended, or the second tap of a double tap."""
    application = lock(pk)
    if application.status not in EDITABLE:
        raise NotEditable
    if application.channel != channel:
        application.channel = channel
        application.save(update_fields=["channel", "updated_at"])
    return application


def declared(ticket: str, version: FormVersion, actor: User) -> Application | None:
    """What the ticket's page has become, if it was declared already."""
    named = _named(ticket, version, actor)
    return Application.objects.filter(public_id=named).exclude(status=Status.DRAFT).first() if named else None


def in_the_way(application: Application, *, but: str = "") -> Gate | None:
    """The first gate that has to be open before an application can be declared, and is not. but: its name, one that
    the caller opens.
    """
    before = (gate for gate in gates() if gate.moment in (Moment.START, Moment.CHECK) and gate.name != but)
    return next((gate for gate in before if gate.applies(application) and not gate.is_open(application)), None)


@transaction.atomic
def submit(application: Application, *, actor: User) -> Application:
    """Declare for the resident what the entry holds; the history says who did, and how it reached us.

    Raises NotReady, AnswersChanged, NotAllowed. Submitting twice is submitting once.
    """
    standing = lock(application.pk)
    if standing.status == Status.DRAFT:
        channel = Channel(standing.channel)
        data = {"channel": channel.value, "sentence": f"{channel.label}での申請を代わって入力しました"}
        record(standing, ENTERED, actor=actor, data=data)
    return declare(application.pk, revision=application.revision, actor=actor)
