"""A worker that is killed in the middle of a file: the next one makes it whole, and it is there once."""

import csv
import io
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from applications.models import Application, ExportRecord
from applications.references import new_reference
from exports.jobs import run_due
from exports.models import ExportJob, JobState
from tests.exports.waiting import ask_for, received
from tests.support.cast import make_cast, submit
from tests.support.processes import end_with_parent
from tests.support.surroundings import ROOT

COPIES = 1_999


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_and_the_next_one_delivers_everything_once(client: Client) -> None:
    cast = make_cast()
    client.force_login(cast.officer)
    application = submit(cast.form)
    copies, values = [], vars_of(application)
    for number in range(COPIES):
        copy = Application(**values)
        copy.pk, copy.public_id, copy.reference = None, f"copy-{number}", new_reference()
        copies.append(copy)
    Application.objects.bulk_create(copies)
    job = ask_for(client, "csv")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.exports.victim"],
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
    assert (job.state, bool(job.file)) == (JobState.RUNNING, False)
    assert run_due() == 0  # it holds its lease for a while
    ExportJob.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert run_due() == 1
    job.refresh_from_db()
    rows = list(csv.reader(io.StringIO(received(client, job).decode("utf-8-sig"), newline="")))
    assert len(rows) == COPIES + 2 and len({row[0] for row in rows}) == len(rows)
    assert (job.state, job.attempts, ExportRecord.objects.count()) == (JobState.DONE, 2, 1)


def vars_of(application: Application) -> dict[str, object]:
    fresh = Application.objects.get(pk=application.pk)
    return {field.attname: getattr(fresh, field.attname) for field in Application._meta.concrete_fields}
