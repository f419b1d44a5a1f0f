"""What the desk adds to an application: who is at work on it, and what staff tell each other."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from applications.models import Application


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
