"""From the decision to the money: who is taken, who is held, one file, and what the bank answers."""

import json
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from applications.lifecycle import move
from applications.models import Application
from applications.status import Action, Status
from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.nodes import from_json
from formbuilder.models import FormPage
from payouts import lifecycle, results
from payouts.lifecycle import NotPossible
from payouts.models import Batch, Row, Source
from payouts.settling import settle
from payouts.status import BatchState, RowState
from tests.payouts.scene import (
    HANAKO,
    approved,
    bank_day,
    freeze_and_approve,
    fresh,
    lines,
    make_batch,
    make_payout_form,
    person,
    row_of,
    send,
)
from tests.support.cast import Cast, current_version, load_form, make_staff, submit
from tests.support.surroundings import ROOT


def at_pay_day(batch: Batch) -> time_machine.travel:
    return time_machine.travel(timezone.make_aware(datetime.combine(batch.pay_on, datetime.min.time())), tick=False)


def status_of(application: Application) -> str:
    return Application.objects.get(pk=application.pk).status


def test_only_what_is_approved_is_paid_each_once_and_to_the_yen(cast: Cast, form: FormPage, source: Source) -> None:
    first, second = approved(form), approved(form, person(1))
    submit(form, person(2))
    batch = make_batch(source, cast.officer)
    assert [row.application_id for row in batch.rows.all()] == [first.pk, second.pk]
    file = send(batch, cast.officer, cast.approver)
    text = file.decode("cp932").split("\r\n")
    assert text[1][43:80] == "0123456" + "ﾐﾎﾝ ﾊﾅｺ".ljust(30) and text[1][80:90] == "0000050000"
    assert text[1][91:111] == f"{batch.pk:010}{1:010}" and text[2][43:50] == "1000001"
    assert text[3][1:19] == f"{2:06}{100_000:012}"
    with pytest.raises(NotPossible, match="支給する申請がありません"):
        make_batch(source, cast.officer)


def test_an_application_cannot_be_in_two_batches(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    row = make_batch(source, cast.officer).rows.get()
    row.pk, row.number = None, 2
    with pytest.raises(IntegrityError):
        row.save()


def test_the_same_person_or_account_is_held_until_somebody_says_why(cast: Cast, form: FormPage, source: Source) -> None:
    first = approved(form)
    send(make_batch(source, cast.officer), cast.officer, cast.approver)
    other_form = make_payout_form(cast.children, "gift-2")
    again = approved(other_form, {**person(3), "フリガナ": HANAKO["フリガナ"], "生年月日": HANAKO["生年月日"]})
    sister = approved(form, {**person(4), "振込先": HANAKO["振込先"]})
    other = approved(form, person(5))
    batch = make_batch(source, cast.officer)
    assert row_of(again).problems == [f"同じ人への支給が、ほかにあります（受付番号 {first.reference}）。"]
    assert row_of(sister).problems == [f"同じ口座への支給が、ほかにあります（受付番号 {first.reference}）。"]
    assert row_of(other).state == RowState.LISTED
    with pytest.raises(NotPossible, match="確認が必要な申請が2件"):
        lifecycle.freeze(batch.pk, actor=cast.officer)
    lifecycle.exclude(row_of(again).pk, actor=cast.officer, reason="二重の申請")
    lifecycle.include(row_of(sister).pk, actor=cast.officer, reason="姉妹で口座が同じ")
    text = send(batch, cast.officer, cast.approver).decode("cp932")
    assert text.count("\r\n2") == 2
    assert [entry.data.get("reason") for entry in batch.entries.all()][1:3] == ["二重の申請", "姉妹で口座が同じ"]


def test_two_applications_of_one_person_in_one_batch_are_not_both_paid(
    cast: Cast, form: FormPage, source: Source
) -> None:
    approved(form)
    second = approved(form)
    make_batch(source, cast.officer)
    assert row_of(second).state == RowState.HELD and len(row_of(second).problems) == 2


def test_who_cannot_be_paid_is_held_with_the_reason(cast: Cast, form: FormPage, source: Source) -> None:
    nowhere = approved(form, person(1, 振込先=None))
    nothing = approved(form, person(2, 支給額="0"))
    batch = make_batch(source, cast.officer)
    assert row_of(nowhere).problems == ["振込先の口座が入力されていません。"]
    assert "支給額が1円以上" in row_of(nothing).problems[0]
    for application in (nowhere, nothing):
        with pytest.raises(NotPossible, match="このままでは振り込めません"):
            lifecycle.include(row_of(application).pk, actor=cast.officer, reason="急ぐため")
        lifecycle.exclude(row_of(application).pk, actor=cast.officer, reason="口座を確かめる")
    with pytest.raises(NotPossible, match="1件もありません"):
        lifecycle.freeze(batch.pk, actor=cast.officer)


def test_who_chose_the_registered_account_is_listed_apart_and_not_in_the_file(
    cast: Cast, form: FormPage, source: Source
) -> None:
    apart, listed = approved(form, person(1, 受取方法="公金受取口座")), approved(form, person(2))
    batch = make_batch(source, cast.officer)
    assert (row_of(apart).state, row_of(listed).state) == (RowState.APART, RowState.LISTED)
    text = send(batch, cast.officer, cast.approver).decode("cp932")
    assert text.count("\r\n2") == 1 and "1000002" in text and "1000001" not in text


def test_a_second_person_has_to_approve(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    lifecycle.freeze(batch.pk, actor=cast.approver)
    digest = fresh(batch).digest
    for same in (cast.officer, cast.approver):
        with pytest.raises(NotPossible, match="ほかの決裁者"):
            lifecycle.approve(batch.pk, actor=same, digest=digest)
    with pytest.raises(IntegrityError):
        Batch.objects.filter(pk=batch.pk).update(
            state=BatchState.APPROVED, approved_by=cast.approver, file_digest="0" * 64
        )


def test_what_was_changed_after_it_was_looked_at_is_not_approved(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    lifecycle.freeze(batch.pk, actor=cast.officer)
    digest = fresh(batch).digest
    with pytest.raises(NotPossible, match="内容が変わりました"):
        lifecycle.approve(batch.pk, actor=cast.approver, digest="0" * 64)
    Row.objects.update(amount=500_000)
    with pytest.raises(NotPossible, match="内容が変わりました"):
        lifecycle.approve(batch.pk, actor=cast.approver, digest=digest)


def test_the_file_is_the_same_however_often_it_is_taken_and_gone_when_sent(
    cast: Cast, form: FormPage, source: Source
) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    file = freeze_and_approve(batch, cast.officer, cast.approver)
    Source.objects.update(client_name="ﾍﾞﾂﾉﾅﾏｴ", number="7654321")
    assert lifecycle.take(batch.pk, actor=cast.approver) == file
    with pytest.raises(NotPossible, match="受け取ったあとは取り消せません"):
        lifecycle.cancel(batch.pk, actor=cast.officer, reason="やめる")
    for step in (lifecycle.freeze, lifecycle.mark_sent):
        if step is lifecycle.mark_sent:
            step(batch.pk, actor=cast.officer)
        with pytest.raises(NotPossible):
            step(batch.pk, actor=cast.officer)
    for _ in range(2):
        with pytest.raises(NotPossible, match="もう取り出せません"):
            lifecycle.take(batch.pk, actor=cast.officer)
    with pytest.raises(NotPossible):
        lifecycle.open_again(batch.pk, actor=cast.officer, reason="もう一度")


def test_a_file_that_was_changed_in_the_database_is_not_handed_out(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    freeze_and_approve(batch, cast.officer, cast.approver)
    Batch.objects.filter(pk=batch.pk).update(file_digest="0" * 64)
    with pytest.raises(NotPossible, match="承認のときと違います"):
        lifecycle.take(batch.pk, actor=cast.officer)


def test_an_account_is_nowhere_in_the_clear(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    freeze_and_approve(batch, cast.officer, cast.approver)
    kept = str(list(Row.objects.values())) + str(list(Batch.objects.values())) + str(list(batch.entries.values()))
    assert "0123456" not in kept and "ﾊﾅｺ" not in kept


def test_a_decision_that_was_taken_back_stops_the_file(cast: Cast, form: FormPage, source: Source) -> None:
    application = approved(form)
    batch = make_batch(source, cast.officer)
    move(application.pk, Action.REOPEN)
    with pytest.raises(NotPossible, match=f"決定が取り消された申請があります（{application.reference}）"):
        lifecycle.freeze(batch.pk, actor=cast.officer)
    move(application.pk, Action.APPROVE)
    lifecycle.freeze(batch.pk, actor=cast.officer)
    lifecycle.approve(batch.pk, actor=cast.approver, digest=fresh(batch).digest)
    move(application.pk, Action.REOPEN)
    with pytest.raises(NotPossible, match="取り消して作り直して"):
        lifecycle.take(batch.pk, actor=cast.officer)
    lifecycle.cancel(batch.pk, actor=cast.officer, reason="決定の取消し")
    move(application.pk, Action.APPROVE)
    assert make_batch(source, cast.officer).rows.get().application_id == application.pk


@pytest.mark.parametrize("day", ["2027-01-02", "2026-12-31", "2026-11-23", "2026-11-28", "2026-11-20", "2028-01-11"])
@time_machine.travel("2026-11-20T10:00:00+09:00", tick=False)
def test_no_day_on_which_banks_are_closed(day: str) -> None:
    with pytest.raises(NotPossible, match="振込指定日"):
        lifecycle.check_day(date.fromisoformat(day))


@time_machine.travel("2026-11-20T10:00:00+09:00", tick=False)
def test_the_last_days_of_december_are_working_days_of_banks() -> None:
    lifecycle.check_day(date(2026, 12, 30))


def test_paid_applications_are_completed_and_bounced_ones_are_back_at_the_desk(
    cast: Cast, form: FormPage, source: Source
) -> None:
    paid, bounced = approved(form), approved(form, person(1))
    batch = make_batch(source, cast.officer)
    send(batch, cast.officer, cast.approver)
    told = lines((paid, "振込済", ""), (bounced, "組戻", "口座なし"))
    with pytest.raises(NotPossible, match="振込指定日から"):
        results.apply(batch.pk, told, actor=cast.officer)
    with at_pay_day(batch):
        assert results.apply(batch.pk, told, actor=cast.officer) == 2
        assert settle() == 2 and settle() == 0
    assert (status_of(paid), status_of(bounced)) == (Status.COMPLETED, Status.IN_REVIEW)
    event = bounced.events.get(kind="payout_bounced")
    assert (event.actor, event.data["reason"]) == (cast.officer, "口座なし")
    assert paid.events.get(kind="payout_paid").data["amount"] == 50_000
    move(bounced.pk, Action.APPROVE)
    assert [row.application_id for row in make_batch(source, cast.officer).rows.all()] == [bounced.pk]


def test_money_that_comes_back_later_opens_the_case_again(cast: Cast, form: FormPage, source: Source) -> None:
    application = approved(form)
    batch = make_batch(source, cast.officer)
    send(batch, cast.officer, cast.approver)
    with at_pay_day(batch):
        results.apply(batch.pk, lines((application, "振込済", "")), actor=cast.officer)
        settle()
        assert status_of(application) == Status.COMPLETED
        results.apply(batch.pk, lines((application, "組戻", "名義相違")), actor=cast.officer)
        settle()
    assert status_of(application) == Status.IN_REVIEW


def test_results_are_taken_whole_or_not_at_all(cast: Cast, form: FormPage, source: Source) -> None:
    one, two = approved(form), approved(form, person(1))
    batch = make_batch(source, cast.officer)
    send(batch, cast.officer, cast.approver)
    with at_pay_day(batch):
        for wrong in (
            lines((one, "振込済", ""), (two, "組戻", "")),
            lines((one, "振込済", ""), (one, "振込済", "")),
            lines((one, "振込済", ""), (two, "だめ", "")),
            [*lines((one, "振込済", "")), (9, {"受付番号": "AAAA-AAAA-A", "結果": "振込済", "理由": ""})],
        ):
            with pytest.raises(NotPossible, match="行目"):
                results.apply(batch.pk, wrong, actor=cast.officer)
        assert set(batch.rows.values_list("state", flat=True)) == {RowState.LISTED}
        assert results.apply(batch.pk, lines((one, "", ""), (two, "振込済", "")), actor=cast.officer) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
def test_a_file_of_results_is_read_as_excel_writes_it(encoding: str) -> None:
    content = '受付番号,結果,理由\r\nA3C4-D6E7-F,組戻,"口座なし、\r\n連絡済み"\r\n'.encode(encoding)
    assert results.read(content) == [(3, {"受付番号": "A3C4-D6E7-F", "結果": "組戻", "理由": "口座なし、 連絡済み"})]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81", b"a,b\r\n1,2\r\n", b"x" * 6_000_000])
def test_what_is_no_table_of_results_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(results.Unreadable, match="。"):
        results.read(content)


def test_another_departments_account_is_not_used(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    with pytest.raises(NotPossible, match="この所管課のもの"):
        lifecycle.make(
            name="x",
            department=cast.waste,
            scheme="smile-gift-2026",
            source=source,
            pay_on=bank_day(),
            actor=make_staff("waste"),
        )


def test_a_day_that_has_passed_is_not_approved(cast: Cast, form: FormPage, source: Source) -> None:
    approved(form)
    batch = make_batch(source, cast.officer)
    lifecycle.freeze(batch.pk, actor=cast.officer)
    with (
        time_machine.travel(timezone.now() + timedelta(days=30), tick=False),
        pytest.raises(NotPossible, match="振込指定日"),
    ):
        lifecycle.approve(batch.pk, actor=cast.approver, digest=fresh(batch).digest)


def test_the_form_of_the_sample_city_pays_out(cast: Cast) -> None:
    """Its own file: with a choice whose label and code differ."""
    data = json.loads((ROOT / "demo" / "forms" / "smile-gift.json").read_text(encoding="utf-8"))
    form = load_form(data, cast.children)
    wanted = current_version(form).engine.definition.requires["payout"]
    assert wanted["apart"] is not None and len(wanted["person"]) == 2
    engine = current_version(form).engine
    for code, is_apart in (("koukin", True), ("shitei", False)):
        state = engine.state({"houhou": code}, timezone.localdate())
        assert evaluate(from_json(wanted["apart"]), state.scope, today=timezone.localdate()) is is_apart
