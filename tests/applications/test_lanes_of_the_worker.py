"""The worker's lanes: what takes long has a thread of its own, and the mails do not wait for it."""

import signal
import threading
from io import StringIO

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from applications.management.commands.work import Job, go_on, jobs_of


def test_a_job_that_takes_long_does_not_hold_up_another_lane() -> None:
    began, end, stop = threading.Event(), threading.Event(), threading.Event()
    quick: list[int] = []

    def takes_long() -> int:
        began.set()
        end.wait(10)
        stop.set()
        return 1

    def is_quick() -> int:
        if began.wait(5):
            quick.append(1)
        if len(quick) == 3:
            end.set()
            stop.wait(5)
        return 1

    said: list[object] = []
    lane = threading.Thread(target=go_on, args=([Job(0, takes_long)], said.append, stop, 0.01))
    lane.start()
    go_on([Job(0, is_quick)], said.append, stop, 0.01)
    lane.join(5)
    assert len(quick) == 3 and not lane.is_alive() and said == []


def test_a_lane_survives_an_error_and_ends_when_it_is_told() -> None:
    stop, tries, said = threading.Event(), [], list[object]()

    def fails() -> int:
        tries.append(1)
        if len(tries) == 2:
            stop.set()
        raise RuntimeError("an answer")

    go_on([Job(0, fails)], said.append, stop, 0.01)
    assert len(tries) == 2 and "RuntimeError" in str(said[0]) and "an answer" not in str(said)


def dies() -> int:
    """No Exception, which a lane outlives."""
    raise SystemExit


turns: list[int] = []


def goes_on() -> int:
    turns.append(1)
    if len(turns) > 100:
        pytest.fail("The worker goes on without its lane.")
    return 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_has_lost_a_lane_ends_and_says_so(settings: Settings) -> None:
    here = dies.__module__
    settings.WORKER_JOBS, settings.WORKER_LANES = [(0, f"{here}.goes_on")], {"files": [(0, f"{here}.dies")]}
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(CommandError):
            call_command("work", pause=0.01, stderr=StringIO())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_lane_survives_that_nobody_hears_of_its_error() -> None:
    def fails() -> int:
        raise RuntimeError

    def closed(_: str) -> None:
        raise BrokenPipeError

    assert Job(0, fails).run(closed) == 0


def test_exports_and_webhooks_are_not_in_the_lane_of_the_mails() -> None:
    own = {path for _, path in configured.WORKER_JOBS}
    others = {path for lane in configured.WORKER_LANES.values() for _, path in lane}
    assert {"exports.jobs.run_due", "exports.webhooks.sending.send_due"} <= others - own
    assert all(jobs_of(lane) for lane in configured.WORKER_LANES.values())
