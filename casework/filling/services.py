"""Takes a filled-in table over, whole or not at all, by the same functions as the buttons of a case."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from applications.failures import where_it_failed
from applications.lifecycle import lock
from applications.sheets.reading import Line
from applications.status import Action
from casework.actions import services
from casework.filling.looking import Change, Look, look
from casework.filling.sheet import mark_of
from casework.models import FilledTable, TableState
from staff.models import User

log = logging.getLogger(__name__)

BY = "ファイルから"
AT_ONCE = 100  # changes; more are made in the background
KEPT = timedelta(days=1)  # a table that nobody confirmed


class NotWhole(Exception):
    """Something in the table cannot be done, so nothing was."""


def keep(user: User, name: str, lines: Sequence[Line]) -> FilledTable:
    """A table that was read, to be looked at."""
    kept = [asdict(line) | {"formulas": sorted(line.formulas)} for line in lines]
    return FilledTable.objects.create(user=user, name=name[:100], lines=kept)


def lines_of(table: FilledTable) -> list[Line]:
    return [Line(each["number"], each["cells"], frozenset(each["formulas"])) for each in table.lines]


def looked_at(table: FilledTable) -> Look:
    """As things are now."""
    return look(table.user, lines_of(table))


def confirm(table: FilledTable, *, instruction: str) -> None:
    """Do what was looked at; many changes are left to the worker. instruction: 教示 of those that are rejected.

    Raises NotWhole.
    """
    found = looked_at(table)
    if found.problems:
        raise NotWhole
    open_ = FilledTable.objects.filter(pk=table.pk, state=TableState.LOOKED_AT)
    if not open_.update(state=TableState.WAITING, instruction=instruction, done=0):
        return  # the second of two clicks
    if len(found.changes) <= AT_ONCE:
        _carry_out(table.pk)


def carry_out_due() -> int:
    """For the worker: one table that waits; 1 if there was one."""
    table = FilledTable.objects.filter(state=TableState.WAITING).order_by("pk").first()
    if table is None:
        return 0
    _carry_out(table.pk)
    return 1


def _carry_out(pk: int) -> None:
    try:
        _do(pk)
    except NotWhole:
        # It is open again, and shows what has changed in the meantime
        FilledTable.objects.filter(pk=pk, state=TableState.WAITING).update(state=TableState.LOOKED_AT)
    except Exception as problem:  # noqa: BLE001 - one table must not stop the others; nothing of it was written
        log.error("table %s failed: %s", pk, where_it_failed(problem))  # noqa: TRY400 - a traceback may hold answers
        FilledTable.objects.filter(pk=pk, state=TableState.WAITING).update(state=TableState.FAILED, lines=[])


@transaction.atomic
def _do(pk: int) -> None:
    """In one transaction with the table's own state: a worker that dies has done nothing, and nobody does it twice."""
    skip = connection.features.has_select_for_update_skip_locked
    table = (
        FilledTable.objects.select_for_update(of=("self",) if skip else (), skip_locked=skip)
        .select_related("user")
        .filter(pk=pk, state=TableState.WAITING)
        .first()
    )
    if table is None:
        return
    found = looked_at(table)
    if found.problems:
        raise NotWhole
    for change in sorted(found.changes, key=lambda change: change.case.pk):  # everybody locks in this order
        try:
            _change(change, table.user, table.instruction)
        except (services.Overtaken, services.Waiting) as overtaken:
            raise NotWhole from overtaken
    table.state, table.done, table.lines, table.finished_at = TableState.DONE, len(found.changes), [], timezone.now()
    table.save(update_fields=["state", "done", "lines", "finished_at"])


def _change(change: Change, actor: User, instruction: str) -> None:
    pk, revision, reason = change.case.pk, change.case.revision, change.reason
    if mark_of(lock(pk)) != mark_of(change.case):
        raise services.Overtaken
    for action in change.steps:
        if action == Action.REVIEW:
            services.start_review(pk, actor=actor, revision=revision, by=BY)
        elif action == Action.APPROVE:
            services.approve(pk, actor=actor, revision=revision, message=reason, by=BY)
        elif action == Action.REJECT:
            services.reject(pk, actor=actor, revision=revision, reason=reason, instruction=instruction, by=BY)
        else:
            services.complete(pk, actor=actor, revision=revision, by=BY)


def forget_old() -> int:
    """Tables that nobody confirmed; how many."""
    old = FilledTable.objects.filter(state=TableState.LOOKED_AT, created_at__lt=timezone.now() - KEPT)
    return old.delete()[0]
