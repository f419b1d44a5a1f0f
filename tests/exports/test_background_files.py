"""A file made in the background: asked for, made once, received by who may, gone after its time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.listing import Filters
from applications.models import ExportRecord
from exports import jobs
from exports.formats import Format
from exports.jobs import Spec, forget_old, run_due
from exports.making import Making
from exports.models import KEPT, ExportJob, JobState
from exports.planning import plan_export
from tests.exports.reading import content, csv_rows, export
from tests.exports.waiting import ask_for, make, receive, received
from tests.support.cast import Cast, submit


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def page(client: Client, job: ExportJob) -> str:
    return client.get(reverse("exports:job", args=[job.public_id])).content.decode()


def test_the_file_is_the_same_as_the_one_that_is_sent_at_once(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = make(desk, "csv")
    assert received(desk, job) == content(export(desk, "csv"))
    assert (job.state, job.percent, job.file_name[-4:]) == (JobState.DONE, 100, ".csv")


def test_a_large_export_is_made_in_the_background(cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exports.views.AT_ONCE_MOST", 1)
    submit(cast.form)
    assert len(csv_rows(desk)) == 2
    submit(cast.form)
    response = export(desk, "csv")
    assert response["Location"] == reverse("exports:job", args=[ExportJob.objects.get().public_id])


def test_what_arrives_after_the_request_is_not_in_the_file(cast: Cast, desk: Client) -> None:
    first = submit(cast.form)
    job = ask_for(desk, "csv")
    late = submit(cast.form)
    run_due()
    text = received(desk, job).decode("utf-8-sig")
    assert str(first.reference) in text and str(late.reference) not in text


def test_it_is_recorded_once_when_it_is_there(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = ask_for(desk, "pdf")
    assert not ExportRecord.objects.exists()
    run_due()
    assert run_due() == 0
    record = ExportRecord.objects.get()
    assert (record.user, record.format, record.rows) == (cast.officer, "pdf", 1)
    job.refresh_from_db()
    received(desk, job)
    assert ExportRecord.objects.count() == 1


def test_the_owner_is_told_by_a_mail_with_a_link_and_nothing_else(cast: Cast, desk: Client) -> None:
    application = submit(cast.form)
    job = make(desk, "csv")
    (sent,) = mail.outbox
    assert sent.to == ["officer@example.jp"]
    assert reverse("exports:job", args=[job.public_id]) in sent.body
    assert application.applicant not in sent.body and str(application.reference) not in sent.body


def test_the_page_shows_how_far_it_is_and_stops_it(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = ask_for(desk, "csv")
    assert "<progress" in page(desk, job)
    status = desk.get(reverse("exports:job_status", args=[job.public_id])).json()
    assert status == {"state": "waiting", "over": False, "percent": 0, "done": 0, "total": 1}
    desk.post(reverse("exports:job", args=[job.public_id]))
    assert run_due() == 0
    assert "作成を中止しました" in page(desk, job)
    assert receive(desk, job).status_code == 410


def test_one_that_is_being_made_stops_in_the_middle(cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exports.making.BEAT", 1)
    for _ in range(3):
        submit(cast.form)
    job = ask_for(desk, "json")  # a table of PostgreSQL keeps the one connection of this test busy
    seen = []
    rows_of = Making._watched

    def stopping(self: Making, things: Iterator[Any]) -> Iterator[Any]:
        for thing in rows_of(self, things):
            seen.append(thing)
            jobs.cancel(job)
            yield thing

    monkeypatch.setattr(Making, "_watched", stopping)
    run_due()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED and len(seen) < 3
    assert not job.file and not ExportRecord.objects.exists()


def test_once_means_once(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = make(desk, "csv", once="on")
    received(desk, job)
    assert receive(desk, job).status_code == 410
    assert "もう受け取りました" in page(desk, job)
    often = make(desk, "csv")
    received(desk, often)
    received(desk, often)


def test_after_its_time_the_file_is_gone(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = make(desk, "csv")
    storage, name = job.file.storage, str(job.file.name)
    assert storage.exists(name)
    forget_old()
    assert storage.exists(name)
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert receive(desk, job).status_code == 410
    forget_old()
    assert not storage.exists(name)
    assert "期限が過ぎました" in page(desk, job)
    assert timedelta(days=1) < KEPT


def test_who_may_no_longer_export_gets_no_file(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    made, waiting = make(desk, "csv"), ask_for(desk, "csv")
    cast.officer.groups.set(Group.objects.none())
    run_due()
    waiting.refresh_from_db()
    assert waiting.state == JobState.FAILED and not waiting.file  # the rights at run time
    assert receive(desk, made).status_code in (302, 403)  # and at the download
    made.refresh_from_db()
    assert made.downloads == 0


def test_a_file_of_two_departments_needs_both_roles(cast: Cast, desk: Client) -> None:
    cast.officer.groups.add(*cast.other_officer.groups.all())
    submit(cast.form)
    submit(cast.other_form)
    job = make(desk, "xlsx")
    assert job.departments == sorted([cast.children.pk, cast.waste.pk])
    cast.officer.groups.remove(*cast.other_officer.groups.all())
    assert receive(desk, job).status_code in (302, 403)
    assert "権限がなくなった" in page(desk, job)


@pytest.mark.parametrize("name", ["exporter", "auditor", "other_officer", "admin"])
def test_nobody_else_has_the_file(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.officer)
    submit(cast.form)
    job = make(client, "csv")
    client.force_login(getattr(cast, name))
    for address in ("job", "job_status", "job_report"):
        assert client.get(reverse(f"exports:{address}", args=[job.public_id])).status_code in (302, 403, 404)
    assert receive(client, job).status_code in (302, 403, 404)
    listed = client.get(reverse("exports:jobs"))
    assert listed.status_code in (302, 403) or job.title not in listed.content.decode()


def test_a_file_whose_worker_died_is_begun_anew_and_given_up_in_the_end(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = ask_for(desk, "csv")
    for attempt in (1, 2, 3):
        claimed = jobs._claim()
        assert claimed is not None and claimed.attempts == attempt
        assert jobs._claim() is None  # somebody is at it
        ExportJob.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert run_due() == 0
    job.refresh_from_db()
    assert job.state == JobState.FAILED and "止まることが続きました" in page(desk, job)


def test_a_worker_that_was_too_slow_delivers_nothing(cast: Cast, desk: Client) -> None:
    submit(cast.form)
    job = ask_for(desk, "csv")
    slow = jobs._claim()
    assert slow is not None
    ExportJob.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    run_due()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    plan = plan_export(cast.officer, jobs.Spec.from_json(job.spec).filters)
    assert not jobs._finish(slow, cast.officer, plan, jobs.Spec.from_json(job.spec), size=0, sha256="", replaced=0)
    assert ExportRecord.objects.count() == 1


def test_the_newest_row_is_within_the_moment_that_was_written_down() -> None:
    """Databases keep microseconds, and a moment that was cut to milliseconds would lie before it."""
    spec = Spec(Format.CSV, Filters(), datetime(2026, 11, 28, 7, 30, 0, 123_456, tzinfo=UTC))
    kept = json.loads(json.dumps(spec.to_json(), cls=DjangoJSONEncoder))
    assert Spec.from_json(kept) == spec
