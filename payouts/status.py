"""A batch and its rows, as tables. lifecycle.py is the only writer of both."""

from django.db.models import TextChoices


class BatchState(TextChoices):
    OPEN = "open", "作成中"
    FROZEN = "frozen", "確定（承認待ち）"
    APPROVED = "approved", "承認済み"
    SENT = "sent", "銀行へ送付済み"
    CANCELLED = "cancelled", "取消し"


class BatchAction(TextChoices):
    """What happens to a batch; also the kind of the line in its history."""

    MAKE = "made", "作成しました"
    REDATE = "redated", "振込指定日を改めました"
    FREEZE = "frozen", "内容を確定しました"
    OPEN_AGAIN = "opened_again", "確定を取り消しました"
    APPROVE = "approved", "承認し、振込ファイルを作りました"
    TAKE = "taken", "振込ファイルを受け取りました"
    SEND = "sent", "銀行へ送ったことを記録しました"
    CANCEL = "cancelled", "取り消しました"
    INCLUDE = "included", "確かめて、振込に入れました"
    EXCLUDE = "excluded", "振込から外しました"
    RESULTS = "results", "振込の結果を記録しました"


STEPS: dict[tuple[BatchState, BatchAction], BatchState] = {
    (BatchState.OPEN, BatchAction.FREEZE): BatchState.FROZEN,
    (BatchState.OPEN, BatchAction.CANCEL): BatchState.CANCELLED,
    (BatchState.FROZEN, BatchAction.OPEN_AGAIN): BatchState.OPEN,
    (BatchState.FROZEN, BatchAction.APPROVE): BatchState.APPROVED,
    (BatchState.FROZEN, BatchAction.CANCEL): BatchState.CANCELLED,
    # only while nobody has taken the file: then it may be with the bank, and no second one is ever made of it
    (BatchState.APPROVED, BatchAction.CANCEL): BatchState.CANCELLED,
    (BatchState.APPROVED, BatchAction.SEND): BatchState.SENT,
}


class RowState(TextChoices):
    """held: a problem keeps it out until somebody has looked; apart: 公金受取口座, paid by the back office."""

    HELD = "held", "確認が必要"
    LISTED = "listed", "振込する"
    APART = "apart", "公金受取口座"
    PAID = "paid", "振込済"
    BOUNCED = "bounced", "組戻"
    RELEASED = "released", "外した"


# A row of one of these claims its application: it cannot be in another batch
CLAIMING = (RowState.HELD, RowState.LISTED, RowState.APART, RowState.PAID)
PAYABLE = (RowState.LISTED, RowState.APART)
