"""The only writer of an application's status: lock the row, ask the table, write status, event and outbox together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.db.models.functions import Now
from django.utils import timezone

from applications.answers import opened, resealed
from applications.attachments import remove_files
from applications.channels import waived_by
from applications.facts import facts_of
from applications.gates import Moment, first_closed, guards
from applications.journey import Journey
from applications.models import Application, Delivery, Event
from applications.references import new_reference
from applications.status import TRANSITIONS, Action, Status
from applications.subscribers import wanting
from formbuilder.engine import Engine
from formbuilder.models import FormPage
from staff.models import User

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5


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


class Move(NamedTuple):
    """A step of the table that has been taken and is still to be written."""

    action: Action
    before: Status
    after: Status


def numbered(function: Callable[P, R]) -> Callable[P, R]:
    """In one transaction, all of it again when the number is taken: at 10 million applications once in 8,000."""

    @wraps(function)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES - 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except IntegrityError:
                continue
        with transaction.atomic():
            return function(*args, **kwargs)

    return attempt


@numbered
def declare(pk: int, *, revision: int, actor: User | None = None) -> Application:
    """The resident declares what the check page showed, and nothing else. Declaring twice is declaring once.

    revision: of the answers that were shown; actor: who declares for the resident (proxy.py). Raises NotReady,
    AnswersChanged, NotAllowed.
    """
    return declare_locked(lock(pk), revision=revision, actor=actor)


def declare_locked(application: Application, *, revision: int, actor: User | None = None) -> Application:
    """`declare` for who has read the row under its lock, in the transaction that `numbered` makes."""
    if application.status in (Status.WITHDRAWN, Status.EXPIRED):
        raise NotAllowed(application.status)
    if application.status != Status.DRAFT:
        return application  # the second tap of a double tap
    if application.revision != revision:
        raise AnswersChanged
    engine, answers = application.version.engine, opened(application)
    application.declared_on = timezone.localdate()
    unfinished, waived = frozenset(application.unfinished), waived_by(engine, application.channel)
    journey = Journey(engine, answers, application.declared_on, unfinished, waived)
    if journey.current is not None:
        raise NotReady(journey.current.slug)
    if first_closed(application, Moment.START, Moment.CHECK):
        raise NotReady("")
    _settle(application, engine, journey.state.answers)
    moves = [_step(application, Action.DECLARE)]
    moves += _go_on(application)
    _write(application, moves, [*SETTLED, *ARRIVED], actor=actor)
    return application


SETTLED = ("applicant", "email", "search_text", "answers", "unfinished", "declared_on")
ARRIVED = ("reference", "received_at", "standard_days")


def _settle(application: Application, engine: Engine, counted: Mapping[str, Any]) -> None:
    """What counts becomes what was declared; answers to items that were not shown in the end go, with their files."""
    facts = facts_of(engine, counted)
    application.applicant, application.email = facts.applicant, facts.email
    application.search_text = facts.search_text
    application.answers, application.unfinished = resealed(engine, application, counted), {}
    if any(field.type.takes_files for field in engine.fields.values()):
        shown = [key for key in counted if engine.fields[key].type.takes_files]
        remove_files(application.attachments.exclude(field_key__in=shown))


@numbered
def advance(pk: int) -> Application:
    """Go on as far as the gates allow. Safe to call at any time, from anywhere, as often as one likes."""
    application = lock(pk)
    if moves := _go_on(application):
        _write(application, moves, ARRIVED)
    return application


def _go_on(application: Application) -> list[Move]:
    """The steps for which nobody is waited for any more."""
    if application.status == Status.PENDING and first_closed(application, Moment.ARRIVAL) is None:
        # Received: the number and the legal moment of arrival, both given once and in this transaction
        application.reference, application.received_at = new_reference(), Now()
        promised = FormPage.objects.filter(pk=application.form_id).values("standard_days")
        application.standard_days = Subquery(promised)  # in the same statement
        return [_step(application, Action.ARRIVE)]
    if (
        application.status == Status.APPROVED
        and guards(application, Moment.COMPLETION)
        and first_closed(application, Moment.COMPLETION) is None
    ):
        return [_step(application, Action.COMPLETE)]
    return []


@transaction.atomic
def move(pk: int, action: Action, *, actor: User | None = None, data: Mapping[str, Any] | None = None) -> Application:
    """One step of the table. actor: the member of staff, None for the resident or the program. Raises NotAllowed."""
    if action in (Action.DECLARE, Action.ARRIVE):
        raise NotAllowed(f"{action} has a function of its own")
    application = lock(pk)
    if action == Action.COMPLETE and (gate := first_closed(application, Moment.COMPLETION)):
        raise NotAllowed(f"the gate {gate.name} is closed")
    _write(application, [_step(application, action)], actor=actor, data=data)
    return application


def _step(application: Application, action: Action) -> Move:
    before = Status(application.status)
    after = TRANSITIONS.get((before, action))
    if after is None:
        raise NotAllowed(f"{action} is not possible from {before}")
    application.status = after
    return Move(action, before, after)


def _write(
    application: Application,
    moves: Sequence[Move],
    fields: Iterable[str] = (),
    *,
    actor: User | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Status, other fields of the row, events and their deliveries: a statement each, however many steps it was."""
    application.save(update_fields=["status", "updated_at", *fields])
    if any(move.action == Action.ARRIVE for move in moves):
        del application.received_at, application.standard_days  # the database's; read when somebody asks
    now = timezone.now()
    _record(
        Event(
            application=application, kind=kind, before=before, after=after, actor=actor, data=dict(data or {}), at=now
        )
        for kind, before, after in moves
    )


def record(
    application: Application, kind: str, *, actor: User | None = None, data: Mapping[str, Any] | None = None
) -> Event:
    """Write an event that leaves the status alone, and its deliveries; call it inside the transaction it tells of."""
    event = Event(application=application, kind=kind, actor=actor, data=dict(data or {}), at=timezone.now())
    _record([event])
    return event


def _record(events: Iterable[Event]) -> None:
    made = Event.objects.bulk_create(events)
    Delivery.objects.bulk_create(
        Delivery(event=event, subscriber=name, due_at=event.at) for event in made for name in wanting(event)
    )
