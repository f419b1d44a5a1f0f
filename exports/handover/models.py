"""Parcels: one application each, as it was when it was packed."""

from typing import ClassVar

from django.db import models

from applications.models import Application, new_public_id, private_storage

FOLDER = "handover"


def parcel_path(parcel: "Parcel", _: str) -> str:
    """Nobody can guess it."""
    return f"{FOLDER}/{new_public_id()}"


class Parcel(models.Model):
    """An application with these answers, packed once: who asks twice gets the same bytes. parcels.py writes it."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()  # of the answers; after a correction there is another parcel
    file = models.FileField(storage=private_storage, upload_to=parcel_path, max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    files = models.JSONField(default=list)  # [{"name", "size", "sha256"}], as in the ZIP
    etag = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "受け渡し"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "revision"), name="one_parcel_per_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.revision}"
