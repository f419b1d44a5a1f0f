"""出力ファイル: a file that is made in the background, from the request to its end."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from applications.models import new_public_id, private_storage
from cms.models import Department
from exports.api.models import ApiReply, ApiTally, ApiToken
from exports.formats import Format
from exports.handover.models import Parcel
from exports.opendata.models import OpenData
from exports.schedules.models import Run, Schedule
from exports.webhooks.models import Attempt, Endpoint, Message

__all__ = [
    "ApiReply",
    "ApiTally",
    "ApiToken",
    "Attempt",
    "Endpoint",
    "ExportJob",
    "ExportTemplate",
    "JobState",
    "Message",
    "OpenData",
    "Parcel",
    "Run",
    "Schedule",
]

KEPT = timedelta(days=7)  # after that nobody gets the file any more


class JobState(models.TextChoices):
    WAITING = "waiting", "順番待ち"
    RUNNING = "running", "作成中"
    DONE = "done", "完成"
    FAILED = "failed", "作成できません"
    CANCELLED = "cancelled", "中止"
    EXPIRED = "expired", "期限切れ"


OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED})


def job_path(job: "ExportJob", _: str) -> str:
    """Nobody can guess it. Each attempt has its own, which the next one removes."""
    return f"exports/{job.public_id}/{job.attempts}"


def report_path(job: "ExportJob", _: str) -> str:
    return f"{job_path(job, '')}-report"


class ExportJob(models.Model):
    """jobs.py is the only writer. `spec`: what was asked for, as jobs.Spec writes it."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="職員")
    title = models.CharField("内容", max_length=255)
    format = models.CharField("形式", max_length=10, choices=Format.choices)
    spec = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    once = models.BooleanField("1回だけ", default=False)
    is_quiet = models.BooleanField(default=False)  # nobody waits for a mail: it is brought somewhere
    state = models.CharField("状態", max_length=10, choices=JobState.choices, default=JobState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    # a worker that dies holds the job no longer than this
    due_at = models.DateTimeField()
    cancel_asked = models.BooleanField(default=False)
    error = models.CharField(max_length=300, blank=True)
    # whose applications are in the file: who has lost the role for one of them gets none of it
    departments = models.JSONField(default=list)
    file = models.FileField(storage=private_storage, upload_to=job_path, max_length=120, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    replaced = models.PositiveIntegerField("置き換えた文字", default=0)
    report = models.FileField(storage=private_storage, upload_to=report_path, max_length=120, blank=True)
    downloads = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField("依頼", auto_now_add=True)
    finished_at = models.DateTimeField("終了", null=True)
    expires_at = models.DateTimeField("期限", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "出力ファイル"
        ordering = ("-pk",)
        indexes: ClassVar = [
            models.Index(
                fields=("due_at",), condition=models.Q(state__in=["waiting", "running"]), name="export_jobs_due"
            ),
            models.Index(fields=("user", "-id"), name="export_jobs_of_user"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def percent(self) -> int:
        """Never 100 before it is done."""
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class ExportTemplate(models.Model):
    """出力テンプレート: which columns of which forms, written how; `columns` as shapes.Shape keeps them."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    name = models.CharField("名称", max_length=100)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="作った職員"
    )
    shared = models.BooleanField("所管課で共有する", default=False)
    forms = models.JSONField("申請フォーム", default=list)  # primary keys
    format = models.CharField("形式", max_length=10, choices=Format.choices, default=Format.EXCEL)
    statuses = models.JSONField("状態", default=list, blank=True)
    columns = models.JSONField("列", default=list)
    updated_at = models.DateTimeField("更新", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "出力テンプレート"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name
