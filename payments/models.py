"""手数料: what an application costs, what was paid, what went back, and what the provider told.

Written by fees.py, lifecycle.py and inbox.py alone, each under the lock of the application's row.
"""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.models import Application, new_public_id
from payments.status import RefundState, State


class Fee(models.Model):
    """The price of one application with what it was computed from, as it was declared; `total` is what is claimed now.

    number: 納付番号, which a person can say at the counter before there is a 受付番号.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="fee", verbose_name="申請")
    number = models.CharField("納付番号", max_length=20, unique=True)
    account = models.CharField("収入科目", max_length=60)
    lines = models.JSONField("内訳", default=list, encoder=DjangoJSONEncoder)
    inputs = models.JSONField("計算のもと", default=dict, encoder=DjangoJSONEncoder)
    exemption = models.CharField("減免の理由", max_length=200, blank=True)
    total = models.PositiveIntegerField("手数料（円）")
    due_by = models.DateTimeField("支払期限", null=True)
    asked_at = models.DateTimeField("支払いの案内", null=True)
    created_at = models.DateTimeField("作成", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "手数料"
        indexes: ClassVar = [models.Index(fields=("due_by",), name="fees_by_deadline")]

    def __str__(self) -> str:
        return self.number


class FeeChange(models.Model):
    """手数料を改める: from which amount to which, why, and by whom (nobody: the program)."""

    wagtail_reference_index_ignore = True  # as above

    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="changes")
    before = models.PositiveIntegerField("前の金額")
    after = models.PositiveIntegerField("改めた金額")
    lines_before = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    reason = models.CharField("理由", max_length=500)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "手数料の変更"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Payment(models.Model):
    """One attempt to pay. ref, intent: what the provider calls it; look_at: when to ask the provider again."""

    wagtail_reference_index_ignore = True  # as above

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField("窓口", max_length=20)
    method = models.CharField("方法", max_length=20, blank=True)
    amount = models.PositiveIntegerField("金額（円）")
    state = models.CharField("状態", max_length=20, choices=State.choices, default=State.CREATED)
    ref = models.CharField(max_length=255, unique=True, null=True)
    intent = models.CharField(max_length=255, unique=True, null=True)
    page_url = models.TextField(blank=True)
    expires_at = models.DateTimeField("支払い画面の期限", null=True)
    voucher_url = models.TextField(blank=True)
    voucher_until = models.DateTimeField("払込の期限", null=True)
    paid_at = models.DateTimeField("納付日時", null=True)
    lost_at = models.DateTimeField("取り戻された日時", null=True)
    receipt_number = models.CharField("領収番号", max_length=60, blank=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="収納した職員"
    )
    look_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField("作成")

    class Meta:
        verbose_name = verbose_name_plural = "支払い"
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(fields=("look_at",), condition=models.Q(look_at__isnull=False), name="payments_to_look_at"),
            models.Index(fields=("paid_at",), condition=models.Q(paid_at__isnull=False), name="payments_by_day"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="a_payment_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}円 {self.get_state_display()}"


class Refund(models.Model):
    """Money on its way back. public_id: also the idempotency key; due_at: when the worker has to see to it."""

    wagtail_reference_index_ignore = True  # as above

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveIntegerField("金額（円）")
    reason = models.CharField("理由", max_length=500)
    state = models.CharField("状態", max_length=20, choices=RefundState.choices, default=RefundState.REQUESTED)
    ref = models.CharField(max_length=255, unique=True, null=True)
    due_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    receipt_number = models.CharField("還付の番号", max_length=60, blank=True)
    created_at = models.DateTimeField("作成")
    done_at = models.DateTimeField("返金日時", null=True)
    failed_at = models.DateTimeField("返金できなかった日時", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "返金"
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(fields=("due_at",), condition=models.Q(due_at__isnull=False), name="refunds_due"),
            models.Index(fields=("done_at",), condition=models.Q(done_at__isnull=False), name="refunds_by_day"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="a_refund_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}円 {self.get_state_display()}"


class Told(models.TextChoices):
    WAITING = "waiting", "処理待ち"
    DONE = "done", "処理済み"
    UNKNOWN = "unknown", "対象なし"
    DEAD = "dead", "処理できません"


class InboxEvent(models.Model):
    """What the provider told, by its own id: the second telling is none. Only whose it is, nothing of what it says."""

    wagtail_reference_index_ignore = True  # as above

    event_id = models.CharField("通知の番号", max_length=255, unique=True)
    kind = models.CharField("種類", max_length=60)
    payment = models.CharField(max_length=255, blank=True)  # our own public id, where the provider gives it back
    session = models.CharField(max_length=255, blank=True)
    intent = models.CharField(max_length=255, blank=True)
    state = models.CharField("状態", max_length=20, choices=Told.choices, default=Told.WAITING)
    attempts = models.PositiveSmallIntegerField("試行", default=0)
    due_at = models.DateTimeField("次の試行")
    last_error = models.CharField("最後のエラー", max_length=200, blank=True)
    received_at = models.DateTimeField("受信", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "決済事業者からの通知"
        indexes: ClassVar = [
            models.Index(fields=("due_at",), condition=models.Q(state="waiting"), name="payments_inbox"),
        ]

    def __str__(self) -> str:
        return self.event_id
