"""Packs applications, and notes that they have arrived on the other side."""

import hashlib
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from applications.lifecycle import record
from applications.models import Application, private_storage
from exports.api.standing import standing
from exports.handover.models import FOLDER, Parcel
from exports.handover.packing import pack
from exports.snapshot import snapshot
from staff.models import User

HANDED_OVER = "handed_over"
KEPT, KEPT_UNCLAIMED = timedelta(days=7), timedelta(days=30)


def waiting(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Those that the other side has not acknowledged with the answers that they have now."""
    there = Parcel.objects.filter(
        application=OuterRef("pk"), revision=OuterRef("revision"), acknowledged_at__isnull=False
    )
    return applications.filter(~Exists(there))


def parcel_of(application: Application) -> Parcel:
    """The parcel of the application as it is, packed now if nobody has asked for it before.

    Its `application` has the revision that is in it. Its `etag` is that of the moment when it was packed.
    """
    known = Parcel.objects.filter(application=application, revision=application.revision).first()
    if known is not None and known.file and known.file.storage.exists(str(known.file.name)):
        known.application = application
        return known
    with tempfile.TemporaryFile() as file:
        with snapshot():
            fresh = Application.objects.select_related("form", "version", "department").get(pk=application.pk)
            parcel = Parcel(application=fresh, revision=fresh.revision, etag=standing(fresh), made_at=timezone.now())
            parcel.files = pack(fresh, parcel.etag, file)
        parcel.size = file.tell()
        file.seek(0)
        parcel.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        parcel.file.save("", File(file), save=False)
    return _kept(parcel)


def _kept(parcel: Parcel) -> Parcel:
    """Of two that were packed at the same moment, the first one."""
    try:
        with transaction.atomic():
            parcel.save()
    except IntegrityError:
        known = Parcel.objects.get(application=parcel.application, revision=parcel.revision)
        known.application = parcel.application
        if known.file and known.file.storage.exists(str(known.file.name)):
            parcel.file.storage.delete(str(parcel.file.name))
            return known
        for field in ("file", "size", "sha256", "files", "etag", "made_at"):  # packed anew after its time
            setattr(known, field, getattr(parcel, field))
        known.save()
        return known
    return parcel


class WrongParcel(Exception):
    """What was acknowledged is not what was packed, or no longer what the application says."""


@transaction.atomic
def acknowledge(application: Application, *, revision: int, sha256: str, actor: User, name: str) -> Parcel:
    """Once for each parcel; again, it changes nothing. name: of the system that has it. Raises WrongParcel."""
    parcel = Parcel.objects.select_for_update().filter(application=application, revision=revision).first()
    if parcel is None or parcel.sha256 != sha256.lower():
        raise WrongParcel
    if parcel.acknowledged_at is None:
        parcel.acknowledged_at = timezone.now()
        parcel.save(update_fields=["acknowledged_at"])
        record(application, HANDED_OVER, actor=actor, data={"sentence": f"「{name}」に受け渡しました"})
    return parcel


def forget_old() -> int:
    """The bytes go some days after they have arrived, and when nobody comes for them; how many."""
    now = timezone.now()
    over = Q(acknowledged_at__lt=now - KEPT) | Q(acknowledged_at__isnull=True, made_at__lt=now - KEPT_UNCLAIMED)
    _sweep(now - KEPT_UNCLAIMED)
    old = list(Parcel.objects.filter(over).exclude(file="")[:500])
    for parcel in old:
        name = str(parcel.file.name)
        if Parcel.objects.filter(pk=parcel.pk, file=name).update(file=""):
            parcel.file.storage.delete(name)
    return len(old)


def _sweep(before: datetime) -> None:
    """Bytes that nothing points to: their application is gone, or a worker died before it could say so."""
    storage = private_storage()
    with suppress(FileNotFoundError):
        for name in storage.listdir(FOLDER)[1]:
            path = f"{FOLDER}/{name}"
            if storage.get_modified_time(path) < before and not Parcel.objects.filter(file=path).exists():
                storage.delete(path)
