"""記録: who looked at what, and the chain that holds every record in its place."""

from typing import Any, ClassVar, NoReturn, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from cms.models import Department


class Unchangeable(Exception):
    """A record is written once and stays."""


Row = TypeVar("Row", bound=models.Model)


class WrittenOnceQuerySet(models.QuerySet[Row]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise Unchangeable

    def delete(self) -> NoReturn:
        raise Unchangeable


class WrittenOnce(models.Model):
    objects = WrittenOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Unchangeable


class Seen(models.TextChoices):
    """What a member of staff had on the screen. Files that leave the system are applications.ExportRecord."""

    CASE = "case", "申請の画面"
    FILE = "file", "添付ファイル"
    MAIL = "mail", "送信メール"
    SAMPLE = "sample", "出力の見本"


class Look(WrittenOnce):
    """閲覧の記録: one look at one application. It names the application by number, and outlives it."""

    at = models.DateTimeField("日時", default=timezone.now, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="職員")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    seen = models.CharField("見たもの", max_length=10, choices=Seen.choices)
    application_id = models.BigIntegerField()
    reference = models.CharField("受付番号", max_length=20)
    form_title = models.CharField("申請フォーム", max_length=255)
    file = models.CharField("ファイル", max_length=22, blank=True)  # its public id: a name may name a person

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = verbose_name_plural = "閲覧の記録"
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=("department", "-id"), name="looks_of_department"),
            models.Index(fields=("reference", "-id"), name="looks_at_case"),
            models.Index(fields=("user", "-id"), name="looks_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_seen_display()}"


class Link(WrittenOnce):
    """One record's place in the chain. content: digest of the record; digest: of this link and all before it."""

    seq = models.BigIntegerField(primary_key=True)  # 1, 2, 3, … without a gap
    source = models.CharField(max_length=10)  # a name in chain.SOURCES
    row = models.BigIntegerField()
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = verbose_name_plural = "記録の鎖"
        ordering = ("seq",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("source", "row"), name="one_link_per_record")]

    def __str__(self) -> str:
        return f"{self.seq} {self.source} {self.row}"


class Head(models.Model):
    """The chain's end, one row; its lock is the right to add links. Written by chain.seal alone.

    marks: source -> primary key up to which every record has its link, so that nobody looks there again.
    """

    wagtail_reference_index_ignore = True

    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="", blank=True)
    marks = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = verbose_name_plural = "記録の鎖の端"

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"
