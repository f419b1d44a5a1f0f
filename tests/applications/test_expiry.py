"""Drafts that nobody came back to, and the background worker that lets them go."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from applications import expiry
from applications.expiry import DRAFT_DAYS, expire_drafts
from applications.lifecycle import lock
from applications.management.commands import work
from applications.models import Application, Attachment, Delivery, DeliveryState, Event
from applications.services import attach
from applications.status import Action, Status
from applications.visits import COOKIE_DAYS
from outreach.models import Message
from tests.applications.residents import Resident, leads_to, text_of
from tests.formbuilder.uploads.samples import inspected, jpeg
from tests.support.cast import SOMEBODY, Cast, draft, item, key_of, make_cast, make_form, submit


def aged(application: Application, days: float) -> Application:
    Application.objects.filter(pk=application.pk).update(updated_at=timezone.now() - timedelta(days=days))
    return application


def test_only_drafts_that_were_left_long_enough_expire(cast: Cast) -> None:
    old, recent, declared = draft(cast.form), draft(cast.form), submit(cast.form)
    aged(old, DRAFT_DAYS + 0.01)
    aged(recent, DRAFT_DAYS - 0.01)
    aged(declared, 400)
    assert expire_drafts() == 1
    statuses = dict(Application.objects.values_list("pk", "status"))
    assert statuses == {old.pk: Status.EXPIRED, recent.pk: Status.DRAFT, declared.pk: Status.SUBMITTED}
    assert expire_drafts() == 0


def test_an_expired_draft_keeps_nothing_of_the_resident(cast: Cast) -> None:
    application = aged(draft(cast.form, {**SOMEBODY, "備考": "内緒"}), 31)
    Application.objects.update(unfinished={"x": "内緒"}, applicant="見本 花子", email="a@b.jp", search_text="見本")
    expire_drafts()
    row = Application.objects.filter(pk=application.pk).values().get()
    assert (row["answers"], row["unfinished"]) == ({}, {})
    assert (row["applicant"], row["email"], row["search_text"]) == ("", "", "")
    assert list(Event.objects.values_list("kind", "before", "after")) == [("expired", "draft", "expired")]


@pytest.mark.django_db(transaction=True)
def test_the_files_of_an_expired_draft_go_from_the_disk() -> None:
    form = make_form(make_cast().children, steps={"書類": [item("photo", "写真", max_files=2)]})
    application = draft(form, {})
    kept = [
        attach(application.pk, field_key=key_of("写真"), checked=inspected(jpeg(quality=quality)), most=2)
        for quality in (60, 90)
    ]
    paths = [Path(attachment.file.path) for attachment in kept if attachment]
    assert [path.exists() for path in paths] == [True, True]
    aged(application, 31)
    expire_drafts()
    assert [path.exists() for path in paths] == [False, False]
    assert not Attachment.objects.exists()


def test_who_comes_back_in_the_same_moment_keeps_the_draft(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the list of old drafts and the lock on one of them."""
    application = aged(draft(cast.form), 31)

    def comes_back(pk: int) -> Application:
        aged(application, 0)
        return lock(pk)

    monkeypatch.setattr(expiry, "lock", comes_back)
    assert expire_drafts() == 0
    application.refresh_from_db()
    assert application.status == Status.DRAFT
    assert application.answers


def test_the_browser_keeps_the_key_as_long_as_the_draft_lives() -> None:
    assert COOKIE_DAYS == DRAFT_DAYS


def test_who_comes_back_too_late_is_told_and_can_begin_anew(cast: Cast) -> None:
    resident = Resident(cast.form)
    resident.fill("1", {**SOMEBODY})
    aged(resident.draft, 31)
    expire_drafts()
    assert leads_to(resident.get("2")) == "done"
    assert "保存の期限が過ぎました" in text_of(resident.get("done"))
    assert leads_to(resident.fill("2", {"備考": "x"})) == "done"


# --- the worker


def one_turn() -> None:
    call_command("work", "--once")


def test_one_turn_of_the_worker_does_everything_that_is_due(cast: Cast) -> None:
    submit(cast.form, {**SOMEBODY, "メールアドレス": "hanako@example.jp"})
    aged(draft(cast.form), 31)
    one_turn()
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.DELIVERED}
    assert Message.objects.get().to == "hanako@example.jp"
    assert Application.objects.filter(status=Status.EXPIRED).count() == 1


def test_one_turn_goes_on_until_nothing_is_left(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    for _ in range(5):
        aged(draft(cast.form), 31)
    one_turn()
    assert Event.objects.filter(kind=Action.EXPIRE).count() == 5


@pytest.mark.django_db(transaction=True)
def test_what_fails_stops_neither_the_worker_nor_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(work, "deliver_due", broken)
    aged(draft(make_cast().form), 31)
    call_command("work", "--once")
    told = capsys.readouterr().err
    assert "broken: RuntimeError at test_expiry.py:" in told
    assert "the database is away" not in told  # a text of the problem may hold what a resident wrote
    assert Application.objects.get().status == Status.EXPIRED


def test_a_job_that_had_nothing_to_do_waits_its_time() -> None:
    turns: list[Any] = []
    results = iter([2, 1, 0, 5])

    def job() -> int:
        turns.append(1)
        return next(results)

    waiting = work.Job(600, job)
    told = [waiting.run(print) for _ in range(5)]
    assert told == [2, 1, 0, 0, 0]
    assert len(turns) == 3
