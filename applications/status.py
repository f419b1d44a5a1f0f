"""The life of an application, as a table. lifecycle.py is its only reader that writes."""

from django.db.models import TextChoices


class Status(TextChoices):
    DRAFT = "draft", "下書き"
    PENDING = "pending", "手続待ち"
    SUBMITTED = "submitted", "受付済"
    IN_REVIEW = "in_review", "審査中"
    RETURNED = "returned", "差戻し"
    APPROVED = "approved", "決定"
    REJECTED = "rejected", "不承認"
    COMPLETED = "completed", "完了"
    WITHDRAWN = "withdrawn", "取下げ"
    EXPIRED = "expired", "期限切れ"


class Action(TextChoices):
    """What happens to an application; also the kind of the event that records it."""

    DECLARE = "declared", "申請内容を確定"
    ARRIVE = "arrived", "受付"
    REVIEW = "review_started", "審査を開始"
    RETURN = "returned", "差戻し"
    RESUBMIT = "resubmitted", "再提出"
    APPROVE = "approved", "決定"
    REJECT = "rejected", "不承認"
    REOPEN = "reopened", "決定を取り消して再審査"
    COMPLETE = "completed", "完了"
    WITHDRAW = "withdrawn", "取下げ"
    EXPIRE = "expired", "期限切れ"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.DRAFT, Action.DECLARE): Status.PENDING,
    (Status.DRAFT, Action.EXPIRE): Status.EXPIRED,
    (Status.PENDING, Action.ARRIVE): Status.SUBMITTED,
    (Status.PENDING, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.PENDING, Action.EXPIRE): Status.EXPIRED,
    (Status.SUBMITTED, Action.REVIEW): Status.IN_REVIEW,
    (Status.SUBMITTED, Action.RETURN): Status.RETURNED,
    (Status.SUBMITTED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.IN_REVIEW, Action.RETURN): Status.RETURNED,
    (Status.IN_REVIEW, Action.APPROVE): Status.APPROVED,
    (Status.IN_REVIEW, Action.REJECT): Status.REJECTED,
    (Status.IN_REVIEW, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.RETURNED, Action.RESUBMIT): Status.SUBMITTED,
    (Status.RETURNED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.RETURNED, Action.EXPIRE): Status.EXPIRED,
    (Status.APPROVED, Action.COMPLETE): Status.COMPLETED,
    (Status.APPROVED, Action.REOPEN): Status.IN_REVIEW,
    (Status.REJECTED, Action.REOPEN): Status.IN_REVIEW,
    # a bank may send money back days after it was paid
    (Status.COMPLETED, Action.REOPEN): Status.IN_REVIEW,
}

# What a received application can be: before its arrival it is the resident's own business
ON_DESK = tuple(status for status in Status if status not in (Status.DRAFT, Status.PENDING))
EDITABLE = frozenset({Status.DRAFT})
ENDED = frozenset({Status.COMPLETED, Status.WITHDRAWN, Status.EXPIRED})
