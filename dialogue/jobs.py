"""What the background worker does for this app (WORKER_JOBS)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import lock, record
from applications.status import Status
from dialogue.corrections import expire
from dialogue.models import Correction

DUE = "correction_due"  # the event that the reminder hangs on
TOLD = "修正の期限が近いことをメールで知らせました"
NOTICE = timedelta(days=3)
BATCH = 200


def watch_deadlines() -> int:
    """Remind of corrections that are due soon, end those past the deadline that were to end; how many."""
    today = timezone.localdate()
    waiting = Correction.objects.filter(closed_at=None, application__status=Status.RETURNED, due_on__isnull=False)
    over = waiting.filter(expires=True, due_on__lt=today).values_list("pk", flat=True)[:BATCH]
    near = waiting.filter(reminded_at=None, due_on__gte=today, due_on__lte=today + NOTICE)
    ended = sum(expire(pk) for pk in list(over))
    return ended + sum(_remind(pk) for pk in list(near.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _remind(pk: int) -> bool:
    """False when it was corrected, or another worker was first."""
    application = lock(Correction.objects.values_list("application", flat=True).get(pk=pk))
    marked = Correction.objects.filter(pk=pk, closed_at=None, reminded_at=None).update(reminded_at=timezone.now())
    if not marked or application.status != Status.RETURNED:
        return False
    record(application, DUE, data={"correction": pk, "sentence": TOLD})
    return True
