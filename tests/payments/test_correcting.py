"""A correction that changes what the fee depends on: told before it is sent, claimed or given back afterwards."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from applications.models import Application
from applications.status import Status
from dialogue import corrections
from dialogue.models import Correction
from formbuilder.models import FormPage
from payments import claiming
from payments.correcting import corrected
from payments.paying import look, start
from payments.pricing import Line
from tests.applications.residents import text_of
from tests.followup import following
from tests.payments.scene import (
    DUE,
    InMemory,
    apply_for,
    fee_of,
    kinds_of,
    make_fee_form,
    refresh,
    refunds_of,
    standing,
    work,
)
from tests.support.cast import Cast, answers_by_key, key_of

CHECK = "/status/correction/check/"


@pytest.fixture
def paid(form: FormPage, bank: InMemory) -> Application:
    application = apply_for(form)
    payment = start(application.pk)
    bank.pay(payment.ref or "")
    look(payment)
    work()
    return refresh(application)


def returned(cast: Cast, application: Application) -> Correction:
    names = ("通数", "受取方法", "減免を受ける", "氏名")
    return corrections.return_for_correction(
        application.pk,
        actor=cast.officer,
        revision=application.revision,
        reason="通数を確かめてください。",
        keys=[key_of(name) for name in names],
    )


def mend(cast: Cast, application: Application, *, is_late: bool = False, **answers: Any) -> None:
    """is_late: nobody hears of it yet."""
    correction = returned(cast, refresh(application))
    taken = answers_by_key(application.version, answers)
    mending = corrections.stage(correction.pk, taken=taken, unfinished={})
    corrections.resubmit(correction.pk, revision=mending.correction.revision)
    if not is_late:
        work()


def test_more_costs_more_and_is_asked_for(cast: Cast, paid: Application) -> None:
    before = len(mail.outbox)
    mend(cast, paid, 通数="3")
    fee = fee_of(paid)
    assert (fee.total, fee.inputs["通数"], standing(paid).due) == (DUE + 300, "3", 300)
    told = paid.events.get(kind="fee_changed")
    assert "1,010円から1,310円" in told.data["sentence"] and told.data["reason"] == "申請の内容が修正されたため"
    assert any("300円" in str(letter.body) for letter in mail.outbox[before:])
    assert refresh(paid).status == Status.SUBMITTED and not refunds_of(paid)


def test_less_goes_back(cast: Cast, paid: Application, bank: InMemory) -> None:
    mend(cast, paid, 通数="1")
    assert fee_of(paid).total == bank.kept == DUE - 300
    assert [refund.amount for refund in refunds_of(paid)] == [300] and standing(paid).due == 0


def test_an_exemption_that_is_claimed_now_gives_all_back(cast: Cast, paid: Application, bank: InMemory) -> None:
    mend(cast, paid, 減免を受ける=True)
    assert (fee_of(paid).total, fee_of(paid).exemption, bank.kept) == (0, "手数料条例第5条による減免", 0)


def test_what_costs_nothing_else_changes_no_fee(cast: Cast, paid: Application) -> None:
    mend(cast, paid, 氏名={"family": "見本", "given": "桃子"})
    assert fee_of(paid).total == DUE and "fee_changed" not in kinds_of(paid) and not fee_of(paid).changes.exists()


def test_hearing_of_it_twice_changes_it_once(cast: Cast, paid: Application, bank: InMemory) -> None:
    mend(cast, paid, 通数="1")
    for _ in range(2):
        corrected(paid.pk)
    work()
    assert kinds_of(paid).count("fee_changed") == 1 and bank.kept == DUE - 300


@pytest.mark.parametrize(("count", "total"), [("3", DUE + 300), ("1", DUE - 300)])
def test_what_is_heard_of_only_after_the_next_correction_is_not_lost(
    cast: Cast, paid: Application, bank: InMemory, count: str, total: int
) -> None:
    mend(cast, paid, is_late=True, 通数=count)
    mend(cast, paid, 氏名={"family": "見本", "given": "桃子"})  # changes no fee itself
    assert (fee_of(paid).total, bank.kept) == (total, min(total, DUE))
    assert kinds_of(paid).count("fee_changed") == 1 and "fee_to_check" not in kinds_of(paid)


def test_two_changes_that_are_heard_of_late_are_claimed_once(cast: Cast, paid: Application) -> None:
    mend(cast, paid, is_late=True, 通数="3")
    mend(cast, paid, is_late=True, 通数="5")
    mend(cast, paid, 氏名={"family": "見本", "given": "桃子"})
    assert (fee_of(paid).total, standing(paid).due) == (DUE + 900, 900)
    assert kinds_of(paid).count("fee_changed") == 1


def test_two_changes_that_cancel_out_change_nothing(cast: Cast, paid: Application) -> None:
    mend(cast, paid, is_late=True, 通数="3")
    mend(cast, paid, 通数="2")
    assert fee_of(paid).total == DUE and not {"fee_changed", "fee_to_check"} & set(kinds_of(paid))


def test_staff_who_set_the_amount_are_told_of_what_is_heard_late_once(cast: Cast, paid: Application) -> None:
    claiming.change(paid.pk, (Line("特別", 500, 1),), actor=cast.officer, reason="条例による")
    work()
    mend(cast, paid, is_late=True, 通数="5")
    mend(cast, paid, 氏名={"family": "見本", "given": "桃子"})
    mend(cast, paid, 氏名={"family": "見本", "given": "桃"})  # the next asks for no second look
    assert fee_of(paid).total == 500
    (told,) = paid.events.filter(kind="fee_to_check")
    assert "1,010円から1,910円" in told.data["sentence"]


def test_an_old_amount_that_staff_went_back_to_stays(cast: Cast, paid: Application) -> None:
    lines = tuple(Line(row["label"], row["price"], row["quantity"]) for row in fee_of(paid).lines)
    mend(cast, paid, 通数="3")
    claiming.change(paid.pk, lines, actor=cast.officer, reason="条例による")
    work()
    mend(cast, paid, 氏名={"family": "見本", "given": "桃子"})
    assert fee_of(paid).total == DUE and kinds_of(paid).count("fee_changed") == 2


def test_an_amount_that_staff_had_set_stays_and_they_are_told(cast: Cast, paid: Application, bank: InMemory) -> None:
    claiming.change(paid.pk, (Line("特別", 500, 1),), actor=cast.officer, reason="条例による")
    work()
    mend(cast, paid, 通数="5")
    corrected(paid.pk)
    assert fee_of(paid).total == bank.kept == 500
    (told,) = paid.events.filter(kind="fee_to_check")
    assert "1,010円から1,910円" in told.data["sentence"] and "確かめてください" in told.data["sentence"]


def test_after_the_review_nothing_is_asked_before_the_decision(cast: Cast, bank: InMemory) -> None:
    application = apply_for(make_fee_form(cast.children, code="ato", moment="completion"))
    mend(cast, application, 通数="3")
    assert fee_of(application).total == DUE + 300 and "payment_asked" not in kinds_of(application)


def test_the_resident_reads_both_amounts_before_sending(cast: Cast, paid: Application, client: Client) -> None:
    correction = returned(cast, paid)
    following.enter(client, paid)
    for count, told in (("3", "足りない分"), ("1", "お返しします")):
        corrections.stage(correction.pk, taken=answers_by_key(paid.version, {"通数": count}), unfinished={})
        page = text_of(client.get(CHECK))
        assert "1,010円" in page and f"{410 + 300 * int(count):,}円" in page and told in page
    corrections.stage(correction.pk, taken=answers_by_key(paid.version, {"通数": "2"}), unfinished={})
    assert "手数料は" not in text_of(client.get(CHECK))
    assert fee_of(paid).total == DUE


def test_where_staff_set_the_amount_the_resident_is_told_that_they_will(
    cast: Cast, paid: Application, client: Client
) -> None:
    claiming.change(paid.pk, (Line("特別", 500, 1),), actor=cast.officer, reason="条例による")
    work()
    correction = returned(cast, refresh(paid))
    following.enter(client, paid)
    corrections.stage(correction.pk, taken=answers_by_key(paid.version, {"通数": "3"}), unfinished={})
    assert "担当の課が確かめて" in text_of(client.get(CHECK))
