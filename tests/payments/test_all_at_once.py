"""Return page, webhook, worker and clerks in the same moment: charged once, marked once, sent back once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from payments import claiming, events, inbox, jobs
from payments.links import path_of
from payments.models import InboxEvent, Payment
from payments.paying import NothingDue, look, start, take_cash
from payments.status import RefundState, State
from tests.payments.scene import (
    DUE,
    InMemory,
    apply_for,
    kinds_of,
    payments_of,
    refresh,
    refunds_of,
    standing,
    work,
)
from tests.reservations.scene import at_once
from tests.support.cast import Cast

MANY = 4


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Everybody has a connection of their own."""


@pytest.fixture
def hanako(form: FormPage, bank: InMemory) -> Application:
    return apply_for(form)


def tell(payment: Payment, number: int) -> None:
    InboxEvent.objects.create(
        event_id=f"evt_{number}",
        kind="checkout.session.completed",
        session=payment.ref or "",
        due_at=timezone.now(),
    )


def test_who_comes_back_while_the_webhook_is_looked_into_has_paid_once(hanako: Application, bank: InMemory) -> None:
    payment = start(hanako.pk)
    bank.pay(payment.ref or "")
    for number in range(MANY):
        tell(payment, number)
    Payment.objects.update(look_at=timezone.now())
    back = partial(Client().get, f"{path_of(hanako)}return/")
    workers: list[Callable[[], Any]] = [inbox.process_due, back, jobs.look_due]
    results = at_once(workers * MANY)
    assert [result for result in results if isinstance(result, Exception)] == []
    work()
    assert refresh(hanako).status == Status.SUBMITTED
    told = kinds_of(hanako)
    assert told.count(events.PAID) == told.count("arrived") == 1
    assert refunds_of(hanako) == [] and standing(hanako).net == DUE == bank.kept


def test_many_taps_open_one_page(hanako: Application, bank: InMemory) -> None:
    results = at_once([partial(start, hanako.pk)] * MANY)
    assert {payment.page_url for payment in results} == {results[0].page_url}
    assert len(bank.pages) == 1 and len(payments_of(hanako)) == 1


def test_two_clerks_mark_it_once(hanako: Application, bank: InMemory, cast: Cast) -> None:
    officer = cast.officer
    acts = [partial(take_cash, hanako.pk, actor=officer, receipt_number=f"R-{number}") for number in range(MANY)]
    results = at_once(acts)
    assert sum(isinstance(result, NothingDue) for result in results) == MANY - 1
    assert standing(hanako).net == DUE and refresh(hanako).status == Status.SUBMITTED


def test_what_was_paid_twice_goes_back_once(hanako: Application, bank: InMemory) -> None:
    bank.take_voucher(start(hanako.pk).ref or "")
    look(payments_of(hanako)[0])
    start(hanako.pk)
    for payment in payments_of(hanako):
        bank.pay(payment.ref or "")
    results = at_once([partial(look, payment) for payment in payments_of(hanako)] * MANY)
    assert [result for result in results if isinstance(result, Exception)] == []
    at_once([jobs.send_refunds] * MANY)
    work()
    assert bank.kept == DUE == standing(hanako).net
    assert [refund.state for refund in refunds_of(hanako)] == [RefundState.SUCCEEDED]


def test_clerks_who_refund_at_once_send_back_no_more_than_there_is(
    hanako: Application, bank: InMemory, cast: Cast
) -> None:
    bank.pay(start(hanako.pk).ref or "")
    look(payments_of(hanako)[0])
    officer = cast.officer
    results = at_once([partial(claiming.give_back, hanako.pk, 600, actor=officer, reason="誤り")] * MANY)
    assert sum(isinstance(result, claiming.TooMuch) for result in results) == MANY - 1
    work()
    assert bank.kept == DUE - 600


def test_cash_and_card_in_the_same_moment_leave_one_of_them(hanako: Application, bank: InMemory, cast: Cast) -> None:
    payment = start(hanako.pk)
    bank.pay(payment.ref or "")
    officer = cast.officer
    at_once([partial(look, payment), partial(take_cash, hanako.pk, actor=officer, receipt_number="R-1")])
    work()
    assert standing(hanako).net == DUE and refresh(hanako).status == Status.SUBMITTED
    assert {payment.state for payment in payments_of(hanako)} == {State.SUCCEEDED}
