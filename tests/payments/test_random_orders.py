"""A thousand orders in which things may happen to a payment, and what must be true after each of them.

The bank is the stand-in, asked through the official library, and its book is the truth about money. Whatever is told
twice, late, out of order or never: nobody is charged twice, nothing arrives unpaid, and no money is paid and lost.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import connections, transaction
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from applications import outbox, subscribers
from applications.lifecycle import NotAllowed, lock, move
from applications.models import Application, Delivery, DeliveryState, new_public_id
from applications.status import Action, Status
from payments import claiming, inbox, jobs
from payments.fees import balance_of, fee_of
from payments.lifecycle import retry_refund
from payments.models import Fee, InboxEvent, Payment, Refund, Told
from payments.paying import NothingDue, look_at_all, start
from payments.providers import Rejected, Unreachable
from payments.standin import attempts, refunds, sessions
from payments.standin.book import Thing
from payments.standin.intents import Over, voucher_of
from payments.standin.refused import Refused
from payments.standin.standin import Failure, StandIn
from payments.status import RefundState
from payments.views.webhook import stripe_webhook
from staff.models import User
from tests.payments.scene import ANSWERS, make_fee_form, refresh
from tests.support.cast import make_cast, submit

ORDERS = 1000
BATCHES = 4
LENGTH = (2, 5)  # steps of an order
AT_ONCE = 0.06  # of the steps are two or three at the same time
# after the money was sent: nobody asks any more, so this is told by an event alone, and Stripe repeats it for days
LATE = "refund.failed"
GOOD, DECLINED, SECURED = "4242424242424242", "4000000000000002", "4000002500003155"
PERSON = {"email": "hanako@example.jp", "name": "見本花子", "phone": "0251234567"}


@dataclass
class Order:
    """One application and what happens to its payment. waiting: events that were not brought yet."""

    application: Application
    stripe: StandIn
    chance: random.Random
    officer: User
    waiting: list[Thing] = field(default_factory=list)
    has_arrived: bool = False

    # --- the resident

    def opens_the_page(self) -> None:
        """Also who has a voucher already, and then may pay by both."""
        self.comes_back()
        with suppress(NothingDue, Unreachable, Rejected):
            start(self.application.pk)

    def pays_by_card(self) -> None:
        number = self.chance.choice([GOOD, GOOD, GOOD, DECLINED, SECURED])
        with self.stripe.lock, suppress(Over):
            session = self._page()
            attempts.pay_by_card(self.stripe.book, session, attempts.CARDS[number], PERSON)
            if number == SECURED:
                attempts.answer_bank(self.stripe.book, session, is_confirmed=self.chance.random() < 0.7)

    def takes_a_voucher(self) -> None:
        with self.stripe.lock, suppress(Over):
            attempts.take_voucher(self.stripe.book, self._page(), PERSON)

    def pays_at_the_shop(self) -> None:
        with self.stripe.lock, suppress(Over):
            attempts.pay_voucher(self.stripe.book, self._page("voucher"))

    def forgets_the_voucher(self) -> None:
        with self.stripe.lock, suppress(Over):
            attempts.let_voucher_expire(self.stripe.book, self._page("voucher"))

    def comes_back(self) -> None:
        if fee := fee_of(self.application):
            with suppress(Unreachable, Rejected):
                look_at_all(fee)

    def gives_up(self) -> None:
        with suppress(NotAllowed), transaction.atomic():
            if lock(self.application.pk).status in (Status.PENDING, Status.SUBMITTED):
                move(self.application.pk, Action.WITHDRAW)

    # --- Stripe

    def brings_an_event(self) -> None:
        """Any of those that wait; twice, once, or never."""
        with suppress(IndexError):
            event = self.waiting.pop(self.chance.randrange(len(self.waiting) or 1))
            for _ in range(self.chance.choice([1, 2] if event["type"] == LATE else [0, 1, 1, 2])):
                self._bring(event)

    def closes_a_page(self) -> None:
        with self.stripe.lock, suppress(Over, Refused):
            sessions.expire(self.stripe.book, {}, self._page()["id"])

    def fails(self) -> None:
        ways = [(Failure.LOST, 1), (Failure.LOST, 4), (Failure.DOWN, 1), (Failure.DOWN, 4), (Failure.BUSY, 2)]
        self.stripe.fail(*self.chance.choice(ways))

    def refunds_by_hand(self) -> None:
        """Staff did it on Stripe's own pages, while nothing else goes back; and the program hears of it."""
        unsettled = (RefundState.REQUESTED, RefundState.PENDING, RefundState.FAILED)
        if Refund.objects.filter(state__in=unsettled).exists():
            return
        self.stripe.failures = 0
        with self.stripe.lock, suppress(Refused):
            charge = next(charge for charge in self.stripe.book.newest("charge") if charge["paid"])
            refunds.create(self.stripe.book, {"charge": charge["id"], "amount": 110})
        self._bring(self.waiting.pop())
        inbox.process_due()

    def cannot_refund(self) -> None:
        with self.stripe.lock:
            for refund in self.stripe.book.newest("refund"):
                if refund["status"] not in refunds.ENDED:
                    refunds.settle(self.stripe.book, refund, "failed")

    # --- the office

    def works(self) -> None:
        self.chance.choice([inbox.process_due, jobs.send_refunds, outbox.deliver_due])()

    def claims_less(self) -> None:
        if fee_of(self.application):
            with suppress(claiming.TooMuch):
                claiming.give_back(self.application.pk, 300, actor=self.officer, reason="1通に減ったため")

    def waits_no_longer(self) -> None:
        Fee.objects.filter(application=self.application).update(due_by=timezone.now() - timedelta(days=1))
        jobs.expire_unpaid()

    # --- helpers

    def _pages(self, what: str = "open") -> list[Thing]:
        """Every page that somebody may still have in a tab; with "voucher" those whose voucher can be paid."""
        sessions = list(self.stripe.book.newest("checkout.session"))
        if what == "voucher":
            return [session for session in sessions if voucher_of(self.stripe.book, session)]
        return [session for session in sessions if session["status"] == what]

    def _page(self, what: str = "open") -> Thing:
        """Raises Over when somebody else was faster."""
        if pages := self._pages(what):
            return self.chance.choice(pages)
        raise Over

    def _possible(self) -> dict[Callable[["Order"], None], int]:
        """Steps that can do something now, with their weights."""
        book = self.stripe.book
        missing: dict[Callable[[Order], None], bool] = {
            Order.pays_by_card: not self._pages(),
            Order.takes_a_voucher: not self._pages(),
            Order.closes_a_page: not self._pages(),
            Order.pays_at_the_shop: not self._pages("voucher"),
            Order.forgets_the_voucher: not self._pages("voucher"),
            Order.brings_an_event: not self.waiting,
            Order.refunds_by_hand: not self.taken,
            Order.cannot_refund: not book.things["refund"],
            Order.claims_less: not self.taken,
        }
        return {step: weight for step, weight in STEPS.items() if not missing.get(step)}

    def _bring(self, event: Thing) -> None:
        body, headers = self.stripe.courier.signed(event)
        request = RequestFactory().post(
            "/payments/stripe/webhook/",
            body,
            content_type="application/json",
            HTTP_STRIPE_SIGNATURE=headers["Stripe-Signature"],
        )
        assert stripe_webhook(request).status_code == 200

    def _now(self) -> tuple[str, datetime | None]:
        return Application.objects.values_list("status", "received_at").get(pk=self.application.pk)

    @property
    def taken(self) -> int:
        return sum(charge["amount"] for charge in self.stripe.book.newest("charge") if charge["paid"])

    @property
    def kept(self) -> int:
        return self.taken - sum(charge["amount_refunded"] for charge in self.stripe.book.newest("charge"))

    # --- how it goes

    def run(self, pool: ThreadPoolExecutor) -> None:
        self.opens_the_page()
        for _ in range(self.chance.randint(*LENGTH)):
            count = self.chance.choice([2, 3]) if self.chance.random() < AT_ONCE else 1
            possible = self._possible()
            steps = self.chance.choices(list(possible), list(possible.values()), k=count)
            if count == 1 or Order.refunds_by_hand in steps:
                steps[0](self)
            else:
                for one in [pool.submit(self._alone, step) for step in steps]:
                    one.result()
            self._nothing_arrived_unpaid()
        self._comes_to_rest()
        self._all_the_money_is_where_it_belongs()

    def _alone(self, step: Callable[["Order"], None]) -> None:
        try:
            step(self)
        finally:
            connections.close_all()

    def _nothing_arrived_unpaid(self) -> None:
        if self.has_arrived or self._now()[1] is None:
            return
        self.has_arrived = True
        assert self.taken >= Fee.objects.get(application=self.application).total

    def _comes_to_rest(self) -> None:
        """Pages and vouchers end; of the events that are left some are lost; then everybody does what is due."""
        self.stripe.failures = 0
        with self.stripe.lock:
            for session in list(self.stripe.book.newest("checkout.session")):
                with suppress(Refused):
                    sessions.expire(self.stripe.book, {}, session["id"])
                with suppress(Over):
                    attempts.let_voucher_expire(self.stripe.book, session)
        for event in self.waiting:
            if event["type"] == LATE or self.chance.random() < 0.3:
                self._bring(event)
        now = timezone.now()
        Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=now)
        InboxEvent.objects.filter(state=Told.WAITING).update(due_at=now)
        Payment.objects.exclude(look_at=None).update(look_at=now)
        for _ in range(20):
            if not any(busy := self._everybody_works()):
                return
        raise AssertionError(f"it never comes to rest: {busy}")

    def _everybody_works(self) -> list[int]:
        for refund in self.stripe.book.having("refund", status="requires_action"):
            refunds.settle(self.stripe.book, refund, "succeeded")
        failed = Refund.objects.filter(state=RefundState.FAILED).values_list("pk", flat=True)
        for pk in failed:
            retry_refund(pk, actor=self.officer)
        Refund.objects.exclude(due_at=None).update(due_at=timezone.now())
        return [
            len(failed),
            *(work() for work in (outbox.deliver_due, inbox.process_due, jobs.send_refunds, jobs.look_due)),
        ]

    def _all_the_money_is_where_it_belongs(self) -> None:
        (status, received_at), fee = self._now(), fee_of(self.application)
        if fee is None:
            assert not self.kept
            return
        balance = balance_of(fee)
        assert balance.net == self.kept  # nothing is paid and lost
        assert self.kept <= fee.total  # nor charged twice
        if status == Status.PENDING:
            assert balance.due  # who has paid has arrived
        elif received_at is None:
            assert not self.kept  # who never arrives has the money back
        elif status == Status.SUBMITTED:
            assert self.kept == fee.total


STEPS: dict[Callable[[Order], None], int] = {
    Order.opens_the_page: 5,
    Order.pays_by_card: 8,
    Order.takes_a_voucher: 4,
    Order.pays_at_the_shop: 5,
    Order.forgets_the_voucher: 1,
    Order.comes_back: 2,
    Order.gives_up: 1,
    Order.brings_an_event: 5,
    Order.closes_a_page: 1,
    Order.fails: 1,
    Order.refunds_by_hand: 2,
    Order.cannot_refund: 3,
    Order.works: 4,
    Order.claims_less: 2,
    Order.waits_no_longer: 1,
}


@pytest.fixture
def payments_alone(settings: Settings) -> Iterator[None]:
    """Of the subscribers only the one that this is about: mails and the like are much work and say nothing here."""
    settings.APPLICATION_SUBSCRIBERS = [
        path for path in settings.APPLICATION_SUBSCRIBERS if path.startswith("payments.sub")
    ]
    subscribers.subscribers.cache_clear()
    yield
    subscribers.subscribers.cache_clear()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_whatever_happens_in_whatever_order_no_money_goes_astray(
    batch: int, transactional_db: None, stripe: StandIn, payments_alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stripe.HTTPClient._sleep_time_seconds", lambda *_, **__: 0)
    cast = make_cast()
    declared = submit(make_fee_form(cast.children), ANSWERS)
    Delivery.objects.all().delete()
    with ThreadPoolExecutor(3) as pool:
        for number in range(batch * ORDERS // BATCHES, (batch + 1) * ORDERS // BATCHES):
            declared.pk, declared.public_id = None, new_public_id()
            declared.save(force_insert=True)
            InboxEvent.objects.all().delete()
            for things in stripe.book.things.values():
                things.clear()
            order = Order(refresh(declared), stripe, random.Random(number), cast.officer)
            stripe.book.listeners[:] = [order.waiting.append]
            try:
                order.run(pool)
            except BaseException as problem:
                problem.add_note(f"order {number}")
                raise
