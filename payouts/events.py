"""What becomes of a payout, told in the history of its application."""

PAID = "payout_paid"
BOUNCED = "payout_bounced"
