"""Everything that asks a provider or is asked of one: begin to pay, look again, close, take cash.

None of it calls out while a row is locked. Two pages that could both be paid may exist for a moment, as when one could
not be closed in time; then what is paid twice goes back by itself (lifecycle.settle).
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock
from payments import events
from payments.counter import Counter
from payments.fees import balance_of, ensure_fee, may_be_paid, online_methods
from payments.lifecycle import PAGE_GRACE, apply
from payments.models import Fee, Payment
from payments.providers import Provider, Rejected, Seen
from payments.requirement import COUNTER
from payments.status import PAYABLE, Action, State
from payments.stripe_provider import NAME as STRIPE
from payments.stripe_provider import Stripe
from staff.models import User

PROVIDERS: dict[str, Provider] = {STRIPE: Stripe(), COUNTER: Counter()}

PAGE_LIFE = timedelta(minutes=40)  # Stripe wants 30 at least, counted from when it hears of it
STILL_FRESH = timedelta(minutes=5)  # a request that got no answer is repeated with its own key so long
STILL_GOOD = timedelta(minutes=2)  # nobody can type a card number in less
TRIES = 3


class NothingDue(Exception):
    """There is nothing to pay, or not yet, or not any more."""


class NotOffered(Exception):
    """It cannot be paid online."""


def start(application_id: int) -> Payment:
    """A page to pay all that is due on, the one that is open already if it still fits.

    Raises NothingDue, NotOffered, Unreachable, Rejected; then the same may be tried again.
    """
    for _ in range(TRIES):
        payment, misfits = _row(application_id)
        closed = [close(each) for each in misfits]
        if any(each.state not in (State.EXPIRED, State.FAILED) for each in closed):
            continue  # one of them has just been paid, or a voucher taken: look at it all again
        if payment.state == State.CREATED:
            payment = _begun(payment)
        return payment
    raise NothingDue


@transaction.atomic
def _row(application_id: int) -> tuple[Payment, list[Payment]]:
    """The row to pay on, and those whose pages no longer fit. A double tap finds one row."""
    application = lock(application_id)
    fee = ensure_fee(application)
    due = balance_of(fee).due if fee else 0
    if fee is None or not due or not may_be_paid(application):
        raise NothingDue
    under_way = fee.payments.filter(provider=STRIPE, state__in=(State.CREATED, State.OPEN)).select_related("fee")
    fitting = [payment for payment in under_way if payment.amount == due and _is_good(payment)]
    misfits = [payment for payment in under_way if payment not in fitting[:1]]
    if fitting:
        return fitting[0], misfits
    if not online_methods(application, fee, due):
        raise NotOffered
    now = timezone.now()
    payment = Payment.objects.create(
        fee=fee, provider=STRIPE, amount=due, created_at=now, expires_at=now + PAGE_LIFE, look_at=now + PAGE_GRACE
    )
    events.tell(application, events.STARTED, due, payment=payment.pk, until=now + PAGE_LIFE + PAGE_GRACE)
    return payment, misfits


def _is_good(payment: Payment) -> bool:
    now = timezone.now()
    if payment.state == State.CREATED:
        return payment.created_at > now - STILL_FRESH
    return bool(payment.page_url) and payment.expires_at is not None and payment.expires_at > now + STILL_GOOD


def _begun(payment: Payment) -> Payment:
    try:
        return apply(payment.pk, PROVIDERS[payment.provider].begin(payment))
    except Rejected:
        apply(payment.pk, Seen(Action.FAILED))  # the next try is another request
        raise


def look(payment: Payment) -> Payment:
    """Ask the provider, and take note; on a page that nobody was shown, nobody pays. Raises Unreachable, Rejected."""
    if payment.state == State.CREATED and not payment.ref:
        return apply(payment.pk, Seen(Action.EXPIRED))
    return apply(payment.pk, PROVIDERS[payment.provider].look(payment))


def close(payment: Payment) -> Payment:
    """Let nobody pay on the page any more, and take note of what became of it. Raises Unreachable, Rejected."""
    if payment.state == State.CREATED and not payment.ref:
        return look(payment)
    return apply(payment.pk, PROVIDERS[payment.provider].close(payment))


def close_pages(application_id: int, *, but_for: int = 0) -> None:
    """Every open page of the application that is not for exactly this amount. Raises Unreachable, Rejected."""
    open_pages = Payment.objects.filter(fee__application=application_id, state=State.OPEN).exclude(amount=but_for)
    for payment in open_pages.select_related("fee__application"):
        close(payment)


def look_at_all(fee: Fee) -> None:
    """What could have been paid by now: for the page after the provider's. Raises Unreachable, Rejected."""
    for payment in fee.payments.filter(state__in=PAYABLE).select_related("fee__application"):
        look(payment)


@transaction.atomic
def take_cash(application_id: int, *, actor: User, receipt_number: str) -> Payment:
    """窓口納付: all that is due has been paid at the counter. Raises NothingDue, so that two clerks mark it once."""
    application = lock(application_id)
    fee = ensure_fee(application)
    due = balance_of(fee).due if fee else 0
    if fee is None or not due or not may_be_paid(application):
        raise NothingDue
    now = timezone.now()
    payment = Payment.objects.create(
        fee=fee,
        provider=COUNTER,
        amount=due,
        created_at=now,
        paid_at=now,
        staff=actor,
        receipt_number=receipt_number,
    )
    return apply(payment.pk, PROVIDERS[COUNTER].begin(payment))
