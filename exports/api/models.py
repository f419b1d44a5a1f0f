"""Tokens of the API, what was counted against them, and what was answered to which key."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from cms.models import Department


class ApiToken(models.Model):
    """APIトークン: opens one department's data to one of its systems. The secret is shown once and never kept."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    name = models.CharField("名称", max_length=100)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="作った職員"
    )
    digest = models.CharField(max_length=64, unique=True)
    beginning = models.CharField("はじめの文字", max_length=12)
    scopes = models.JSONField("できること", default=list)
    networks = models.JSONField("使えるネットワーク", default=list)  # as CIDR; none: from everywhere
    expires_at = models.DateTimeField("期限")
    created_at = models.DateTimeField("作成", auto_now_add=True)
    used_at = models.DateTimeField("最後の利用", null=True)
    revoked_at = models.DateTimeField("停止", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "APIトークン"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class ApiTally(models.Model):
    """How often something was done within one minute."""

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "APIの回数"

    def __str__(self) -> str:
        return self.key


class ApiReply(models.Model):
    """The answer to a request with an Idempotency-Key: the same request again gets it again, and does nothing."""

    wagtail_reference_index_ignore = True

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)  # SHA-256 of what was asked for
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "APIの回答"
        constraints: ClassVar = [models.UniqueConstraint(fields=("token", "key"), name="one_reply_per_key")]

    def __str__(self) -> str:
        return self.key
