"""What the desk adds to an application: who is at work on it, and what staff tell each other."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from applications.models import Application, new_public_id


class Assignment(models.Model):
    """担当: the one officer who is at work on a case."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="assignment")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="担当者"
    )
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "担当"

    def __str__(self) -> str:
        return f"{self.application_id}: {self.officer_id}"


class Note(models.Model):
    """内部メモ: what staff tell each other about a case; no resident ever reads it."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("内部メモ")
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "内部メモ"
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=("application", "id"), name="notes_of_case")]

    def __str__(self) -> str:
        return f"{self.application_id}"


class TableState(models.TextChoices):
    LOOKED_AT = "looked_at", "確認待ち"
    WAITING = "waiting", "記録中"
    DONE = "done", "記録済"
    FAILED = "failed", "記録できません"


class FilledTable(models.Model):
    """結果のファイル that was sent back: kept while it is looked at. filling/services.py is the only writer.

    lines: reading.Line as JSON, gone once it is done; done: how many cases were changed.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="職員")
    name = models.CharField("ファイル", max_length=100)
    lines = models.JSONField(default=list)
    instruction = models.TextField("教示", blank=True)
    state = models.CharField("状態", max_length=10, choices=TableState.choices, default=TableState.LOOKED_AT)
    done = models.PositiveIntegerField("件数", default=0)
    created_at = models.DateTimeField("日時", auto_now_add=True)
    finished_at = models.DateTimeField("終了", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "結果のファイル"
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=("id",), condition=models.Q(state="waiting"), name="filled_tables_waiting"),
            models.Index(fields=("user", "-id"), name="filled_tables_of_user"),
        ]

    def __str__(self) -> str:
        return self.name
