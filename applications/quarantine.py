"""隔離: what the scanner did not call clean is put aside, for who looks after the machines; residents send another."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Application, Quarantined, arriving_path
from cms.access import MAY_READ_CASES, AnyUser, departments_for
from formbuilder.uploads.inspect import CheckedFile
from formbuilder.uploads.scanner import Verdict

DAYS = 30  # that a file stays
MOST = 20  # files of one application: whoever goes on sending viruses need not fill the disk
BATCH = 200


def quarantine(application: Application, field_key: str, checked: CheckedFile, verdict: Verdict) -> None:
    """Put the file aside; the same one is not put aside twice."""
    mine = Quarantined.objects.filter(application=application)
    if mine.filter(field_key=field_key, sha256=checked.sha256).exists() or mine.count() >= MOST:
        return
    kept = Quarantined(
        application=application,
        field_key=field_key,
        name=checked.name[:200],
        size=checked.size,
        sha256=checked.sha256,
        state=verdict.state,
        detail=verdict.detail[:200],
    )
    kept.file.name = kept.file.storage.save(arriving_path("quarantine"), ContentFile(checked.content))
    Quarantined.objects.bulk_create([kept], ignore_conflicts=True)


def seen_by(user: AnyUser) -> QuerySet[Quarantined]:
    """Of every department for administrators; of their own for those who read cases."""
    if user.is_active and user.is_superuser:
        return Quarantined.objects.all()
    return Quarantined.objects.filter(application__department__in=departments_for(user, MAY_READ_CASES))


def forget_old() -> int:
    """Remove what has lain here for DAYS, at most BATCH; how many."""
    old = Quarantined.objects.filter(at__lt=timezone.now() - timedelta(days=DAYS)).order_by("pk")[:BATCH]
    return sum(_remove(kept) for kept in old)


@transaction.atomic
def _remove(kept: Quarantined) -> bool:
    storage, name = kept.file.storage, str(kept.file.name)
    transaction.on_commit(lambda: storage.delete(name))
    return bool(Quarantined.objects.filter(pk=kept.pk).delete()[0])
