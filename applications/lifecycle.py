"""The only writer of an application's status: lock the row, ask the table, write status, event and outbox together."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from applications.answers import opened, resealed
from applications.attachments import remove_files
from applications.facts import facts_of
from applications.gates import Moment, first_closed, guards
from applications.journey import Journey
from applications.models import Application, Delivery, Event
from applications.references import new_reference
from applications.status import TRANSITIONS, Action, Status
from applications.subscribers import wanting
from formbuilder.engine import Engine
from staff.models import User


class NotAllowed(Exception):
    """The table has no such step from where the application stands."""


class NotReady(Exception):
    """The resident cannot declare yet; `step` is the slug of the first step to mend, "" when a gate is closed."""

    def __init__(self, step: str) -> None:
        super().__init__(f"step {step}")
        self.step = step


class AnswersChanged(Exception):
    """The answers are no longer those that the resident saw on the check page."""


def lock(pk: int) -> Application:
    """The row, held until the transaction ends. The form's version comes along."""
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("version")
        .defer("version__document")
        .get(pk=pk)
    )


@transaction.atomic
def declare(pk: int, *, revision: int) -> Application:
    """The resident declares what the check page showed, and nothing else. Declaring twice is declaring once.

    revision: of the answers that were shown. Raises NotReady, AnswersChanged, NotAllowed.
    """
    application = lock(pk)
    if application.status in (Status.WITHDRAWN, Status.EXPIRED):
        raise NotAllowed(application.status)
    if application.status != Status.DRAFT:
        return application  # the second tap of a double tap
    if application.revision != revision:
        raise AnswersChanged
    engine, answers = application.version.engine, opened(application)
    application.declared_on = timezone.localdate()
    journey = Journey(engine, answers, application.declared_on, frozenset(application.unfinished))
    if journey.current is not None:
        raise NotReady(journey.current.slug)
    if first_closed(application, Moment.START, Moment.CHECK):
        raise NotReady("")
    _settle(application, engine, journey.state.answers)
    return _advance(application)


SETTLED = ("applicant", "email", "search_text", "answers", "unfinished", "declared_on")


def _settle(application: Application, engine: Engine, counted: Mapping[str, Any]) -> None:
    """What counts becomes what was declared; answers to items that were not shown in the end go, with their files."""
    facts = facts_of(engine, counted)
    application.applicant, application.email = facts.applicant, facts.email
    application.search_text = facts.search_text
    application.answers, application.unfinished = resealed(engine, application, counted), {}
    if any(field.type.takes_files for field in engine.fields.values()):
        shown = [key for key in counted if engine.fields[key].type.takes_files]
        remove_files(application.attachments.exclude(field_key__in=shown))
    _write(application, Action.DECLARE, fields=[*SETTLED])


@transaction.atomic
def advance(pk: int) -> Application:
    """Go on as far as the gates allow. Safe to call at any time, from anywhere, as often as one likes."""
    return _advance(lock(pk))


def _advance(application: Application) -> Application:
    if application.status == Status.PENDING and first_closed(application, Moment.ARRIVAL) is None:
        _arrive(application)
    elif (
        application.status == Status.APPROVED
        and guards(application, Moment.COMPLETION)
        and first_closed(application, Moment.COMPLETION) is None
    ):
        _write(application, Action.COMPLETE)
    return application


def _arrive(application: Application) -> None:
    """Received: the number and the legal moment of arrival, both given once and in this transaction."""
    for attempt in range(5):
        try:
            with transaction.atomic():
                Application.objects.filter(pk=application.pk).update(reference=new_reference(), received_at=Now())
            break
        except IntegrityError:  # the number is taken; at 10 million applications once in 8,000
            if attempt == 4:
                raise
    application.refresh_from_db(fields=["reference", "received_at"])
    _write(application, Action.ARRIVE)


@transaction.atomic
def move(pk: int, action: Action, *, actor: User | None = None, data: Mapping[str, Any] | None = None) -> Application:
    """One step of the table. actor: the member of staff, None for the resident or the program. Raises NotAllowed."""
    if action in (Action.DECLARE, Action.ARRIVE):
        raise NotAllowed(f"{action} has a function of its own")
    application = lock(pk)
    if action == Action.COMPLETE and (gate := first_closed(application, Moment.COMPLETION)):
        raise NotAllowed(f"the gate {gate.name} is closed")
    _write(application, action, actor=actor, data=data)
    return application


def _write(
    application: Application,
    action: Action,
    *,
    actor: User | None = None,
    data: Mapping[str, Any] | None = None,
    fields: list[str] | None = None,
) -> None:
    before = Status(application.status)
    after = TRANSITIONS.get((before, action))
    if after is None:
        raise NotAllowed(f"{action} is not possible from {before}")
    application.status = after
    application.save(update_fields=["status", "updated_at", *(fields or [])])
    record(application, action, before=before, after=after, actor=actor, data=data)


def record(
    application: Application,
    kind: str,
    *,
    before: str = "",
    after: str = "",
    actor: User | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write an event and its deliveries; call it inside the transaction that it tells of."""
    now = timezone.now()
    event = Event.objects.create(
        application=application, kind=kind, before=before, after=after, actor=actor, data=dict(data or {}), at=now
    )
    Delivery.objects.bulk_create(Delivery(event=event, subscriber=name, due_at=now) for name in wanting(kind))
    return event
