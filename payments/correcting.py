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
    """A correction has been sent, or several since the last look. Safe to repeat; raises VaultError."""
    application = lock(application_id)
    fee, wanted = fee_of(application), requirement_of(application)
    if fee is None or wanted is None or application.status in ENDED:
        return
    sent = _not_priced_yet(application, fee)
    if not sent:
        return
    *before, now = (_price(application, wanted, answers) for answers in _stages(application, sent))
    if is_priced_as(fee, now):
        return
    if any(is_priced_as(fee, was) for was in before):
        _claim(application, fee, now)
    elif (before[0].total, before[0].rows) != (now.total, now.rows):
        _leave_to_staff(application, sent[-1], before[0], now)


def _not_priced_yet(application: Application, fee: Fee) -> list[Correction]:
    """Oldest first: the newest, and those before it that neither changed the fee nor were left to staff.

    Hearing of one may be late until another is in, so the newest alone is not all that changed.
    """
    sent = list(application.corrections.filter(outcome=Outcome.RESUBMITTED))
    told = max((event.data["correction"] for event in application.events.filter(kind=events.TO_CHECK)), default=0)
    claimed = fee.changes.filter(actor=None, reason=REASON).order_by("pk").last()
    earlier = [
        correction
        for correction in sent[:-1]
        if correction.pk > told
        and (claimed is None or (correction.closed_at is not None and correction.closed_at > claimed.at))
    ]
    return [*earlier, *sent[-1:]]


def _stages(application: Application, sent: list[Correction]) -> list[dict[str, Any]]:
    """The answers before each of them, and as they are now."""
    stages = [opened(application)]
    for correction in reversed(sent):
        before, _ = former_answers(correction, application)
        stages.append({**stages[-1], **before})
    return stages[::-1]


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
