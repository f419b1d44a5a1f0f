"""The life of a payment and of a refund, as two tables. lifecycle.py is their only reader that writes.

Both only go forward, so an old look at the provider that is taken last changes nothing.
"""

from django.db.models import TextChoices


class State(TextChoices):
    CREATED = "created", "準備中"
    OPEN = "open", "支払い画面を開いています"
    WAITING = "waiting", "入金待ち"
    SUCCEEDED = "succeeded", "納付済み"
    FAILED = "failed", "支払われませんでした"
    EXPIRED = "expired", "支払い画面の期限切れ"
    DISPUTED = "disputed", "支払いに異議あり"
    WON = "won", "納付済み（異議は退けられました）"
    LOST = "lost", "異議により取り戻されました"


class Action(TextChoices):
    """What the provider says of a payment."""

    OPENED = "opened", "支払い画面を開いた"
    PROMISED = "promised", "払込番号を発行した"
    PAID = "paid", "支払われた"
    FAILED = "failed", "支払われなかった"
    EXPIRED = "expired", "期限が切れた"
    DISPUTED = "disputed", "異議が申し立てられた"
    WON = "won", "異議が退けられた"
    LOST = "lost", "異議が認められた"


TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.CREATED, Action.OPENED): State.OPEN,
    (State.CREATED, Action.PROMISED): State.WAITING,
    (State.CREATED, Action.PAID): State.SUCCEEDED,
    (State.CREATED, Action.FAILED): State.FAILED,
    (State.CREATED, Action.EXPIRED): State.EXPIRED,
    (State.OPEN, Action.PROMISED): State.WAITING,
    (State.OPEN, Action.PAID): State.SUCCEEDED,
    (State.OPEN, Action.FAILED): State.FAILED,
    (State.OPEN, Action.EXPIRED): State.EXPIRED,
    (State.WAITING, Action.PAID): State.SUCCEEDED,
    (State.WAITING, Action.FAILED): State.FAILED,
    (State.WAITING, Action.EXPIRED): State.EXPIRED,
    # money is taken note of whenever it comes
    (State.FAILED, Action.PAID): State.SUCCEEDED,
    (State.EXPIRED, Action.PAID): State.SUCCEEDED,
    (State.SUCCEEDED, Action.DISPUTED): State.DISPUTED,
    (State.SUCCEEDED, Action.WON): State.WON,
    (State.SUCCEEDED, Action.LOST): State.LOST,
    (State.DISPUTED, Action.WON): State.WON,
    (State.DISPUTED, Action.LOST): State.LOST,
}

UNDER_WAY = (State.CREATED, State.OPEN, State.WAITING)
PAYABLE = (State.OPEN, State.WAITING)
RECEIVED = (State.SUCCEEDED, State.DISPUTED, State.WON)  # the money is the municipality's, as far as one knows
REFUNDABLE = (State.SUCCEEDED, State.WON)


class RefundState(TextChoices):
    REQUESTED = "requested", "返金の手続前"
    PENDING = "pending", "返金の手続中"
    SUCCEEDED = "succeeded", "返金済み"
    FAILED = "failed", "返金できませんでした"
    REPLACED = "replaced", "別の返金に替えました"


class RefundAction(TextChoices):
    SENT = "sent", "手続を始めた"
    DONE = "done", "返した"
    FAILED = "failed", "返せなかった"
    REPAID = "repaid", "窓口や振込で返した"
    REPLACE = "replace", "別の返金に替えた"


REFUND_TRANSITIONS: dict[tuple[RefundState, RefundAction], RefundState] = {
    (RefundState.REQUESTED, RefundAction.SENT): RefundState.PENDING,
    (RefundState.REQUESTED, RefundAction.DONE): RefundState.SUCCEEDED,
    (RefundState.REQUESTED, RefundAction.FAILED): RefundState.FAILED,
    (RefundState.REQUESTED, RefundAction.REPAID): RefundState.SUCCEEDED,
    (RefundState.PENDING, RefundAction.DONE): RefundState.SUCCEEDED,
    (RefundState.PENDING, RefundAction.FAILED): RefundState.FAILED,
    (RefundState.PENDING, RefundAction.REPAID): RefundState.SUCCEEDED,
    # a bank may send it back days later
    (RefundState.SUCCEEDED, RefundAction.FAILED): RefundState.FAILED,
    (RefundState.FAILED, RefundAction.REPLACE): RefundState.REPLACED,
}
