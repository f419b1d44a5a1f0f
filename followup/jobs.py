"""What the background worker does for this app (WORKER_JOBS)."""

from followup import carrying, codes, expiring, resuming


def send_codes() -> int:
    return codes.announce()


def notify_expiring() -> int:
    return expiring.notify()


def forget_old() -> int:
    """Remove what has no use any more. Nothing of it hurries, so the worker need not come again at once."""
    for forget in (codes.forget_old, carrying.forget_old, resuming.forget_old, expiring.forget_old):
        forget()
    return 0
