"""The stand-in for Stripe keeps its word where the rest relies on it: the bank's page, and events brought again."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from payments.links import path_of
from payments.models import Payment
from payments.paying import start
from payments.standin.book import Thing
from payments.standin.courier import Courier, Delivery
from payments.standin.courier import State as Brought
from payments.standin.standin import StandIn
from payments.status import State
from tests.payments.scene import apply_for, payments_of, refresh
from tests.support.server import eventually
from tests.support.webhook import Webhook

SECURED = {"with": "4000002500003155", "email": "hanako@example.jp", "name": "見本花子", "phone": "0251234567"}


@pytest.fixture
def hanako(form: FormPage, stripe: StandIn) -> Application:
    return apply_for(form)


# --- 3-D Secure


def at_the_bank(payment: Payment) -> str:
    """Types the card in; the address of the bank's page."""
    assert payment.page_url
    answer = requests.post(payment.page_url, data=SECURED, allow_redirects=False, timeout=5)
    assert answer.status_code == 303 and "/c/bank/" in answer.headers["Location"]
    return answer.headers["Location"]


def answers(bank: str, action: str) -> str:
    assert "本人認証" in requests.get(bank, timeout=5).text
    answer = requests.post(bank, data={"action": action}, allow_redirects=False, timeout=5)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_who_confirms_on_the_banks_page_has_paid(hanako: Application) -> None:
    bank = at_the_bank(start(hanako.pk))
    Client().get(f"{path_of(hanako)}return/")
    assert refresh(hanako).status == Status.PENDING  # nothing is paid while the bank is asking
    back = urlsplit(answers(bank, "confirm"))
    assert Client().get(f"{back.path}?{back.query}").status_code == 302
    assert refresh(hanako).status == Status.SUBMITTED
    assert [payment.state for payment in payments_of(hanako)] == [State.SUCCEEDED]


def test_who_does_not_confirm_may_use_another_card_on_the_same_page(hanako: Application) -> None:
    payment = start(hanako.pk)
    page = answers(at_the_bank(payment), "fail")
    assert page == payment.page_url and "本人認証ができませんでした" in requests.get(page, timeout=5).text
    Client().get(f"{path_of(hanako)}return/")
    assert refresh(hanako).status == Status.PENDING
    other = {**SECURED, "with": "4242424242424242"}
    assert requests.post(page, data=other, allow_redirects=False, timeout=5).status_code == 303
    Client().get(f"{path_of(hanako)}return/")
    assert refresh(hanako).status == Status.SUBMITTED


# --- events


@pytest.fixture
def webhooks() -> Iterator[list[Webhook]]:
    made: list[Webhook] = []
    yield made
    for webhook in made:
        webhook.stop()


def bring(webhooks: list[Webhook], *statuses: int, waits: tuple[float, ...] = (0.0, 0.0)) -> Courier:
    webhooks.append(Webhook(*statuses))
    courier = Courier(webhooks[-1].url, "whsec_mihon", waits)
    courier.start()
    return courier


def event(number: int = 1) -> Thing:
    return {"id": f"evt_{number}", "pending_webhooks": 1}


def settled(courier: Courier) -> list[Delivery]:
    eventually(lambda: all(delivery.state not in (Brought.WAITING, Brought.KEPT) for delivery in courier.deliveries))
    courier.stop()
    return courier.deliveries


def test_an_event_is_brought_again_until_it_is_taken(webhooks: list[Webhook]) -> None:
    courier = bring(webhooks, 500, 503)
    courier.take(event())
    assert [(one.state, one.answers) for one in settled(courier)] == [(Brought.DELIVERED, [500, 503, 200])]
    assert len(set(webhooks[0].brought)) == 1  # the same event, not another one


def test_an_event_is_given_up_after_the_last_try(webhooks: list[Webhook]) -> None:
    courier = bring(webhooks, 500, 500, 500, 500)
    courier.take(event())
    assert [(one.state, one.answers) for one in settled(courier)] == [(Brought.GIVEN_UP, [500, 500, 500])]


def test_events_can_be_kept_and_brought_in_another_order_and_twice(webhooks: list[Webhook]) -> None:
    courier = bring(webhooks)
    courier.mode = Brought.KEPT
    for number in (1, 2, 3):
        courier.take(event(number))
    assert webhooks[0].brought == []
    courier.drop(courier.deliveries[1])
    courier.release(list.reverse)
    eventually(lambda: len(webhooks[0].brought) == 2)
    eventually(lambda: courier.deliveries[0].state == Brought.DELIVERED)
    courier.send(courier.deliveries[0])
    eventually(lambda: len(webhooks[0].brought) == 3)
    settled(courier)
    assert sum(b"evt_1" in body for body in webhooks[0].brought) == 2
    assert not any(b"evt_2" in body for body in webhooks[0].brought)
