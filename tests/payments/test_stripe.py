"""Through the official library against the stand-in: pages, vouchers, refunds, disputes, and signed events."""

import random
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from stripe import WebhookSignature

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from payments import claiming, events, inbox
from payments.fees import fee_of
from payments.links import path_of
from payments.models import InboxEvent, Payment, Told
from payments.paying import start
from payments.providers import Unreachable
from payments.standin import attempts, refunds
from payments.standin.book import Thing
from payments.standin.standin import Failure, StandIn
from payments.status import RefundState, State
from tests.payments.scene import DUE, apply_for, kinds_of, payments_of, refresh, refunds_of, standing, work
from tests.support.cast import Cast

PERSON = {"email": "hanako@example.jp", "name": "見本花子", "phone": "0251234567", "country": "JP"}
GOOD, DECLINED = "4242424242424242", "4000000000000002"


@pytest.fixture
def hanako(form: FormPage, stripe: StandIn) -> Application:
    return apply_for(form)


def session_of(stripe: StandIn, payment: Payment) -> Thing:
    return stripe.book.find("checkout.session", payment.ref or "")


def pay(stripe: StandIn, application: Application, number: str = GOOD) -> Payment:
    payment = start(application.pk)
    attempts.pay_by_card(stripe.book, session_of(stripe, payment), attempts.CARDS[number], PERSON)
    return payment


def told(stripe: StandIn) -> list[Thing]:
    return [delivery.event for delivery in stripe.courier.deliveries]


def bring(stripe: StandIn, event: Thing, **changed: Any) -> Any:
    body, headers = stripe.courier.signed(event)
    sent = {"HTTP_STRIPE_SIGNATURE": headers["Stripe-Signature"], **changed}
    return Client().post("/payments/stripe/webhook/", body, content_type="application/json", **sent)


def bring_all(stripe: StandIn, *, mixed: bool = False) -> None:
    known = told(stripe)
    if mixed:
        known = random.Random(7).sample(known, len(known)) * 2
    for event in known:
        assert bring(stripe, event).status_code == 200


@pytest.mark.parametrize("mixed", [False, True], ids=["in order", "mixed, each twice"])
def test_a_card_is_declared_by_events_alone(stripe: StandIn, hanako: Application, mixed: bool) -> None:
    pay(stripe, hanako, DECLINED)
    pay(stripe, hanako)
    bring_all(stripe, mixed=mixed)
    assert refresh(hanako).status == Status.PENDING  # kept, and answered at once
    work()
    paid = payments_of(hanako)[0]
    assert refresh(hanako).status == Status.SUBMITTED
    assert (paid.state, paid.method, paid.amount) == (State.SUCCEEDED, "card", DUE)
    assert paid.intent and paid.paid_at
    assert kinds_of(hanako).count(events.PAID) == 1
    assert set(InboxEvent.objects.values_list("state", flat=True)) <= {Told.DONE, Told.UNKNOWN}
    assert InboxEvent.objects.count() == len(told(stripe))


def test_the_way_back_needs_no_event(stripe: StandIn, hanako: Application) -> None:
    opened = Client().post(path_of(hanako))
    assert opened.status_code == 302 and opened.headers["Location"].startswith(stripe.book.origin)
    page = Client().get(path_of(hanako))
    assert stripe.book.origin in page.headers["Content-Security-Policy"]  # a button may lead there
    pay(stripe, hanako)
    back = Client().get(f"{path_of(hanako)}return/")
    assert back.status_code == 302 and refresh(hanako).status == Status.SUBMITTED


def test_a_voucher_lasts_as_long_as_the_deadline_and_its_refund_needs_an_account(
    stripe: StandIn, hanako: Application, cast: Cast
) -> None:
    payment = start(hanako.pk)
    attempts.take_voucher(stripe.book, session_of(stripe, payment), PERSON)
    bring_all(stripe)
    work()
    waiting = payments_of(hanako)[0]
    fee = fee_of(hanako)
    assert waiting.state == State.WAITING and fee is not None and waiting.voucher_until == fee.due_by
    attempts.pay_voucher(stripe.book, session_of(stripe, payment))
    bring_all(stripe)
    work()
    assert payments_of(hanako)[0].method == "konbini" and refresh(hanako).status == Status.SUBMITTED
    claiming.give_back(hanako.pk, 300, actor=cast.officer, reason="1通に減ったため")
    work()
    assert refunds_of(hanako)[0].state == RefundState.PENDING
    refunds.settle(stripe.book, next(stripe.book.newest("refund")), "succeeded")
    bring_all(stripe)
    work()
    assert refunds_of(hanako)[0].state == RefundState.SUCCEEDED and standing(hanako).net == DUE - 300


def test_a_voucher_that_nobody_paid_is_over(stripe: StandIn, hanako: Application) -> None:
    payment = start(hanako.pk)
    attempts.take_voucher(stripe.book, session_of(stripe, payment), PERSON)
    attempts.let_voucher_expire(stripe.book, session_of(stripe, payment))
    bring_all(stripe)
    work()
    assert payments_of(hanako)[0].state == State.FAILED and refresh(hanako).status == Status.PENDING


def test_an_answer_that_got_lost_makes_no_second_page(stripe: StandIn, hanako: Application) -> None:
    stripe.fail(Failure.LOST, 1)
    assert start(hanako.pk).state == State.OPEN
    assert len(stripe.book.things["checkout.session"]) == 1


def test_stripe_down_is_said_and_tried_again(
    stripe: StandIn, hanako: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.HTTPClient._sleep_time_seconds", lambda *_, **__: 0)
    stripe.fail(Failure.DOWN, 3)
    with pytest.raises(Unreachable):
        start(hanako.pk)
    assert start(hanako.pk).state == State.OPEN


def test_what_was_refunded_on_stripes_own_pages_is_not_claimed_again(stripe: StandIn, hanako: Application) -> None:
    pay(stripe, hanako)
    bring_all(stripe)
    work()
    refunds.create(stripe.book, {"payment_intent": payments_of(hanako)[0].intent, "amount": 410})
    bring_all(stripe)
    work()
    assert (standing(hanako).total, standing(hanako).net, standing(hanako).due) == (DUE - 410, DUE - 410, 0)
    assert [refund.state for refund in refunds_of(hanako)] == [RefundState.SUCCEEDED]


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the end first"])
@pytest.mark.parametrize(("verdict", "state"), [("won", State.WON), ("lost", State.LOST)])
def test_a_dispute_is_followed_to_its_end(
    stripe: StandIn, hanako: Application, verdict: str, state: State, turned: bool
) -> None:
    pay(stripe, hanako)
    refunds.dispute(stripe.book, next(stripe.book.newest("charge")))
    refunds.close(stripe.book, next(stripe.book.newest("dispute")), verdict)
    for event in reversed(told(stripe)) if turned else told(stripe):
        bring(stripe, event)
        work()
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):  # what was nobody's yet is looked into again
        work()
    assert payments_of(hanako)[0].state == state
    assert standing(hanako).due == (0 if state == State.WON else DUE)


def test_nothing_is_taken_that_stripe_has_not_signed(stripe: StandIn, hanako: Application) -> None:
    pay(stripe, hanako)
    event = told(stripe)[0]
    body = stripe.courier.signed(event)[0].decode()
    old = WebhookSignature.generate_signature_header(body, stripe.secret, int(timezone.now().timestamp()) - 3600)
    other = WebhookSignature.generate_signature_header(body, "whsec_of_another")
    for signature in (old, other, "", "t=1,v1=zz", "あ"):
        assert bring(stripe, event, HTTP_STRIPE_SIGNATURE=signature).status_code == 400
    assert Client().get("/payments/stripe/webhook/").status_code == 405
    assert not InboxEvent.objects.exists()


def test_without_a_secret_nothing_is_taken(stripe: StandIn, hanako: Application, settings: Any) -> None:
    pay(stripe, hanako)
    settings.STRIPE = {**settings.STRIPE, "webhook_secret": ""}
    stripe.courier.secret = ""
    assert bring(stripe, told(stripe)[0]).status_code == 400


def test_events_that_mean_nothing_to_us_are_kept_and_let_be(
    stripe: StandIn, hanako: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = {"id": "cs_of_another_shop", "object": "checkout.session", "metadata": {}}
    assert bring(stripe, stripe.book.tell("checkout.session.completed", session)).status_code == 200
    assert bring(stripe, stripe.book.tell("customer.created", {"id": "cus_1", "object": "customer"})).status_code == 200
    monkeypatch.setattr(inbox, "BACKOFF", [])
    work()
    assert set(InboxEvent.objects.values_list("state", flat=True)) == {Told.UNKNOWN}
