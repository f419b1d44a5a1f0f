"""The background worker: delivers the outbox, publishes what is scheduled, lets old drafts expire, and does what the
apps in WORKER_JOBS have to do; beside that, each of WORKER_LANES in a thread of its own."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from wagtail.models import DraftStateMixin, Page, Revision

from applications.expiry import expire_drafts
from applications.failures import where_it_failed
from applications.outbox import deliver_due

logger = logging.getLogger(__name__)

# Seconds that a lane has to come to an end by itself; what it leaves undone keeps its lease, and is begun anew
PATIENCE = 20.0
LANE_DIED = "A lane of the worker has died; the worker ends, so that it is started anew with all of them."


class Command(BaseCommand):
    help = "Runs the background worker until it is told to stop (SIGTERM or SIGINT)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between looks when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        # drafts expire last: an app above may have a reason to keep one
        own = [Job(0, deliver_due), Job(60, publish_scheduled), *jobs_of(settings.WORKER_JOBS), Job(600, expire_drafts)]
        lanes = [jobs_of(listed) for listed in settings.WORKER_LANES.values()]
        if options["once"]:
            while turn([*own, *chain(*lanes)], self.stderr.write):
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tell, pause = self.stderr.write, options["pause"]
        threads = [threading.Thread(target=go_on, args=(jobs, tell, stop, pause), daemon=True) for jobs in lanes]
        for thread in threads:
            thread.start()
        try:
            go_on(own, tell, stop, pause, threads)
        finally:
            stop.set()
            until = time.monotonic() + PATIENCE
            for thread in threads:
                thread.join(max(0.0, until - time.monotonic()))


def jobs_of(listed: Iterable[tuple[int, str]]) -> list["Job"]:
    return [Job(seconds, import_string(path)) for seconds, path in listed]


def turn(jobs: Sequence["Job"], tell: Callable[[str], object]) -> bool:
    """Each of them, whatever the others did; whether anything was done."""
    done = [job.run(tell) for job in jobs]
    return any(done)


def go_on(
    jobs: Sequence["Job"],
    tell: Callable[[str], object],
    stop: threading.Event,
    pause: float,
    others: Sequence[threading.Thread] = (),
) -> None:
    """One lane: its jobs one after the other, on a connection of its own, until it is told to stop.

    others: lanes that it watches. Raises CommandError when one of them has ended without being told.
    """
    try:
        while not stop.is_set():
            if not all(lane.is_alive() for lane in others) and not stop.is_set():
                raise CommandError(LANE_DIED)
            if not turn(jobs, tell):
                close_old_connections()
                stop.wait(pause)
    finally:
        connection.close()


class Job:
    """Something done every `seconds`, and again at once while there was something to do.

    An error is told, and tried again at the next turn.
    """

    def __init__(self, seconds: int, action: Callable[[], int]) -> None:
        self.seconds, self.action, self.due = seconds, action, 0.0

    def run(self, tell: Callable[[str], object]) -> int:
        """How much was done; 0 when it is not yet time."""
        if time.monotonic() < self.due:
            return 0
        self.due = time.monotonic() + self.seconds
        try:
            done = self.action()
        except Exception as problem:  # noqa: BLE001 - the worker outlives a database that is away for a moment
            with suppress(Exception):  # nobody may be left who reads it
                tell(f"{self.action.__name__}: {where_it_failed(problem)}")
            close_old_connections()
            return 0
        if done:
            self.due = 0.0
        return done


def publish_scheduled() -> int:
    """What Wagtail's command of the same name does, one page at a time: a broken form does not hold up the others."""
    now = timezone.now()
    kinds = [Page, *(kind for kind in apps.get_models() if issubclass(kind, DraftStateMixin) and kind is not Page)]
    for kind in kinds:
        if kind is Page or not issubclass(kind, Page):
            for thing in kind.objects.filter(live=True, expire_at__lt=now).order_by("expire_at"):
                _alone(thing, partial(thing.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled"))
    for revision in Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at"):
        _alone(revision.object_str, partial(revision.publish, log_action="wagtail.publish.scheduled"))
    return 0


def _alone(what: object, action: Callable[[], object]) -> None:
    """Done whole or not at all, and tried again at the next turn."""
    try:
        with transaction.atomic():
            action()
    except OperationalError:
        raise
    except Exception as problem:  # noqa: BLE001 - the pages after this one have their time, too
        logger.error("scheduled publishing of %s: %s: %s", what, type(problem).__name__, problem)  # noqa: TRY400 - it is told what is wrong with the page; where in the program says nothing more
