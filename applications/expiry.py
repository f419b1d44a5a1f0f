"""Drafts that nobody came back to: their status says so, and their answers and files are removed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from applications.attachments import remove_files
from applications.lifecycle import lock, move
from applications.models import Application
from applications.status import Action, Status

DRAFT_DAYS = 30  # the browser keeps the draft's key as long (visits.COOKIE_DAYS)
BATCH = 200


def expires_at(application: Application) -> datetime:
    """When the draft goes, if nobody comes back to it."""
    return application.updated_at + timedelta(days=DRAFT_DAYS)


def expire_drafts() -> int:
    """Expire drafts untouched for DRAFT_DAYS, at most BATCH; how many. The worker calls again until it returns 0."""
    limit = timezone.now() - timedelta(days=DRAFT_DAYS)
    old = Application.objects.filter(status=Status.DRAFT, updated_at__lt=limit).order_by("updated_at")
    return sum(_expire(pk) for pk in old.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _expire(pk: int) -> bool:
    """False when the resident came back, or another worker was first."""
    application = lock(pk)
    if application.status != Status.DRAFT or application.updated_at > timezone.now() - timedelta(days=DRAFT_DAYS):
        return False
    move(pk, Action.EXPIRE)
    remove_files(application.attachments.all())
    Application.objects.filter(pk=pk).update(
        answers={}, unfinished={}, fixed={}, applicant="", email="", search_text=""
    )
    return True
