"""The kinds of events that a webhook may be told of, as staff read them."""

KINDS = {
    "arrived": "申請を受け付けた",
    "review_started": "審査を始めた",
    "returned": "差し戻した",
    "resubmitted": "再提出された",
    "approved": "決定した",
    "rejected": "不承認にした",
    "reopened": "決定を取り消した",
    "completed": "完了した",
    "withdrawn": "取り下げられた",
    "expired": "期限切れになった",
    "payment_paid": "手数料が納付された",
    "refund_done": "返金した",
    "slot_confirmed": "予約が確定した",
    "slot_changed": "予約が変更された",
    "slot_cancelled": "予約が取り消された",
    "payout_paid": "支給した",
    "payout_bounced": "振込が戻った",
}
