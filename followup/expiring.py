"""Tells the resident of a draft before it expires, once."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from applications.expiry import DRAFT_DAYS, expires_at
from applications.lifecycle import lock, record
from applications.models import Application, Channel
from applications.status import Status
from applications.vault import VaultError
from followup.addresses import address_of
from followup.models import ExpiryNotice, ResumeLink

EXPIRING = "draft_expiring"  # the event that the mail hangs on
TOLD = "下書きの期限が近いことをメールで知らせました"
BATCH = 200


def notify() -> int:
    """Tell those whose drafts expire within DRAFT_NOTICE_DAYS; how many drafts were looked at, at most BATCH."""
    now = timezone.now()
    before, oldest = now - timedelta(days=DRAFT_DAYS - settings.DRAFT_NOTICE_DAYS), now - timedelta(days=DRAFT_DAYS)
    near = Application.objects.filter(
        status=Status.DRAFT, channel=Channel.WEB, updated_at__range=(oldest, before)
    ).order_by("updated_at")
    # a notice for an earlier day was for a draft that somebody came back to
    done = ExpiryNotice.objects.filter(expires_on__gte=timezone.localdate(now))
    pks = list(near.exclude(pk__in=done.values("application")).values_list("pk", flat=True)[:BATCH])
    return sum(_notify(pk) for pk in pks)


@transaction.atomic
def _notify(pk: int) -> bool:
    """False when the resident came back meanwhile, or another worker was first."""
    application = lock(pk)
    limit = timezone.now() - timedelta(days=DRAFT_DAYS - settings.DRAFT_NOTICE_DAYS)
    if application.status != Status.DRAFT or application.updated_at > limit:
        return False
    day = timezone.localdate(expires_at(application))
    if not ExpiryNotice.objects.get_or_create(application=application, expires_on=day)[1]:
        return False
    if address := _reachable_at(application):
        link = ResumeLink.objects.create(application=application, to=address)
        record(application, EXPIRING, data={"link": link.pk, "sentence": TOLD})
    return True


def _reachable_at(application: Application) -> str:
    """Where a link was sent last, else the address among the answers."""
    last = ResumeLink.objects.filter(application=application).exclude(to="").order_by("-pk").first()
    if last is not None:
        return last.to
    try:
        return address_of(application)
    except VaultError:  # the mail of one draft must not keep the others waiting
        return ""


def forget_old() -> int:
    return ExpiryNotice.objects.filter(expires_on__lt=timezone.localdate() - timedelta(days=1)).delete()[0]
