"""What happens to a fee, told in the history of its application, and from there to its subscribers."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from applications.lifecycle import record
from applications.models import Application
from staff.models import User

ASKED = "payment_asked"
STARTED = "payment_started"
PROMISED = "payment_promised"
PAID = "payment_paid"
FAILED = "payment_failed"
LAPSED = "payment_lapsed"
DISPUTED = "payment_disputed"
CHANGED = "fee_changed"
TO_CHECK = "fee_to_check"
REFUND_STARTED, REFUND_DONE, REFUND_FAILED = "refund_started", "refund_done", "refund_failed"

SENTENCES = {
    ASKED: "手数料{amount}円の支払いをお願いしました",
    STARTED: "手数料{amount}円の支払いを始めました",
    PROMISED: "コンビニの払込番号を発行しました（{amount}円、{until}まで）",
    PAID: "手数料{amount}円の納付を確認しました",
    FAILED: "期限までに払込がありませんでした（{amount}円）",
    LAPSED: "支払期限までに手数料{amount}円が支払われませんでした",
    DISPUTED: "支払い（{amount}円）に異議が申し立てられました",
    CHANGED: "手数料を{before}円から{amount}円に改めました",
    REFUND_STARTED: "{amount}円の返金の手続を始めました",
    REFUND_DONE: "{amount}円を返金しました",
    REFUND_FAILED: "{amount}円の返金ができませんでした",
}


def tell(
    application: Application,
    kind: str,
    amount: int,
    *,
    actor: User | None = None,
    reason: str = "",
    until: datetime | None = None,
    before: int = 0,
    **others: Any,
) -> None:
    """Write the event; inside the transaction that it tells of. until: how long what is held has to be kept."""
    shown = moment(until) if until else ""
    data: dict[str, Any] = {"amount": amount, **others}
    data["sentence"] = SENTENCES[kind].format(amount=f"{amount:,}", before=f"{before:,}", until=shown)
    if reason:
        data["reason"] = reason
    if until is not None:
        data["until"] = until
    record(application, kind, actor=actor, data=data)


def moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日{local.hour}時{local.minute:02}分"
