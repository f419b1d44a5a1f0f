"""支給: what is paid out, in batches. Written by lifecycle.py, results.py and settling.py alone, under locks."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models

from applications.models import Application, new_public_id
from cms.models import Department
from formbuilder.japanese.kana import KanaRefused, to_bank_kana
from payouts.status import CLAIMING, BatchState, RowState
from payouts.zengin import BANK, NAME, Account


def _digits(length: int) -> RegexValidator:
    return RegexValidator(rf"^[0-9]{{{length}}}\Z", f"{length}桁の半角数字で入力してください。")


class Source(models.Model):
    """振込元: the account that a department pays from, as its bank registered it."""

    name = models.CharField("名称", max_length=60, help_text="職員が選ぶときの名前。例: 会計管理者 一般会計")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    client_code = models.CharField(
        "振込依頼人コード", max_length=10, validators=[_digits(10)], help_text="銀行から知らされた10桁の数字"
    )
    client_name = models.CharField("振込依頼人名（カナ）", max_length=NAME, help_text="例: ミホンシ カイケイカンリシヤ")
    bank_code = models.CharField("金融機関コード", max_length=4, validators=[_digits(4)])
    bank_name = models.CharField("金融機関名（カナ）", max_length=BANK, blank=True)
    branch_code = models.CharField("支店コード", max_length=3, validators=[_digits(3)])
    branch_name = models.CharField("支店名（カナ）", max_length=BANK, blank=True)
    kind = models.CharField(
        "預金の種類", max_length=1, choices=[("1", "普通"), ("2", "当座"), ("9", "その他")], default="1"
    )
    number = models.CharField("口座番号", max_length=7, validators=[_digits(7)])

    class Meta:
        verbose_name = verbose_name_plural = "振込元の口座"
        ordering = ("department", "name")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Kana of any width is taken, and kept as files have it."""
        problems = {}
        for part, most in (("client_name", NAME), ("bank_name", BANK), ("branch_name", BANK)):
            try:
                kana = to_bank_kana(getattr(self, part))
            except KanaRefused as refused:
                problems[part] = str(refused).replace("口座名義", "この欄")
                continue
            if len(kana) > most:
                problems[part] = f"濁点・半濁点も1文字として{most}文字以内で入力してください。"
            setattr(self, part, kana)
        if problems:
            raise ValidationError(problems)

    @property
    def account(self) -> Account:
        return Account(
            self.bank_code,
            self.branch_code,
            self.kind,
            self.number,
            self.client_name,
            self.bank_name,
            self.branch_name,
        )


class Scheme(models.Model):
    """支給の種類: one grant, of one form or several. Its row is the lock, so that nobody is taken twice."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    code = models.CharField("支給の種類", max_length=40, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "支給の種類"

    def __str__(self) -> str:
        return self.code


class Batch(models.Model):
    """One file to the bank, and the rows that it is made of. digest: of the rows, from the moment they are frozen.

    file: sealed, made once when the batch is approved; file_digest: SHA-256 of its bytes in the clear.
    """

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    number = models.CharField("支給番号", max_length=22, unique=True, default=new_public_id, editable=False)
    name = models.CharField("名称", max_length=100)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="+", verbose_name="支給の種類")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name="振込元")
    pay_on = models.DateField("振込指定日")
    state = models.CharField("状態", max_length=20, choices=BatchState.choices, default=BatchState.OPEN)
    digest = models.CharField(max_length=64, blank=True)
    file = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    file_digest = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("作成", auto_now_add=True)
    sent_at = models.DateTimeField("送付", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "支給"
        ordering = ("-pk",)
        indexes: ClassVar = [models.Index(fields=("department", "-id"), name="payouts_of_department")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["approved", "sent"], approved_by__isnull=False)
                & ~models.Q(file_digest="")
                & ~models.Q(approved_by=models.F("frozen_by"))
                | models.Q(state__in=["open", "frozen", "cancelled"], file_digest=""),
                name="a_file_has_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Row(models.Model):
    """One application in one batch. account: sealed; the keys tell who and which account without saying it."""

    wagtail_reference_index_ignore = True  # as above

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="payouts")
    number = models.PositiveIntegerField("番号")  # within the batch, from 1; the bank hands it back
    amount = models.PositiveIntegerField("金額（円）")
    account = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField("状態", max_length=20, choices=RowState.choices)
    problems = models.JSONField("確かめること", default=list, encoder=DjangoJSONEncoder)
    person_key = models.CharField(max_length=64, blank=True)
    account_key = models.CharField(max_length=64, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    to_settle = models.BooleanField(default=False)  # its application has not heard of the result yet
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="結果を記録した職員",
    )

    class Meta:
        verbose_name = verbose_name_plural = "支給の明細"
        ordering = ("batch", "number")
        indexes: ClassVar = [
            models.Index(fields=("person_key",), name="payouts_by_person"),
            models.Index(fields=("account_key",), name="payouts_by_account"),
            models.Index(fields=("id",), condition=models.Q(to_settle=True), name="payouts_to_settle"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("batch", "number"), name="one_number_per_payout_row"),
            models.UniqueConstraint(
                fields=("application",),
                condition=models.Q(state__in=[str(state) for state in CLAIMING]),
                name="an_application_is_paid_out_once",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0) | models.Q(state__in=["held", "released"]),
                name="a_payout_is_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def yen(self) -> str:
        return f"{self.amount:,}円"


class Entry(models.Model):
    """The history of a batch: who did what, written once."""

    wagtail_reference_index_ignore = True  # as above

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "支給の履歴"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind} {self.batch_id}"
