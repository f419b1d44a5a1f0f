"""Provider: whoever collects the money. Five members, no more; Stripe and 窓口納付 are the two there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from payments.models import Payment, Refund
from payments.status import Action, RefundAction


class Unreachable(Exception):
    """The provider does not answer now: nothing is known, and the same may be asked again."""


class Rejected(Exception):
    """The provider answers, and will never do this; its text is for the log, not for people."""


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """A refund as the provider has it now. key: our own public id, "" when it was made elsewhere."""

    ref: str
    key: str
    amount: int
    action: RefundAction
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A payment as the provider has it now; None and "" where it says nothing."""

    action: Action | None
    ref: str = ""
    intent: str = ""
    amount: int | None = None
    method: str = ""
    page_url: str = ""
    paid_at: datetime | None = None
    voucher_url: str = ""
    voucher_until: datetime | None = None
    refunds: tuple[SeenRefund, ...] = ()


class Provider(Protocol):
    """All of them may be called twice, and none inside a transaction. They raise Unreachable and Rejected."""

    name: str

    def begin(self, payment: Payment) -> Seen:
        """Ask for the money: a page to pay on, or that it has been paid."""

    def look(self, payment: Payment) -> Seen:
        """How the payment stands now."""

    def close(self, payment: Payment) -> Seen:
        """Let nobody pay on its page any more, if that is possible; how it stands then."""

    def refund(self, refund: Refund) -> SeenRefund:
        """Send it back, or how that stands."""
