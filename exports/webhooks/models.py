"""Endpoints of webhooks, what is on its way to them, and what they answered."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from applications.models import Event, new_public_id
from cms.models import Department


class Endpoint(models.Model):
    """Webhook: an address that is told of some kinds of events of one department. services.py is the only writer."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    name = models.CharField("名称", max_length=100)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="作った職員"
    )
    url = models.CharField("アドレス", max_length=500)
    kinds = models.JSONField("知らせるできごと", default=list)
    forms = models.JSONField("申請フォーム", default=list, blank=True)  # primary keys; none: every one
    secret = models.JSONField(default=dict)  # sealed
    # the one before, good until then: both sign, so that the other side changes over when it likes
    old_secret = models.JSONField(default=dict)
    old_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # since the last message that arrived
    next_at = models.DateTimeField(null=True)  # not before then: the address has just failed
    stopped_at = models.DateTimeField("停止", null=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField("作成", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "Webhook"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class MessageState(models.TextChoices):
    WAITING = "waiting", "送信待ち"
    DELIVERED = "delivered", "届きました"
    FAILED = "failed", "届きません"


class Message(models.Model):
    """One event on its way to one endpoint. public_id: the same however often it is sent."""

    wagtail_reference_index_ignore = True

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="messages")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    state = models.CharField("状態", max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "Webhookの通知"
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("endpoint", "event"), name="one_message_per_endpoint"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("endpoint", "due_at"), condition=models.Q(state="waiting"), name="webhooks_due"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Attempt(models.Model):
    """What came of sending a message once. status: of HTTP, None when nobody answered."""

    wagtail_reference_index_ignore = True

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "Webhookの送信"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"
