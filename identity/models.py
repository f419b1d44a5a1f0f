"""本人確認: who was verified for an application, and how; who has applied already; and who is on the way to a proof."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.models import Application
from formbuilder.models import FormPage


class Verification(models.Model):
    """The proof that an application rests on. No token, no certificate, no number: what the form asked for, alone.

    claims: name of a claim -> what was verified, as it was received; sealed (applications/vault.py) where the item that
    takes it is sensitive. items: keys of the items that were filled, or compared, or could not be filled.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="+")
    method = models.CharField("方法", max_length=40)
    ial = models.PositiveSmallIntegerField("身元確認の水準")
    aal = models.PositiveSmallIntegerField("当人認証の水準")
    at = models.DateTimeField("確認した日時")
    subject = models.CharField(max_length=64)  # keyed hash, another one for each form
    claims = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    items = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = verbose_name_plural = "本人確認"

    def __str__(self) -> str:
        return f"{self.method} {self.application_id}"


class Inspection(models.Model):
    """eKYC: a verifier looks at documents and a face, at once or for days. Written by ekyc/services.py alone.

    process: what we call it, and the verifier too; subject: keyed hash of whom the browser came back as; reason: the
    verifier's word for a refusal; heard_at: when a notice came before the browser did.
    """

    class State(models.TextChoices):
        STARTED = "started", "画面に移りました"
        PENDING = "pending", "審査中"
        APPROVED = "approved", "確認済み"
        REFUSED = "refused", "確認できません"
        EXPIRED = "expired", "期限切れ"

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    process = models.CharField(max_length=64, unique=True)
    state = models.CharField("状態", max_length=20, choices=State.choices, default=State.STARTED)
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    subject = models.CharField(max_length=64, blank=True)
    heard_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "eKYCの審査"
        ordering = ("pk",)
        indexes: ClassVar = [
            models.Index(fields=("created_at",), name="inspections_open", condition=models.Q(decided_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.application_id}"


class Notice(models.Model):
    """A webhook of the verifier, by its id: what comes twice does nothing the second time."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    jti = models.CharField(max_length=255, unique=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "eKYCの通知"
        indexes: ClassVar = [models.Index(fields=("received_at",), name="notices_by_age")]

    def __str__(self) -> str:
        return self.jti


class Signature(models.Model):
    """電子署名: what was signed and by whom; the newest of an application counts, the others are its history.

    document: the signed text, sealed; digest: its SHA-256; revision: of the answers that it shows; claims: as in
    Verification; subject: keyed hash of the certificate's number. No certificate.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("署名した日時")
    digest = models.CharField(max_length=64)
    document = models.JSONField(encoder=DjangoJSONEncoder)
    revision = models.PositiveIntegerField()
    signature = models.TextField()  # base64
    subject = models.CharField(max_length=64)
    claims = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    substituted = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # claim -> where 代替文字 stand in it

    class Meta:
        verbose_name = verbose_name_plural = "電子署名"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.application_id}"


class Turn(models.Model):
    """One person's one application to a form within a period (一人1回)."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    form = models.ForeignKey(FormPage, on_delete=models.CASCADE, related_name="+")
    period = models.CharField(max_length=20)  # "" for ever
    subject = models.CharField(max_length=64)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "一人1回の記録"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("form", "period", "subject"), name="one_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.period}"


class Flow(models.Model):
    """A resident on the way to the provider and back: one for a draft, the newest. Used by being deleted.

    Only digests: the state travels in addresses, the binding in a cookie of the browser that left.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=40)
    state_digest = models.CharField(max_length=64, unique=True)
    binding_digest = models.CharField(max_length=64)
    # of a signature: the provider's transaction, and the SHA-256 of what is to be signed
    transaction = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "本人確認の途中"
        indexes: ClassVar = [models.Index(fields=("created_at",), name="flows_by_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.application_id}"
