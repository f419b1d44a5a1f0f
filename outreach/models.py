"""What was said to whom, and whether it went out."""

from typing import ClassVar

from django.db import models

from applications.models import Application, Event


class MessageState(models.TextChoices):
    WAITING = "waiting", "送信待ち"
    SENT = "sent", "送信済"
    FAILED = "failed", "送れませんでした"
    BOUNCED = "bounced", "届きませんでした"


# what staff have to look at
TROUBLE = [MessageState.FAILED.value, MessageState.BOUNCED.value]


class Message(models.Model):
    """One mail. Kept as sent, so staff can read what the resident read."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="messages", verbose_name="申請")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    template = models.CharField("種類", max_length=40)
    to = models.CharField("宛先", max_length=254)
    subject = models.CharField("件名", max_length=200)
    body = models.TextField("本文")
    language = models.CharField("言語", max_length=20, default="ja")
    # subject and body in Japanese, for staff, where it was sent in another language
    native_body = models.TextField("日本語で", blank=True)
    state = models.CharField("状態", max_length=20, choices=MessageState.choices, default=MessageState.WAITING)
    created_at = models.DateTimeField("作成", auto_now_add=True)
    sent_at = models.DateTimeField("送信日時", null=True)
    attempts = models.PositiveIntegerField("試行", default=0)
    failure = models.CharField("理由", max_length=300, blank=True)  # why the last attempt failed, or it came back
    bounced_at = models.DateTimeField("戻ってきた日時", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "送信メール"
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(fields=("application",), name="mails_in_trouble", condition=models.Q(state__in=TROUBLE))
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("event", "template"), name="one_message_per_event_and_template")
        ]

    def __str__(self) -> str:
        return self.subject


class BounceTally(models.Model):
    """How often a mail came in at the address for bounces, by what it turned out to be."""

    outcome = models.CharField("内容", max_length=20, unique=True)
    count = models.PositiveBigIntegerField("件数", default=0)
    last_at = models.DateTimeField("最後", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "戻ってきたメールの集計"

    def __str__(self) -> str:
        return f"{self.outcome} {self.count}"


class MessageFile(models.Model):
    """添付: a file that went along with a mail, as it was sent. Small: it is kept in the row."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files", verbose_name="送信メール")
    name = models.CharField("ファイル名", max_length=100)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "メールの添付"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
