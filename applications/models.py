"""申請: what one resident asked for, with its files, its history and its outbox."""

import re
import secrets
import uuid
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.status import Status
from cms.models import Department
from formbuilder.models import FormPage, FormVersion


class Channel(models.TextChoices):
    """How the application reached the municipality."""

    WEB = "web", "ウェブ"
    COUNTER = "counter", "窓口"
    PHONE = "phone", "電話"
    POST = "post", "郵送"
    LINE = "line", "LINE"
    API = "api", "連携"


PUBLIC_ID = re.compile("[A-Za-z0-9_-]{22}")  # anything else is no id; PostgreSQL would not even look for a NUL


def new_public_id() -> str:
    """22 characters that nobody can guess, for addresses."""
    return secrets.token_urlsafe(16)


class Application(models.Model):
    """One application, from draft to done. `status` is written by lifecycle.py alone, answers by services.py."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    form = models.ForeignKey(FormPage, on_delete=models.PROTECT, related_name="+", verbose_name="申請フォーム")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+", verbose_name="版")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    status = models.CharField("状態", max_length=20, choices=Status.choices, default=Status.DRAFT)
    language = models.CharField("申請者の言語", max_length=20, default="ja")  # of the pages, and so of the mails
    channel = models.CharField("受付方法", max_length=20, choices=Channel.choices, default=Channel.WEB)
    reference = models.CharField("受付番号", max_length=20, unique=True, null=True)
    secret_digest = models.CharField(max_length=64)
    # answers as vault.seal leaves them; read and write them through services.py
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # what was typed but could not be taken, so that it is still there when the resident comes back
    unfinished = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # key of an item -> why its answer stays as it is: a proof gave it, not the resident (services.fix_answers)
    fixed = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    # how the resident wants to be asked; "" as the form says
    presentation = models.CharField(max_length=10, blank=True)
    revision = models.PositiveIntegerField(default=0)  # counts changes of the answers
    applicant = models.CharField("申請者", max_length=200, blank=True)
    email = models.CharField("メール", max_length=254, blank=True)
    search_text = models.TextField(blank=True)
    created_at = models.DateTimeField("作成", auto_now_add=True)
    updated_at = models.DateTimeField("更新", auto_now=True)
    # the day on which the resident declared: what conditions and calculations looked at stays as it was then
    declared_on = models.DateField("申請日", null=True)
    received_at = models.DateTimeField("受付日時", null=True)
    # 標準処理期間 in working days, as the form had it on arrival: what was promised then stays promised
    standard_days = models.PositiveSmallIntegerField("標準処理期間", null=True)
    # since when something that the resident sent waits for the desk to read it; null: nothing does
    unread_since = models.DateTimeField("未読", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "申請"
        indexes: ClassVar = [
            # the staff list pages by (received_at, id) within the departments an officer may see
            models.Index(fields=("department", "-received_at", "-id"), name="desk_list"),
            models.Index(fields=("form", "-received_at", "-id"), name="form_list"),
            # an officer of several departments: the newest of all, then those of the wrong department left out
            models.Index(
                fields=("-received_at", "-id"), name="arrivals", condition=models.Q(received_at__isnull=False)
            ),
            models.Index(fields=("department", "status", "-received_at"), name="desk_status"),
            models.Index(fields=("status", "updated_at"), name="expiry"),
            models.Index(
                fields=("department", "-received_at", "-id"),
                name="desk_unread",
                condition=models.Q(unread_since__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(received_at__isnull=True, reference__isnull=True)
                | models.Q(received_at__isnull=False, reference__isnull=False),
                name="received_with_reference",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    status__in=["submitted", "in_review", "returned", "approved", "rejected", "completed"]
                )
                | models.Q(received_at__isnull=False),
                name="arrived_means_received",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or f"下書き {self.public_id}"


class Key(models.Model):
    """A further secret that opens a draft, of another device; the first one is Application.secret_digest."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "下書きの鍵"
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("application", "digest"), name="one_key_per_secret")]

    def __str__(self) -> str:
        return f"{self.application_id}"


def private_storage() -> Storage:
    """Never below a directory that a web server hands out."""
    return storages["private"]


def private_path(attachment: "Attachment", filename: str) -> str:
    """A random name: nothing of the resident's reaches the file system."""
    token = uuid.uuid4().hex
    return f"attachments/{token[:2]}/{token}"


class Attachment(models.Model):
    """A file of an application, kept after its content was checked."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="attachments")
    field_key = models.CharField(max_length=80)
    file = models.FileField(storage=private_storage, upload_to=private_path, max_length=120)
    name = models.CharField("ファイル名", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "添付ファイル"
        ordering = ("pk",)
        indexes: ClassVar = [models.Index(fields=("application", "field_key"), name="files_of_field")]

    def __str__(self) -> str:
        return self.name


def arriving_path(name: str) -> str:
    token = uuid.uuid4().hex
    return f"{name}/{token[:2]}/{token}"


class Upload(models.Model):
    """A file that is arriving in pieces; it becomes an Attachment once all of it is here and has been checked."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="uploads")
    field_key = models.CharField(max_length=80)
    mark = models.CharField(max_length=64)  # the same file chosen again has the same
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)  # bytes that are here
    pieces = models.JSONField(default=list)  # their names in the private storage
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "届いている途中のファイル"
        indexes: ClassVar = [models.Index(fields=("updated_at",), name="uploads_by_age")]

    def __str__(self) -> str:
        return f"{self.offset}/{self.size}"


class Quarantined(models.Model):
    """隔離: a file that the scanner did not call clean. Nobody can open it here; it is no part of the application."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    field_key = models.CharField(max_length=80)
    file = models.FileField(storage=private_storage, max_length=120)
    name = models.CharField("ファイル名", max_length=200)
    size = models.PositiveBigIntegerField("大きさ")
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField(
        "判定", max_length=20, choices=[("infected", "ウイルスの疑い"), ("unavailable", "検査できず")]
    )
    detail = models.CharField("検出名・理由", max_length=200)
    at = models.DateTimeField("日時", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "隔離したファイル"
        ordering = ("-pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("application", "field_key", "sha256"), name="quarantined_once")
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """Something that happened to an application: audit trail, history for people, and outbox at once."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("できごと", max_length=40)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="職員"
    )
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "履歴"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind} {self.application_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """History is written once."""
        if not self._state.adding:
            raise ValueError("an event is never changed")
        super().save(*args, **kwargs)


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "配信待ち"
    DELIVERED = "delivered", "配信済"
    DEAD = "dead", "配信できません"


class Delivery(models.Model):
    """An event on its way to one subscriber, at least once."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField("受け手", max_length=60)
    state = models.CharField("状態", max_length=20, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField("試行", default=0)
    due_at = models.DateTimeField("次の試行")
    last_error = models.TextField("最後のエラー", blank=True)
    delivered_at = models.DateTimeField("配信日時", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "配信"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("event", "subscriber"), name="one_delivery_per_subscriber")
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at",), condition=models.Q(state="waiting"), name="outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"


class FileFormat(models.TextChoices):
    EXCEL = "xlsx", "Excel"
    CSV = "csv", "CSV"
    PDF = "pdf", "PDF"
    ZIP = "zip", "ZIP"
    JSON = "json", "JSON"
    API = "api", "API"


class Unchangeable(Exception):
    """A record of an export is written once and stays."""


class RecordQuerySet(models.QuerySet["ExportRecord"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise Unchangeable

    def delete(self) -> NoReturn:
        raise Unchangeable


class ExportRecord(models.Model):
    """What one file took of one form, or of one list, of one department; `export` is the same for the whole file."""

    export = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField("日時", auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="職員")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    # what was taken, as it was called on that day; the page may go
    form_code = models.CharField(max_length=40)
    form_title = models.CharField("申請フォーム", max_length=255)
    format = models.CharField("形式", max_length=10, choices=FileFormat.choices)
    rows = models.PositiveIntegerField("件数")
    filters = models.JSONField("条件", default=list, encoder=DjangoJSONEncoder)  # [[name, value], …] in words

    wagtail_reference_index_ignore = True
    objects = RecordQuerySet.as_manager()

    class Meta:
        db_table = "exports_exportrecord"
        verbose_name = verbose_name_plural = "出力の記録"
        ordering = ("-at", "-pk")
        indexes: ClassVar = [models.Index(fields=("department", "-at"), name="exports_of_department")]

    def __str__(self) -> str:
        return f"{self.form_title} {self.rows}件"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Unchangeable


class Tally(models.Model):
    """How often something was done within a window of time. The key is a keyed hash of what, by whom, and when."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "followup_tally"
        verbose_name = verbose_name_plural = "回数"

    def __str__(self) -> str:
        return f"{self.count}"
