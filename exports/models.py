"""Who took which applications out of the system, and when."""

import uuid
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from cms.models import Department


class Format(models.TextChoices):
    EXCEL = "xlsx", "Excel"
    CSV = "csv", "CSV"


class Unchangeable(Exception):
    """A record of an export is written once and stays."""


class RecordQuerySet(models.QuerySet["ExportRecord"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise Unchangeable

    def delete(self) -> NoReturn:
        raise Unchangeable


class ExportRecord(models.Model):
    """What one export took of one form of one department; `export` is the same for all that went into one file."""

    export = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField("日時", auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="職員")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    # as they were called on that day; the page may go
    form_code = models.CharField(max_length=40)
    form_title = models.CharField("申請フォーム", max_length=255)
    format = models.CharField("形式", max_length=10, choices=Format.choices)
    rows = models.PositiveIntegerField("件数")
    filters = models.JSONField("条件", default=list, encoder=DjangoJSONEncoder)  # [[name, value], …] in words

    wagtail_reference_index_ignore = True
    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "出力の記録"
        ordering = ("-at", "-pk")
        indexes: ClassVar = [models.Index(fields=("department", "-at"), name="exports_of_department")]

    def __str__(self) -> str:
        return f"{self.form_title} {self.rows}件"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Unchangeable
