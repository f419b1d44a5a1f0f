"""A worker that is killed in the middle of a file: the next one makes it whole, and it is there once."""

import csv
import io
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from applications.models import ExportRecord, private_storage
from exports.jobs import run_due
from exports.models import ExportJob, JobState
from tests.exports.many import copy
from tests.exports.waiting import ask_for, received
from tests.support.cast import make_cast, submit
from tests.support.processes import end_with_parent
from tests.support.surroundings import ROOT

COPIES = 9_999


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["middle", "whole"])
def test_a_killed_worker_leaves_nothing_and_the_next_one_delivers_everything_once(client: Client, moment: str) -> None:
    """In the middle of the rows; and when the whole file lies there, before it is said to be done."""
    cast = make_cast()
    client.force_login(cast.officer)
    copy(submit(cast.form), COPIES)
    job = ask_for(client, "csv")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.exports.victim", moment, str(COPIES // 2)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent(),
    ) as victim:
        assert victim.stdout is not None and victim.stdout.readline() == b"now\n"
        submit(cast.form)  # nobody waits for the file, and it is not in it
        victim.kill()
        assert victim.wait() == -signal.SIGKILL
    job.refresh_from_db()
    assert (job.state, bool(job.file), ExportRecord.objects.count()) == (JobState.RUNNING, False, 0)
    assert files_of(job) == ([] if moment == "middle" else ["1"])
    assert run_due() == 0  # it holds its lease for a while
    ExportJob.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1
    job.refresh_from_db()
    rows = list(csv.reader(io.StringIO(received(client, job).decode("utf-8-sig"), newline="")))
    assert len(rows) == COPIES + 2 and len({row[0] for row in rows}) == len(rows)
    assert (job.state, job.attempts, ExportRecord.objects.count()) == (JobState.DONE, 2, 1)
    assert files_of(job) == ["2"] and len(mail.outbox) == 1
    assert run_due() == 0


def files_of(job: ExportJob) -> list[str]:
    """What lies in the private storage of it."""
    try:
        return sorted(private_storage().listdir(f"exports/{job.public_id}")[1])
    except FileNotFoundError:
        return []
