"""突合: what Stripe has and we have not, and the other way round, is told; the exit status says so."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from payments import claiming
from payments.models import Payment, Refund
from payments.paying import look, start
from payments.standin import attempts, refunds
from payments.standin.standin import Failure, StandIn
from payments.status import RefundState, State
from tests.payments.scene import apply_for, fee_of, payments_of, refunds_of, work
from tests.payments.test_stripe import GOOD, PERSON, session_of
from tests.support.cast import Cast


@pytest.fixture
def paid(form: FormPage, stripe: StandIn) -> Application:
    application = apply_for(form)
    payment = start(application.pk)
    attempts.pay_by_card(stripe.book, session_of(stripe, payment), attempts.CARDS[GOOD], PERSON)
    look(payments_of(application)[0])
    work()
    return application


def differences() -> list[str]:
    """As they are an hour later: what is new is no difference."""
    told = StringIO()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        try:
            call_command("payments_reconcile", stdout=told)
        except SystemExit as left:
            assert left.code == 1
            return told.getvalue().splitlines()
    assert told.getvalue() == "違いはありません。\n"
    return []


def test_where_all_is_well_nothing_is_told(paid: Application, cast: Cast) -> None:
    assert differences() == []
    claiming.give_back(paid.pk, 300, actor=cast.officer, reason="誤り")
    work()
    assert differences() == []


def test_every_difference_is_told(paid: Application, stripe: StandIn, cast: Cast, form: FormPage) -> None:
    claiming.give_back(paid.pk, 300, actor=cast.officer, reason="誤り")
    work()
    refund, payment = refunds_of(paid)[0], payments_of(paid)[0]
    number = fee_of(paid).number

    Payment.objects.update(amount=1, state=State.SUCCEEDED)
    assert any("金額が違います。記録 1円、Stripe 1010円。" in line for line in differences())
    Payment.objects.update(amount=1010, state=State.OPEN)
    assert f"{number}（1010円）: Stripeでは支払い済みですが、記録は「支払い画面を開いています」です。" in differences()
    Payment.objects.update(state=State.SUCCEEDED)

    Refund.objects.update(state=RefundState.PENDING)
    assert f"{number}（1010円）: Stripeでは返金済みですが、記録は「返金の手続中」です。" in differences()
    Refund.objects.update(state=RefundState.SUCCEEDED, amount=299)
    assert any("返金の額が違います。記録 299円、Stripe 300円。" in line for line in differences())
    Refund.objects.update(amount=300)

    refunds.create(stripe.book, {"payment_intent": payment.intent, "amount": 10})
    assert any("10円がStripeで返金されていますが" in line for line in differences())
    look(payment)
    assert differences() == []

    stripe.book.things["refund"].pop(str(refund.ref))
    assert any("記録は返金済みですが" in line for line in differences())
    stripe.book.things["payment_intent"].clear()
    assert any("Stripeにこの支払い" in line for line in differences())


def test_paid_and_lost_is_told(paid: Application) -> None:
    Application.objects.filter(pk=paid.pk).update(status=Status.PENDING, received_at=None, reference=None)
    assert differences() == [f"{fee_of(paid).number}: 納付済みですが、申請が受け付けられていません。"]


def test_held_beyond_the_claim_is_told(paid: Application) -> None:
    fee = fee_of(paid)
    fee.total = 1000
    fee.save()
    assert differences() == [f"{fee.number}: 手数料より10円多く納付されていますが、返金の手続がありません。"]


def test_a_payment_at_stripe_of_which_we_know_nothing_is_told(paid: Application) -> None:
    payment = payments_of(paid)[0]
    Payment.objects.update(intent=None, public_id="a" * 22)
    assert any(f"{payment.intent}: 1010円がStripeで支払われていますが" in line for line in differences())


def test_what_could_not_go_back_is_told_until_it_has(paid: Application, cast: Cast, stripe: StandIn) -> None:
    claiming.give_back(paid.pk, 300, actor=cast.officer, reason="誤り")
    work()
    refunds.settle(stripe.book, next(stripe.book.newest("refund")), "failed")
    assert any("Stripeでは返金できていませんが" in line for line in differences())
    look(payments_of(paid)[0])
    assert any("300円を返金できていません" in line for line in differences())


def test_stripe_away_is_no_difference(paid: Application, stripe: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe.HTTPClient._sleep_time_seconds", lambda *_, **__: 0)
    stripe.fail(Failure.DOWN, 3)
    with pytest.raises(CommandError, match="Stripeに確かめられませんでした"):
        call_command("payments_reconcile")
