"""Declaring once: however often, from however many windows, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models.functions import Now
from django.utils import timezone

from applications import lifecycle
from applications.lifecycle import AnswersChanged, NotAllowed, NotReady, advance, declare, move
from applications.models import Application, Delivery, Event
from applications.references import is_reference, new_reference
from applications.services import NotEditable, keep_answers
from applications.status import ON_DESK, TRANSITIONS, Action, Status
from tests.support.cast import Cast, draft, make_cast, submit

CLIENTS = 20


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What `count` threads got, or the exception each met; every thread with a connection of its own."""

    def one(number: int) -> Any:
        try:
            return act(number)
        except Exception as problem:  # noqa: BLE001 - what a thread met is what the test looks at
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_declared_application_has_a_reference_and_its_moment_of_arrival(cast: Cast) -> None:
    before = timezone.now()
    application = submit(cast.form)
    assert application.status == Status.SUBMITTED
    assert is_reference(application.reference or "")
    assert application.received_at is not None
    assert abs((application.received_at - before).total_seconds()) < 60
    assert application.applicant == "見本 花子"


def test_declaring_again_changes_nothing(cast: Cast) -> None:
    first = submit(cast.form)
    again = declare(first.pk, revision=first.revision)
    assert (again.reference, again.received_at) == (first.reference, first.received_at)
    assert list(Event.objects.values_list("kind", flat=True)) == ["declared", "arrived"]


@pytest.mark.django_db(transaction=True)
def test_many_taps_at_once_make_one_application() -> None:
    application = draft(make_cast().form)
    results = at_once(CLIENTS, lambda _: declare(application.pk, revision=application.revision).reference)
    assert len(set(results)) == 1, results
    assert is_reference(results[0])
    assert Event.objects.filter(application=application, kind=Action.ARRIVE).count() == 1
    told = Delivery.objects.filter(event__application=application).values_list("subscriber", flat=True)
    assert sorted(told) == ["resident_mail", "webhooks"]  # it asks for no place and no money


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_taps_arrive_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: were the row not locked, the test above would notice."""
    application = draft(make_cast().form)

    def unlocked(pk: int) -> Application:
        return Application.objects.select_related("version").get(pk=pk)

    def careless(_: int) -> None:
        """`declare` without its transaction: what each tap reads, others may have changed."""
        row = unlocked(application.pk)
        if row.status == Status.DRAFT:
            barrier.wait(timeout=20)
            Application.objects.filter(pk=row.pk).update(reference=new_reference(), received_at=Now())
            lifecycle.record(row, Action.ARRIVE)

    import threading

    barrier = threading.Barrier(2)
    at_once(2, careless)
    assert Event.objects.filter(application=application, kind=Action.ARRIVE).count() > 1


@pytest.mark.django_db(transaction=True)
def test_answers_cannot_change_once_declared_even_in_a_race() -> None:
    cast = make_cast()
    application = draft(cast.form)
    key = next(iter(application.version.engine.fields))

    def act(number: int) -> Any:
        if number % 2:
            return declare(application.pk, revision=application.revision).status
        return keep_answers(
            application.pk, taken={key: {"family": f"別{number}", "given": "人"}}, unfinished={}
        ).revision

    results = at_once(CLIENTS, act)
    application.refresh_from_db()
    unexpected = [r for r in results if isinstance(r, Exception) and not isinstance(r, NotEditable | AnswersChanged)]
    assert unexpected == []
    if application.status == Status.SUBMITTED:
        # what was declared is what was shown: the revision on the check page
        assert application.revision == 0
        assert application.applicant == "見本 花子"


def test_what_was_not_shown_is_not_declared(cast: Cast) -> None:
    application = draft(cast.form)
    key = next(iter(application.version.engine.fields))
    keep_answers(application.pk, taken={key: {"family": "別", "given": "人"}}, unfinished={})
    with pytest.raises(AnswersChanged):
        declare(application.pk, revision=application.revision)
    application.refresh_from_db()
    assert application.status == Status.DRAFT


def test_a_draft_with_a_required_answer_missing_is_not_declared(cast: Cast) -> None:
    application = draft(cast.form, {"氏名": {"family": "見本", "given": "花子"}})
    with pytest.raises(NotReady) as refused:
        declare(application.pk, revision=application.revision)
    assert refused.value.step == "1"


def test_a_draft_with_something_that_could_not_be_taken_is_not_declared(cast: Cast) -> None:
    application = draft(cast.form)
    key = next(key for key, field in application.version.engine.fields.items() if field.definition.type == "phone")
    application = keep_answers(application.pk, taken={}, unfinished={key: "でんわ"})
    with pytest.raises(NotReady):
        declare(application.pk, revision=application.revision)


def test_a_taken_number_is_drawn_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = submit(cast.form)
    numbers = iter([first.reference, first.reference, "3333-3333-T"])
    monkeypatch.setattr(lifecycle, "new_reference", lambda: next(numbers))
    assert submit(cast.form).reference == "3333-3333-T"


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", [a for a in Action if a not in (Action.DECLARE, Action.ARRIVE)])
def test_every_step_is_as_the_table_says(cast: Cast, status: Status, action: Action) -> None:
    application = submit(cast.form)
    Application.objects.filter(pk=application.pk).update(status=status)
    events = Event.objects.count()
    after = TRANSITIONS.get((status, action))
    if after is None:
        with pytest.raises(NotAllowed):
            move(application.pk, action)
        application.refresh_from_db()
        assert application.status == status
        assert Event.objects.count() == events
    else:
        assert move(application.pk, action).status == after
        event = Event.objects.latest("pk")
        assert (event.kind, event.before, event.after) == (action, status, after)


@pytest.mark.parametrize("action", [Action.DECLARE, Action.ARRIVE])
def test_arrival_cannot_be_written_by_hand(cast: Cast, action: Action) -> None:
    with pytest.raises(NotAllowed):
        move(draft(cast.form).pk, action)


def test_advance_does_nothing_where_nothing_waits(cast: Cast) -> None:
    application = submit(cast.form)
    for status in Status:
        Application.objects.filter(pk=application.pk).update(status=status)
        if status != Status.PENDING:
            assert advance(application.pk).status == status


def test_the_database_refuses_an_arrival_without_its_moment(cast: Cast) -> None:
    application = draft(cast.form)
    for wrong in ({"status": Status.SUBMITTED}, {"reference": "3333-3333-T"}):
        with pytest.raises(Exception, match=r"(?i)check|constraint"), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(**wrong)


def test_history_is_written_once(cast: Cast) -> None:
    submit(cast.form)
    event = Event.objects.earliest("pk")
    with pytest.raises(ValueError, match="never changed"):
        event.save()


def test_a_desk_sees_every_status_that_follows_arrival() -> None:
    reached, waiting = set(), [Status.SUBMITTED]
    while waiting:
        status = waiting.pop()
        reached.add(status)
        waiting += [after for (before, _), after in TRANSITIONS.items() if before == status and after not in reached]
    assert reached == set(ON_DESK)
