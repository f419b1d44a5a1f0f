"""Tells how far a file is, keeps the lease of its worker, and hears whether somebody wants it stopped."""

import threading
from datetime import timedelta
from types import TracebackType

from django.db import connection
from django.utils import timezone

from exports.models import ExportJob, JobState

LEASE = timedelta(minutes=2)
EVERY = 1.0  # seconds


class Stopped(Exception):
    """Somebody asked for it, or another worker has taken the job over."""


class Heart:
    """A thread with a connection of its own: the one of the work is busy with a snapshot, in which nothing is written.

    Inside a transaction (in tests) there is only the one connection, and each beat writes by itself.
    """

    def __init__(self, job: ExportJob) -> None:
        self.job, self.rows = job, 0
        self.stopped = False
        self._end = threading.Event()
        self._thread = None if connection.in_atomic_block else threading.Thread(target=self._run, daemon=True)

    def beat(self, rows: int) -> None:
        """So many more are done. Raises Stopped."""
        self.rows += rows
        if self._thread is None:
            self._write()
        if self.stopped:
            raise Stopped

    def __enter__(self) -> "Heart":
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._end.set()
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._end.wait(EVERY):
                self._write()
        finally:
            connection.close()

    def _write(self) -> None:
        mine = ExportJob.objects.filter(pk=self.job.pk, state=JobState.RUNNING, attempts=self.job.attempts)
        going_on = mine.filter(cancel_asked=False).update(done=self.rows, due_at=timezone.now() + LEASE)
        self.stopped = not going_on
