"""What a correction does to a fee: computed anew where the answers that it depends on have changed."""

from typing import Any

from django.db import transaction

from applications.answers import opened
from applications.lifecycle import lock, record
from applications.listing import day_of
from applications.models import Application
from dialogue.corrections import former_answers
from dialogue.models import Correction, Outcome
from payments import events
from payments.claiming import ask
from payments.fees import ENDED, balance_of, fee_of, is_priced_as, requirement_of, revise
from payments.lifecycle import settle
from payments.models import Fee
from payments.pricing import Price, price

REASON = "申請の内容が修正されたため"
TO_CHECK = "修正により、手数料の計算が{was:,}円から{now:,}円に変わりました。金額は手で改めたままです。確かめてください"


@transaction.atomic
def corrected(application_id: int) -> None:
    """The newest correction has been sent. Safe to repeat; raises VaultError."""
    application = lock(application_id)
    fee, wanted = fee_of(application), requirement_of(application)
    newest = application.corrections.filter(outcome=Outcome.RESUBMITTED).last()
    if fee is None or wanted is None or newest is None or application.status in ENDED:
        return
    now = opened(application)
    before, _ = former_answers(newest, application)
    prices = _price(application, wanted, {**now, **before}), _price(application, wanted, now)
    if (prices[0].total, prices[0].rows) == (prices[1].total, prices[1].rows):
        return
    if is_priced_as(fee, prices[0]):
        _claim(application, fee, prices[1])
    elif not is_priced_as(fee, prices[1]):
        _leave_to_staff(application, newest, *prices)


def _price(application: Application, wanted: Any, answers: dict[str, Any]) -> Price:
    engine, day = application.version.engine, day_of(application)
    given = {key: said for key, said in answers.items() if said is not None}
    return price(wanted, engine, engine.state(given, day), day)


def _claim(application: Application, fee: Fee, found: Price) -> None:
    before = fee.total
    revise(fee, found.total, reason=REASON, lines=found.lines)
    fee.inputs, fee.exemption = dict(found.inputs), found.exemption
    fee.save(update_fields=["inputs", "exemption"])
    events.tell(application, events.CHANGED, found.total, before=before, reason=REASON)
    settle(application, fee, reason=REASON)
    ask(application, fee, reason=REASON, is_additional=balance_of(fee).received > 0)


def _leave_to_staff(application: Application, correction: Correction, was: Price, now: Price) -> None:
    known = application.events.filter(kind=events.TO_CHECK)
    if any(event.data["correction"] == correction.pk for event in known):
        return
    sentence = TO_CHECK.format(was=was.total, now=now.total)
    record(application, events.TO_CHECK, data={"correction": correction.pk, "sentence": sentence})
