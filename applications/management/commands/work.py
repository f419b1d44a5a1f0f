"""The background worker: delivers the outbox, publishes what is scheduled, lets old drafts expire."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from applications.expiry import expire_drafts
from applications.outbox import deliver_due


class Command(BaseCommand):
    help = "Runs the background worker until it is told to stop (SIGTERM or SIGINT)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between looks when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        jobs = [Job(0, deliver_due), Job(60, publish_scheduled), Job(600, expire_drafts)]
        while True:
            done = [job.run(self.stderr.write) for job in jobs]  # each of them, whatever the others did
            busy = any(done)
            if stop.is_set() or (options["once"] and not busy):
                return
            if not busy:
                close_old_connections()
                stop.wait(options["pause"])


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
            tell(f"{self.action.__name__}: {problem!r}")
            close_old_connections()
            return 0
        if done:
            self.due = 0.0
        return done


def publish_scheduled() -> int:
    """Wagtail's own scheduled publishing."""
    call_command("publish_scheduled", verbosity=0)
    return 0
