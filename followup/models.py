"""What lets a resident come back without an account: codes and links that go by mail, and what limits their use."""

from typing import ClassVar

from django.db import models

from applications.models import Application, new_public_id


class Purpose(models.TextChoices):
    ADDRESS = "address", "メールアドレスの確認"
    STATUS = "status", "申請状況の確認"


class Code(models.Model):
    """確認コード: six digits on their way to a mailbox. The digits are not kept: see codes.digits_of.

    One for a purpose of STATUS is also the visit that follows it: from used_at until it is ended, or its time is over.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    # None: somebody asked for what is not there, and must not notice
    application = models.ForeignKey(Application, on_delete=models.CASCADE, null=True, related_name="+")
    address_digest = models.CharField(max_length=64)
    nonce = models.CharField(max_length=43)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)  # handed to the outbox
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "確認コード"
        indexes: ClassVar = [
            models.Index(fields=("application", "purpose", "-created_at"), name="codes_of_application"),
            models.Index(
                fields=("created_at",),
                condition=models.Q(announced_at__isnull=True, application__isnull=False),
                name="codes_to_announce",
            ),
            models.Index(fields=("expires_at",), name="codes_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class VerifiedAddress(models.Model):
    """A mail address that the resident of an application has been reached at."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    address_digest = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "確認済みのメールアドレス"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "address_digest"), name="address_verified_once")
        ]

    def __str__(self) -> str:
        return f"{self.application_id}"


class ResumeLink(models.Model):
    """A link that gives another device a key to the draft, once."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    to = models.CharField(max_length=254)  # empty: a 続きの番号 led here
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "続きの入力のリンク"

    def __str__(self) -> str:
        return f"{self.application_id}"


class ResumeCode(models.Model):
    """続きの番号: shown on the device that has the draft, typed into another one, once."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "続きの番号"

    def __str__(self) -> str:
        return f"{self.application_id}"


class ExpiryNotice(models.Model):
    """The resident of a draft was told of the day on which it goes; or would have been, had there been an address."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    expires_on = models.DateField()

    class Meta:
        verbose_name = verbose_name_plural = "期限のお知らせ"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "expires_on"), name="one_notice_per_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.expires_on}"


class Rating(models.Model):
    """満足度: what the resident thought of applying, from 1 to 5, said once."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField("満足度")
    comment = models.TextField("ご意見", blank=True)
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "満足度"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="score_from_1_to_5")
        ]

    def __str__(self) -> str:
        return f"{self.score}"
