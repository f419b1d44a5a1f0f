"""Every record has its place in the chain; what is changed, removed or slipped in is found."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from applications.lifecycle import move
from applications.models import Event, ExportRecord
from applications.status import Action
from records import chain
from records.chain import Problem, content_of, seal, verify
from records.looks import note_look
from records.models import Head, Link, Look, Seen, Unchangeable
from tests.support.cast import Cast, make_cast, submit


def seal_all() -> None:
    while seal():
        pass


@pytest.fixture
def kept(cast: Cast) -> Cast:
    """Three applications with a look at each and one export, all in the chain."""
    for _ in range(3):
        note_look(cast.officer, submit(cast.form), Seen.CASE)
    ExportRecord.objects.create(
        user=cast.officer, department=cast.children, form_code="gift", form_title="ギフト", format="csv", rows=3
    )
    seal_all()
    return cast


def found() -> list[tuple[str, int, str]]:
    return [(each.source, each.row, each.sentence) for each in verify().problems]


def run_sql(statement: str, *values: int) -> None:
    """Behind the program's back."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_every_record_of_every_kind_gets_one_link_in_one_row_without_a_gap(kept: Cast) -> None:
    sources = list(Link.objects.values_list("source", flat=True))
    assert (sources.count("event"), sources.count("look"), sources.count("export")) == (Event.objects.count(), 3, 1)
    assert list(Link.objects.values_list("seq", flat=True)) == list(range(1, len(sources) + 1))
    assert (verify().problems, seal()) == ([], 0)


def test_an_event_that_was_changed_is_found(kept: Cast) -> None:
    event = Event.objects.order_by("pk")[1]
    run_sql("UPDATE applications_event SET kind = 'approve' WHERE id = %s", event.pk)
    assert found() == [("event", event.pk, "記録が書き換えられています。")]


def test_a_look_that_was_put_on_somebody_else_is_found(kept: Cast) -> None:
    look = Look.objects.order_by("pk")[0]
    run_sql("UPDATE records_look SET user_id = %s WHERE id = %s", kept.approver.pk, look.pk)
    assert found() == [("look", look.pk, "記録が書き換えられています。")]


def test_a_record_that_was_removed_is_found(kept: Cast) -> None:
    look = Look.objects.order_by("pk")[0]
    run_sql("DELETE FROM records_look WHERE id = %s", look.pk)
    assert found() == [("look", look.pk, "記録がありません。")]


def test_a_record_that_was_removed_with_its_link_is_found(kept: Cast) -> None:
    link = Link.objects.get(source="look", row=Look.objects.order_by("pk")[0].pk)
    run_sql("DELETE FROM records_look WHERE id = %s", link.row)
    run_sql("DELETE FROM records_link WHERE seq = %s", link.seq)
    sentences = {sentence for _, _, sentence in found()}
    assert "鎖がつながっていません。" in sentences


def test_the_last_records_cut_off_are_found(kept: Cast) -> None:
    last = Link.objects.order_by("-seq")[0]
    run_sql("DELETE FROM records_link WHERE seq = %s", last.seq)
    assert any("鎖の端" in sentence for _, _, sentence in found())


def test_a_record_slipped_in_afterwards_with_an_old_date_is_found(kept: Cast) -> None:
    event = Event.objects.order_by("pk")[0]
    slipped = Event(application_id=event.application_id, kind="approve", at=timezone.now() - timedelta(days=30))
    slipped.save()
    assert [row for row in found() if row[0] == "event"] == [
        ("event", slipped.pk, "鎖にない記録です。後から入れられたか、常駐処理が止まっています。")
    ]


def test_a_chain_made_anew_does_not_have_the_head_that_was_kept_elsewhere(kept: Cast) -> None:
    told = verify().head
    assert verify(told).problems == []
    event = Event.objects.order_by("pk")[0]
    run_sql("UPDATE applications_event SET kind = 'approve' WHERE id = %s", event.pk)
    run_sql("DELETE FROM records_link")
    run_sql("DELETE FROM records_head")
    seal_all()
    assert verify().problems == []  # whoever can do this leaves no trace inside
    assert any("控え" in problem.sentence for problem in verify(told).problems)


def test_an_older_head_stays_good_while_the_chain_grows(kept: Cast) -> None:
    told = verify().head
    note_look(kept.officer, submit(kept.form), Seen.CASE)
    seal_all()
    assert verify(told).problems == []
    assert verify().head != told


def test_the_mark_moves_over_what_is_old_and_nothing_is_left_behind(
    kept: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "SETTLED", timedelta(0))
    monkeypatch.setattr(chain, "BATCH", 2)
    for _ in range(5):
        note_look(kept.officer, submit(kept.form), Seen.CASE)
    seal_all()
    assert Head.objects.get().marks["look"] >= Look.objects.order_by("-pk")[1].pk
    assert verify().problems == []
    assert Link.objects.filter(source="look").count() == Look.objects.count()


def test_a_record_that_commits_late_gets_its_link_though_younger_ones_have_theirs(kept: Cast) -> None:
    """A number taken early and committed late, as two transactions do it."""
    application = submit(kept.form)
    note_look(kept.officer, application, Seen.CASE)
    late = Look.objects.order_by("-pk")[0]
    run_sql("DELETE FROM records_look WHERE id = %s", late.pk)
    note_look(kept.officer, application, Seen.FILE)
    seal_all()
    late._state.adding = True
    late.save(force_insert=True)
    seal_all()
    assert verify().problems == []


def test_records_are_written_once(kept: Cast) -> None:
    look = Look.objects.all()[0]
    for attempt in (look.save, look.delete, Look.objects.all().delete, lambda: Look.objects.update(seen="file")):
        with pytest.raises(Unchangeable):
            attempt()
    with pytest.raises(Unchangeable):
        Link.objects.all()[0].save()


@given(st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.text() | st.lists(st.integers())))
def test_the_digest_does_not_depend_on_the_order_of_keys(data: dict[str, object]) -> None:
    at = timezone.now()
    one = Event(pk=1, application_id=1, kind="note", data=data, at=at)
    other = Event(pk=1, application_id=1, kind="note", data=dict(reversed(data.items())), at=at)
    assert content_of("event", one) == content_of("event", other)


def test_each_column_counts() -> None:
    base: dict[str, Any] = {"pk": 1, "application_id": 1, "kind": "note", "at": timezone.now()}
    plain = content_of("event", Event(**base))
    others: list[dict[str, Any]] = [
        {"application_id": 2},
        {"kind": "x"},
        {"before": "x"},
        {"after": "x"},
        {"actor_id": 1},
        {"data": {"a": 1}},
    ]
    digests = {content_of("event", Event(**{**base, **change})) for change in others}
    assert len(digests) == len(others)
    assert plain not in digests


def test_the_command_tells_what_is_wrong_and_fails(kept: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_records")
    told = capsys.readouterr().out
    assert f"控え: {Head.objects.get()}" in told
    event = Event.objects.order_by("pk")[0]
    run_sql("UPDATE applications_event SET kind = 'approve' WHERE id = %s", event.pk)
    with pytest.raises(CommandError, match="1件が合いません"):
        call_command("verify_records")
    assert "記録が書き換えられています" in capsys.readouterr().err


def test_the_command_seals_what_is_still_to_be_sealed(kept: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    move(submit(kept.form).pk, Action.REVIEW, actor=kept.officer)
    call_command("verify_records")
    assert f"{Link.objects.count():,}件" in capsys.readouterr().out
    assert Link.objects.filter(source="event").count() == Event.objects.count()


@pytest.mark.django_db(transaction=True)
def test_many_workers_make_one_chain() -> None:
    cast = make_cast()
    application = submit(cast.form)
    for _ in range(40):
        note_look(cast.officer, application, Seen.CASE)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                note_look(cast.officer, application, Seen.CASE)
                seal()
        except BaseException as problem:  # noqa: BLE001 - told by the test
            errors.append(problem)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seal_all()
    assert errors == []
    assert verify().problems == []
    assert Link.objects.filter(source="look").count() == 40 + 80


def test_a_problem_without_a_link_says_so() -> None:
    assert str(Problem(0, "look", 7, "鎖にない記録です。")) == "— look 7: 鎖にない記録です。"
