"""窓口納付: a member of staff takes the money at the counter and says so."""

from payments.models import Payment, Refund
from payments.providers import Seen, SeenRefund
from payments.requirement import COUNTER
from payments.status import Action, RefundAction


class Counter:
    """The row itself is all that there is to know. Money goes back over the counter too: staff say when."""

    name = COUNTER

    def begin(self, payment: Payment) -> Seen:
        return Seen(Action.PAID, amount=payment.amount, method=COUNTER, paid_at=payment.paid_at)

    def look(self, payment: Payment) -> Seen:
        return Seen(None)

    def close(self, payment: Payment) -> Seen:
        return Seen(None)

    def refund(self, refund: Refund) -> SeenRefund:
        return SeenRefund(f"counter-{refund.public_id}", refund.public_id, refund.amount, RefundAction.SENT)
