"""Scheduled exports: due when they say, made once, brought whole, with the rights of who answers for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from applications.models import Application, ExportRecord
from exports.jobs import run_due
from exports.models import ExportJob, ExportTemplate
from exports.schedules import running, services
from exports.schedules.clock import newest_due, next_after, span_of
from exports.schedules.models import Every, PlaceKind, Run, RunState, Schedule, Span
from exports.schedules.places.s3 import authorization
from exports.schedules.running import FAILURES_MOST, WAITS, go_on, start_due
from exports.template_forms import places_of, usual_columns
from tests.support.bucket import LOGIN, bucket
from tests.support.cast import Cast, make_cast, submit
from tests.support.sftp import PASSWORD, USER, sftp_server


def moment(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORT_ROOT = str(tmp_path / "out")
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]
    return tmp_path / "out" / "kodomo" / "基幹"


def make(cast: Cast, place: PlaceKind = PlaceKind.FOLDER, secret: str = "", **more: Any) -> Schedule:
    template = ExportTemplate.objects.create(
        name="基幹へ",
        department=cast.children,
        user=cast.officer,
        forms=[cast.form.pk],
        format="csv",
        columns=usual_columns(places_of([cast.form.pk])),
    )
    given = {
        "name": "毎朝",
        "department": cast.children,
        "template": template,
        "every": Every.DAY,
        "at": time(8),
        "weekday": 0,
        "day": 1,
        "span": Span.ALL,
        "where": {"folder": "基幹"},
        **more,
    }
    return services.keep(Schedule(user=cast.officer, place=place), secret, **given)


def is_due(**more: Any) -> None:
    Schedule.objects.update(next_at=timezone.now() - timedelta(seconds=1), **more)


def work() -> None:
    """Everything that is due, whoever does it."""
    start_due()
    while go_on() + run_due():
        pass


def in_time() -> None:
    Run.objects.update(due_at=timezone.now() - timedelta(seconds=1))


# --- when


@pytest.mark.parametrize(
    ("every", "weekday", "day", "now", "due"),
    [
        (Every.DAY, 0, 1, "2026-04-01 07:59:59", "2026-04-01 08:00"),
        (Every.DAY, 0, 1, "2026-04-01 08:00:00", "2026-04-02 08:00"),
        (Every.WEEK, 0, 1, "2026-04-01 09:00:00", "2026-04-06 08:00"),
        (Every.WEEK, 2, 1, "2026-04-01 09:00:00", "2026-04-08 08:00"),
        (Every.MONTH, 0, 1, "2026-04-01 09:00:00", "2026-05-01 08:00"),
        (Every.MONTH, 0, 31, "2026-04-01 09:00:00", "2026-04-30 08:00"),
        (Every.MONTH, 0, 31, "2028-02-01 09:00:00", "2028-02-29 08:00"),
        (Every.MONTH, 0, 30, "2026-01-30 08:00:00", "2026-02-28 08:00"),
    ],
)
def test_the_next_time(every: Every, weekday: int, day: int, now: str, due: str) -> None:
    rule = Schedule(every=every, weekday=weekday, day=day, at=time(8))
    assert next_after(rule, moment(now)) == moment(due)


def test_times_that_were_missed_are_made_up_for_by_the_last_of_them() -> None:
    rule = Schedule(every=Every.DAY, at=time(8))
    assert newest_due(rule, moment("2026-04-01 08:00"), moment("2026-04-04 09:00")) == moment("2026-04-04 08:00")
    assert newest_due(rule, moment("2026-04-01 08:00"), moment("2026-04-01 08:00")) == moment("2026-04-01 08:00")


def test_which_days_a_run_takes() -> None:
    day = date(2026, 3, 1)
    assert span_of(Span.ALL, day) == (None, None)
    assert span_of(Span.DAY, day) == (date(2026, 2, 28), date(2026, 2, 28))
    assert span_of(Span.WEEK, day) == (date(2026, 2, 22), date(2026, 2, 28))
    assert span_of(Span.MONTH, day) == (date(2026, 2, 1), date(2026, 2, 28))


# --- once


def test_a_file_is_in_the_folder_once_and_in_the_records(cast: Cast, here: Path) -> None:
    application = submit(cast.form)
    schedule = make(cast)
    is_due()
    work()
    work()
    (file,) = here.iterdir()
    run = Run.objects.get()
    due = timezone.localtime(run.due)
    assert file.name == run.file_name == f"毎朝_{due:%Y%m%d_%H%M}_{schedule.pk}.csv"
    assert str(application.reference) in file.read_text("utf-8-sig")
    assert run.state == RunState.DONE
    record = ExportRecord.objects.get()
    assert (record.user, record.rows) == (cast.officer, 1)
    schedule.refresh_from_db()
    assert schedule.next_at == next_after(schedule, timezone.now())
    assert mail.outbox == []  # nobody waits for it


def test_a_worker_that_was_down_for_days_makes_up_for_it_once(cast: Cast, here: Path) -> None:
    submit(cast.form)
    make(cast)
    Schedule.objects.update(next_at=timezone.now() - timedelta(days=4))
    work()
    assert Run.objects.count() == 1 and len(list(here.iterdir())) == 1


def test_of_two_workers_one_begins_and_one_brings(cast: Cast, here: Path) -> None:
    submit(cast.form)
    schedule = make(cast)
    is_due()
    stale = Schedule.objects.get(pk=schedule.pk)
    assert running._start(stale) and not running._start(stale)
    mine = running._claim()
    assert mine is not None and running._claim() is None
    in_time()  # that one died
    work()
    assert Run.objects.get().state == RunState.DONE and ExportJob.objects.count() == 1
    running._end(mine, RunState.FAILED, "zu spät")
    assert Run.objects.get().state == RunState.DONE


def test_a_second_attempt_replaces_what_the_first_one_left(cast: Cast, here: Path) -> None:
    submit(cast.form)
    make(cast)
    is_due()
    work()
    Run.objects.update(state=RunState.WAITING, due_at=timezone.now())  # the worker died before it could say so
    work()
    assert len(list(here.iterdir())) == 1


def test_nothing_to_be_exported_is_no_failure(cast: Cast, here: Path) -> None:
    schedule = make(cast, span=Span.DAY)
    submit(cast.form)  # today
    is_due(failures=2)
    work()
    schedule.refresh_from_db()
    assert Run.objects.get().state == RunState.EMPTY and schedule.failures == 0 and not here.exists()


def test_yesterdays_arrivals_are_taken_and_no_others(cast: Cast, here: Path) -> None:
    old, new = submit(cast.form), submit(cast.form)
    Application.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=1))
    make(cast, span=Span.DAY)
    is_due()
    work()
    text = next(here.iterdir()).read_text("utf-8-sig")
    assert str(old.reference) in text and str(new.reference) not in text


def test_a_mail_with_a_link_is_enough(cast: Cast) -> None:
    submit(cast.form)
    make(cast, PlaceKind.MAIL, where={})
    is_due()
    work()
    (sent,) = mail.outbox
    assert sent.to == [cast.officer.email] and ExportJob.objects.get().public_id in sent.body
    assert Run.objects.get().state == RunState.DONE


# --- who may


def lose(cast: Cast) -> None:
    cast.officer.groups.clear()


@pytest.mark.parametrize("steps", [[start_due], [start_due, go_on], [start_due, go_on, run_due]])
def test_rights_are_looked_at_at_every_step(cast: Cast, here: Path, steps: list[Callable[[], object]]) -> None:
    submit(cast.form)
    schedule = make(cast)
    is_due()
    for step in steps:
        step()
    lose(cast)
    work()
    schedule.refresh_from_db()
    assert Run.objects.get().state == RunState.FAILED and not here.exists()
    assert (schedule.stopped_at is not None) or schedule.failures == 1


def test_a_schedule_whose_owner_has_lost_the_role_is_stopped_and_reported(cast: Cast, here: Path) -> None:
    submit(cast.form)
    make(cast)
    lose(cast)
    is_due()
    work()
    assert Schedule.objects.get().stopped_because == running.NO_ROLE
    assert len(mail.outbox) == 1
    is_due()
    assert start_due() == 0


# --- when it does not work


def test_what_cannot_be_brought_is_tried_again_then_given_up_then_stopped(cast: Cast, here: Path) -> None:
    submit(cast.form)
    here.parent.parent.mkdir()
    here.parent.write_text("a file where a folder should be")
    schedule = make(cast)
    for round_ in range(1, FAILURES_MOST + 1):
        is_due()
        with time_machine.travel(timezone.now() + timedelta(minutes=round_), tick=False):
            is_due()
            work()
        run = Run.objects.latest("pk")
        assert (run.state, run.attempts) == (RunState.WAITING, 1) and "フォルダ" in run.problem
        for _ in WAITS:
            in_time()
            work()
        schedule.refresh_from_db()
        assert schedule.failures == round_
    assert schedule.stopped_at is not None and schedule.stopped_because.startswith(running.GAVE_UP)
    assert len(mail.outbox) == 1 and schedule.public_id in mail.outbox[0].body


def test_a_link_leads_nowhere_out_of_the_root(cast: Cast, here: Path, tmp_path: Path) -> None:
    submit(cast.form)
    here.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    here.symlink_to(tmp_path / "elsewhere")
    make(cast)
    is_due()
    work()
    assert "外" in Run.objects.get().problem and list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("folder", ["..", "../x", "a/b", "/etc", ".ssh", "", "a\n"])
def test_no_name_of_a_folder_leads_elsewhere(cast: Cast, here: Path, folder: str) -> None:
    submit(cast.form)
    make(cast, where={"folder": folder})
    is_due()
    work()
    assert Run.objects.get().attempts == 1 and not here.parent.exists()


# --- SFTP


def sftp(server: Any, **more: str) -> dict[str, str]:
    where = {"host": "127.0.0.1", "port": str(server.port), "user": USER, "path": "in", "host_key": server.host_key}
    return where | more


def test_sftp_brings_the_file_whole_and_replaces_it(cast: Cast, here: Path, tmp_path: Path) -> None:
    (tmp_path / "sftp" / "in").mkdir(parents=True)
    application = submit(cast.form)
    with sftp_server(tmp_path / "sftp") as server:
        make(cast, PlaceKind.SFTP, PASSWORD, where=sftp(server))
        is_due()
        work()
        assert Run.objects.get().state == RunState.DONE, Run.objects.get().problem
        Run.objects.update(state=RunState.WAITING, due_at=timezone.now())
        work()
    (file,) = (tmp_path / "sftp" / "in").iterdir()
    assert file.name == Run.objects.get().file_name
    assert str(application.reference) in file.read_text("utf-8-sig")
    assert PASSWORD not in str(Schedule.objects.get().secret)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": "somebody"}, "ログインできません"),
        ({"path": "nothing"}, "書き込めません"),
        (
            {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"},
            "ホスト鍵が、登録したものと違います",
        ),
        ({"port": "1"}, "接続できません"),
    ],
)
def test_sftp_that_does_not_work_says_why(
    cast: Cast, here: Path, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    (tmp_path / "in").mkdir()
    submit(cast.form)
    with sftp_server(tmp_path) as server:
        make(cast, PlaceKind.SFTP, PASSWORD, where=sftp(server, **change))
        is_due()
        work()
    assert said in Run.objects.get().problem
    assert list((tmp_path / "in").iterdir()) == []


def test_sftp_goes_into_no_network_of_our_own(cast: Cast, here: Path, settings: Settings) -> None:
    settings.OUTGOING_NETWORKS = []
    submit(cast.form)
    where = {"host": "127.0.0.1", "port": "22", "user": "x", "path": ".", "host_key": "x"}
    make(cast, PlaceKind.SFTP, "x", where=where)
    is_due()
    work()
    assert "庁内" in Run.objects.get().problem


# --- S3

PUBLISHED = {
    "host": "examplebucket.s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
}


def test_signatures_are_those_that_aws_has_published() -> None:
    """The examples of "Signature Calculations for the Authorization Header" in the S3 API reference."""
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    read = {**PUBLISHED, "range": "bytes=0-9", "x-amz-content-sha256": nothing}
    signed = authorization("GET", "/test.txt", read, "us-east-1", LOGIN)
    assert signed.endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    written = {
        **PUBLISHED,
        "date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    }
    signed = authorization("PUT", "/test%24file.text", written, "us-east-1", LOGIN)
    assert signed.endswith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")


def test_storage_gets_the_file_under_its_name(cast: Cast, here: Path) -> None:
    application = submit(cast.form)
    with bucket() as there:
        where = {"endpoint": there.url, "region": "jp-1", "bucket": "mihon", "folder": "出力/"}
        make(cast, PlaceKind.S3, LOGIN[1], where={**where, "access_key": LOGIN[0]})
        is_due()
        work()
        assert Run.objects.get().state == RunState.DONE, Run.objects.get().problem
        ((path, body),) = there.kept.items()
    assert path.startswith("/mihon/%E5%87%BA%E5%8A%9B/") and str(application.reference) in body.decode("utf-8-sig")


def test_storage_that_refuses_says_why(cast: Cast, here: Path) -> None:
    submit(cast.form)
    with bucket() as there:
        where = {"endpoint": there.url, "region": "jp-1", "bucket": "mihon", "folder": "", "access_key": "x"}
        make(cast, PlaceKind.S3, "wrong", where=where)
        is_due()
        work()
    assert "権限がありません" in Run.objects.get().problem and there.kept == {}


@pytest.mark.django_db(transaction=True)
def test_four_workers_run_a_schedule_once(tmp_path: Path, settings: Settings) -> None:
    settings.EXPORT_ROOT = str(tmp_path)
    cast = make_cast()
    submit(cast.form)
    make(cast)
    is_due()

    def step(action: Callable[[], int]) -> int:
        try:
            return action()
        finally:
            connection.close()

    for action in (start_due, go_on, run_due, go_on):
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(step, [action] * 4)) == 1, action
    assert Run.objects.get().state == RunState.DONE and ExportRecord.objects.count() == 1
    assert len(list((tmp_path / "kodomo" / "基幹").iterdir())) == 1
