"""Tells applications what became of their payout: paid ones are completed, bounced ones go back to the desk."""

from django.db import transaction

from applications.lifecycle import NotAllowed, advance, lock, move, record
from applications.status import Action
from payouts import events
from payouts.models import Row
from payouts.status import RowState

AT_ONCE = 100
AGAIN = "組戻のため（{reason}）。口座を確かめて、決定からやり直します。"


def settle() -> int:
    """A worker's job: how many rows were told. Each in a transaction of its own, and harmless twice."""
    rows = list(Row.objects.filter(to_settle=True).order_by("pk").values_list("pk", "application")[:AT_ONCE])
    return sum(_tell(*row) for row in rows)


@transaction.atomic
def _tell(pk: int, application_pk: int) -> int:
    application = lock(application_pk)
    rows = Row.objects.select_for_update(of=("self",)).select_related("batch", "told_by")
    row = rows.filter(pk=pk, to_settle=True).first()
    if row is None:  # another worker was quicker
        return 0
    row.to_settle = False
    row.save(update_fields=["to_settle"])
    if row.state == RowState.PAID:
        sentence = f"{row.amount:,}円を振り込みました（振込指定日 {row.batch.pay_on:%Y年%-m月%-d日}）"
        record(application, events.PAID, actor=row.told_by, data={"sentence": sentence, "amount": row.amount})
        advance(application_pk)
    else:
        record(
            application,
            events.BOUNCED,
            actor=row.told_by,
            data={"sentence": "振込が組戻になりました", "reason": row.reason, "amount": row.amount},
        )
        try:
            move(application_pk, Action.REOPEN, actor=row.told_by, data={"reason": AGAIN.format(reason=row.reason)})
        except NotAllowed:  # reopened already by hand: the history has the bounce
            return 1
    return 1
