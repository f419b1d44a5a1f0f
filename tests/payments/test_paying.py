"""A resident pays: at once, later at a shop, twice, too late, or not at all. Stripe may be away at any point."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.lifecycle import move
from applications.models import Application
from applications.status import Action, Status
from formbuilder.models import FormPage
from payments import events, jobs
from payments.links import path_of
from payments.paying import NothingDue, look, start, take_cash
from payments.providers import Rejected, Unreachable
from payments.status import State
from tests.payments.scene import (
    ANSWERS,
    DUE,
    InMemory,
    apply_for,
    fee_of,
    kinds_of,
    payments_of,
    refresh,
    refunds_of,
    standing,
    work,
)
from tests.support.cast import Cast, submit


@pytest.fixture
def hanako(form: FormPage, bank: InMemory) -> Application:
    return apply_for(form)


def ref_of(application: Application) -> str:
    ref = start(application.pk).ref
    assert ref
    return ref


def test_who_has_declared_waits_for_the_payment_and_arrives_with_it(hanako: Application, bank: InMemory) -> None:
    assert hanako.status == Status.PENDING
    assert (fee_of(hanako).total, fee_of(hanako).inputs) == (
        DUE,
        {"通数": "2", "受取方法": "速達", "減免を受ける": "いいえ"},
    )
    bank.pay(ref_of(hanako))
    assert refresh(hanako).status == Status.PENDING  # nobody has told us yet
    look(payments_of(hanako)[0])
    after = refresh(hanako)
    assert after.status == Status.SUBMITTED and after.reference
    assert standing(hanako).due == 0
    work()
    assert kinds_of(hanako) == ["declared", events.STARTED, events.PAID, "arrived"]


def test_nothing_to_pay_is_no_step(form: FormPage, bank: InMemory) -> None:
    nothing = submit(form, {**ANSWERS, "通数": "0", "受取方法": "窓口"})
    exempt = submit(form, {**ANSWERS, "減免を受ける": True})
    assert nothing.status == exempt.status == Status.SUBMITTED
    work()
    assert fee_of(exempt).exemption == "手数料条例第5条による減免"
    assert bank.begun == 0


def test_a_double_tap_opens_one_page(hanako: Application, bank: InMemory) -> None:
    first, second = start(hanako.pk), start(hanako.pk)
    assert first.pk == second.pk and first.page_url == second.page_url
    assert len(bank.pages) == 1


def test_stripe_away_loses_nothing_and_the_next_try_is_the_same_request(hanako: Application, bank: InMemory) -> None:
    bank.is_down = True
    page = Client().post(path_of(hanako))
    assert page.status_code == 503 and "いまは支払いの画面を開けません" in page.content.decode()
    bank.is_down = False
    page = Client().post(path_of(hanako))
    assert page.status_code == 302 and page.headers["Location"].startswith("https://checkout.stripe.com/")
    assert len(payments_of(hanako)) == 1


def test_what_stripe_refuses_is_asked_anew_the_next_time(hanako: Application, bank: InMemory) -> None:
    bank.refuses = True
    with pytest.raises(Rejected):
        start(hanako.pk)
    bank.refuses = False
    assert start(hanako.pk).state == State.OPEN
    assert [payment.state for payment in payments_of(hanako)] == [State.FAILED, State.OPEN]


def test_coming_back_while_stripe_is_away_says_not_to_pay_again(hanako: Application, bank: InMemory) -> None:
    bank.pay(ref_of(hanako))
    bank.is_down = True
    page = Client().get(f"{path_of(hanako)}return/")
    assert page.status_code == 503 and "もう一度支払わずに" in page.content.decode()
    bank.is_down = False
    assert Client().get(f"{path_of(hanako)}return/").status_code == 302
    assert refresh(hanako).status == Status.SUBMITTED


def test_a_voucher_is_paid_days_later(hanako: Application, bank: InMemory) -> None:
    bank.take_voucher(ref_of(hanako))
    Client().get(f"{path_of(hanako)}return/")
    page = Client().get(path_of(hanako)).content.decode()
    assert "コンビニの払込を待っています" in page and "https://payments.stripe.com/konbini/voucher/test" in page
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        bank.pay(payments_of(hanako)[0].ref or "")
        assert jobs.look_due() == 1  # nothing was told: the worker asks by itself
    assert refresh(hanako).status == Status.SUBMITTED


def test_a_voucher_nobody_paid_can_be_paid_otherwise_as_long_as_there_is_time(
    hanako: Application, bank: InMemory
) -> None:
    bank.take_voucher(ref_of(hanako))
    look(payments_of(hanako)[0])
    bank.lapse(payments_of(hanako)[0].ref or "")
    look(payments_of(hanako)[0])
    assert events.FAILED in kinds_of(hanako)
    bank.pay(ref_of(hanako))
    look(payments_of(hanako)[1])
    assert refresh(hanako).status == Status.SUBMITTED and bank.kept == DUE


def test_who_pays_by_card_and_the_voucher_too_gets_one_of_them_back(hanako: Application, bank: InMemory) -> None:
    bank.take_voucher(ref_of(hanako))
    look(payments_of(hanako)[0])
    bank.pay(ref_of(hanako))
    look(payments_of(hanako)[1])
    bank.pay(payments_of(hanako)[0].ref or "")
    look(payments_of(hanako)[0])
    work()
    assert bank.kept == DUE and standing(hanako).net == DUE
    assert [refund.amount for refund in refunds_of(hanako)] == [DUE]


def test_a_page_that_no_longer_fits_is_closed_before_the_next_opens(hanako: Application, bank: InMemory) -> None:
    old = ref_of(hanako)
    with time_machine.travel(timezone.now() + timedelta(minutes=39)):
        new = ref_of(hanako)
    bank.pay(old)
    assert new != old and bank.kept == 0


def test_a_page_that_was_paid_while_it_was_being_replaced_is_not_paid_again(
    hanako: Application, bank: InMemory
) -> None:
    old = ref_of(hanako)
    bank.pay(old)
    with time_machine.travel(timezone.now() + timedelta(minutes=39)), pytest.raises(NothingDue):
        start(hanako.pk)
    assert refresh(hanako).status == Status.SUBMITTED and bank.kept == DUE


def test_money_for_what_was_taken_back_meanwhile_goes_back(hanako: Application, bank: InMemory) -> None:
    ref = ref_of(hanako)
    bank.pay(ref)
    move(hanako.pk, Action.WITHDRAW)
    look(payments_of(hanako)[0])
    work()
    assert refresh(hanako).status == Status.WITHDRAWN
    assert bank.kept == 0 and standing(hanako).due == 0


def test_taking_back_closes_the_open_page(hanako: Application, bank: InMemory) -> None:
    ref = ref_of(hanako)
    assert Client().post(f"{path_of(hanako)}stop/").status_code == 302
    work()
    bank.pay(ref)
    assert bank.kept == 0 and "この申請は終わっています" in Client().get(path_of(hanako)).content.decode()


def test_who_does_not_pay_in_time_is_asked_once_and_then_let_go(hanako: Application, bank: InMemory) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert jobs.ask_unpaid() == 1 and jobs.ask_unpaid() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        assert jobs.expire_unpaid() == 0
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert jobs.expire_unpaid() == 1
        work()
    assert refresh(hanako).status == Status.EXPIRED
    assert kinds_of(hanako) == ["declared", events.ASKED, events.LAPSED, "expired"]


def test_nothing_is_let_go_while_a_voucher_or_a_page_can_still_be_paid(hanako: Application, bank: InMemory) -> None:
    bank.take_voucher(ref_of(hanako), until=timezone.now() + timedelta(days=8))
    look(payments_of(hanako)[0])
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert jobs.expire_unpaid() == 0
        bank.lapse(payments_of(hanako)[0].ref or "")
        look(payments_of(hanako)[0])
        assert jobs.expire_unpaid() == 1


def test_two_clerks_take_the_cash_once(hanako: Application, cast: Cast, bank: InMemory) -> None:
    take_cash(hanako.pk, actor=cast.officer, receipt_number="R-1")
    with pytest.raises(NothingDue):
        take_cash(hanako.pk, actor=cast.officer, receipt_number="R-2")
    assert refresh(hanako).status == Status.SUBMITTED
    assert [payment.receipt_number for payment in payments_of(hanako)] == ["R-1"]


def test_a_request_that_got_no_answer_is_repeated_with_its_own_key(hanako: Application, bank: InMemory) -> None:
    def lost() -> None:
        bank.after_begin = None
        raise Unreachable("the answer was lost")

    bank.after_begin = lost
    with pytest.raises(Unreachable):
        start(hanako.pk)
    start(hanako.pk)
    assert len(bank.pages) == 1 and bank.begun == 2


def test_a_page_that_nobody_was_shown_is_given_up(hanako: Application, bank: InMemory) -> None:
    bank.is_down = True
    with pytest.raises(Unreachable):
        start(hanako.pk)
    bank.is_down = False
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert jobs.look_due() == 1
    assert [payment.state for payment in payments_of(hanako)] == [State.EXPIRED]
