"""Two gates of one requirement: paid to arrive, and paid to be completed."""

from typing import Any

from applications.gates import Moment
from applications.models import Application
from applications.status import Status
from payments.fees import balance_of, due_of, fee_of, is_after_review, requirement_of
from payments.links import path_of
from payments.requirement import METHODS, NAME
from payments.status import RECEIVED, State


class PaymentGate:
    """Never open while anything is due; who need not pay never sees it."""

    def is_open(self, application: Application) -> bool:
        return due_of(application) == 0

    def url(self, application: Application) -> str:
        return path_of(application)


class PaymentAtArrival(PaymentGate):
    name = NAME
    moment = Moment.ARRIVAL

    def applies(self, application: Application) -> bool:
        return requirement_of(application) is not None and not is_after_review(application)

    def facts(self, application: Application) -> dict[str, Any]:
        return facts_of(application)


class PaymentAtCompletion(PaymentGate):
    """審査後決済, and what an officer asked for besides."""

    name = "payment_after_review"
    moment = Moment.COMPLETION

    def applies(self, application: Application) -> bool:
        if requirement_of(application) is None:
            return False
        if is_after_review(application):
            fee = fee_of(application)
            return fee is None or fee.total > 0
        return application.status == Status.APPROVED and due_of(application) > 0

    def facts(self, application: Application) -> dict[str, Any]:
        return facts_of(application) if is_after_review(application) else {}


def facts_of(application: Application) -> dict[str, str]:
    fee = fee_of(application)
    if fee is None:
        return {"手数料": "計算しています"}
    balance = balance_of(fee)
    facts = {
        "手数料": f"{fee.total:,}円" + (f"（減免: {fee.exemption}）" if fee.exemption else ""),
        "納付番号": fee.number,
    }
    if balance.received:
        paid = fee.payments.filter(state__in=RECEIVED)
        how = "、".join(dict.fromkeys(METHODS.get(payment.method, payment.provider) for payment in paid))
        facts["納付"] = f"{balance.received:,}円（{how}）"
    if balance.returned:
        facts["返金"] = f"{balance.returned:,}円"
    if balance.due:
        waits = fee.payments.filter(state=State.WAITING).exists()
        facts["未納"] = f"{balance.due:,}円" + ("（コンビニの入金待ち）" if waits else "")
    return facts
