"""What passes between the department and the resident after arrival."""

from pathlib import PurePosixPath
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.models import Application, new_public_id, private_path, private_storage

_NOT_IN_NAMES = frozenset('\\/:*?"<>|')  # of files, on one system or another


class Outcome(models.TextChoices):
    OPEN = "", "申請者の修正待ち"
    RESUBMITTED = "resubmitted", "再提出"
    OVER = "over", "修正されずに終了"


class Correction(models.Model):
    """差戻し: what is to be corrected and why, what the resident has typed so far, and what it was before.

    answers, unfinished: as Application's, of the changed items alone (None: to be empty). before, after: of every item
    that the resubmission changed, as they were and are in the row: sealed where the row is.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="corrections")
    reason = models.TextField("直していただくこと")
    keys = models.JSONField(default=list)
    due_on = models.DateField("期限", null=True)
    expires = models.BooleanField("期限を過ぎたら終わりにする", default=False)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    unfinished = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    revision = models.PositiveIntegerField(default=0)  # counts changes of the staged answers
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # the answers are signed as they were: what is corrected has no signature, as the officer has accepted
    is_unsigned = models.BooleanField(default=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    reminded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.OPEN, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "差戻し"
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(closed_at__isnull=True), name="one_open_correction"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_on",), condition=models.Q(closed_at__isnull=True), name="corrections_due")
        ]

    def __str__(self) -> str:
        return f"{self.application_id}"


class PrivateFile(models.Model):
    """A file outside the web root, checked by content, that only a view which asks who is there hands out."""

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    file = models.FileField(storage=private_storage, upload_to=private_path, max_length=120)
    name = models.CharField("ファイル名", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True


class CorrectionFile(PrivateFile):
    """A file that is not, or not any more, one of the application: brought for a correction, or replaced by it."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="files")
    field_key = models.CharField(max_length=80)
    is_former = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = "差戻しのファイル"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class IssuedDocument(PrivateFile):
    """交付文書: what the department hands out to the resident of a case. One issued by mistake is taken back, and stays
    in the record."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField("文書の名前", max_length=100)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    issued_at = models.DateTimeField("交付日時")
    seen_at = models.DateTimeField(null=True)  # the resident's page showed it
    opened_at = models.DateTimeField(null=True)  # the resident downloaded it, the first time
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "交付文書"
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("application", "title", "sha256"),
                condition=models.Q(taken_back_at__isnull=True),
                name="document_issued_once",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def saved_as(self) -> str:
        """The name to save it under: what the resident knows it by, not what the file was called at the desk."""
        plain = "".join("＿" if sign in _NOT_IN_NAMES or not sign.isprintable() else sign for sign in self.title)
        return f"{plain.strip(' .') or '文書'}{PurePosixPath(self.name).suffix.lower() or '.pdf'}"


class Letter(models.Model):
    """メッセージ: what the department and the resident write to each other about a case. text: sealed, for it may say
    anything."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    # named by the page that it was typed on, so that pressing twice sends once
    public_id = models.CharField(max_length=22, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="letters")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_from_office = models.BooleanField()
    text = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField("日時")
    read_at = models.DateTimeField(null=True)  # by the other side

    class Meta:
        verbose_name = verbose_name_plural = "メッセージ"
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=("application", "id"), name="letters_of_case")]
        constraints: ClassVar = [models.UniqueConstraint(fields=("application", "public_id"), name="letter_sent_once")]

    def __str__(self) -> str:
        return f"{self.application_id}"


class LetterFile(PrivateFile):
    """A file that goes along with a message; without a letter it waits for the resident to send what is being typed."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="letter_files")
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, null=True, related_name="files")
    token = models.CharField(max_length=22)  # the public_id that the letter will have
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "メッセージのファイル"
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(fields=("application", "token"), name="files_of_letter"),
            models.Index(fields=("created_at",), condition=models.Q(letter__isnull=True), name="unsent_files"),
        ]

    def __str__(self) -> str:
        return self.name
