"""When an export is made and where it goes, and what came of each time."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from applications.models import new_public_id
from cms.models import Department


class Every(models.TextChoices):
    DAY = "day", "毎日"
    WEEK = "week", "毎週"
    MONTH = "month", "毎月"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "月曜日"
    TUESDAY = 1, "火曜日"
    WEDNESDAY = 2, "水曜日"
    THURSDAY = 3, "木曜日"
    FRIDAY = 4, "金曜日"
    SATURDAY = 5, "土曜日"
    SUNDAY = 6, "日曜日"


class Span(models.TextChoices):
    ALL = "all", "受け付けたすべての申請"
    DAY = "day", "前日に届いた申請"
    WEEK = "week", "前日までの7日間に届いた申請"
    MONTH = "month", "前の月に届いた申請"


class PlaceKind(models.TextChoices):
    MAIL = "mail", "メールで知らせる"
    FOLDER = "folder", "サーバーのフォルダに置く"
    SFTP = "sftp", "SFTPで送る"
    S3 = "s3", "S3互換のストレージに送る"


class Schedule(models.Model):
    """定期出力: services.py is the only writer. user: whose rights every run has."""

    wagtail_reference_index_ignore = True  # no page is ever referred to from here

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id, editable=False)
    name = models.CharField("名称", max_length=100)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="責任者"
    )
    template = models.ForeignKey(
        "exports.ExportTemplate", on_delete=models.PROTECT, related_name="schedules", verbose_name="出力テンプレート"
    )
    every = models.CharField("頻度", max_length=10, choices=Every.choices)
    at = models.TimeField("時刻")
    weekday = models.PositiveSmallIntegerField("曜日", choices=Weekday.choices, default=0)
    day = models.PositiveSmallIntegerField("日", default=1)  # 31: the last day of each month
    span = models.CharField("対象", max_length=10, choices=Span.choices)
    place = models.CharField("渡し方", max_length=10, choices=PlaceKind.choices)
    where = models.JSONField(default=dict)  # as the place wants it, without secrets
    secret = models.JSONField(default=dict)  # sealed; {} when the place needs none
    next_at = models.DateTimeField("次回")
    failures = models.PositiveIntegerField(default=0)  # one after the other
    stopped_at = models.DateTimeField("停止", null=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "定期出力"
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class RunState(models.TextChoices):
    WAITING = "waiting", "作成・送信中"
    DONE = "done", "渡しました"
    EMPTY = "empty", "対象なし"
    FAILED = "failed", "渡せません"


class Run(models.Model):
    """One time of a schedule. running.py is the only writer."""

    wagtail_reference_index_ignore = True

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    due = models.DateTimeField("予定")
    job = models.ForeignKey("exports.ExportJob", on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField("状態", max_length=10, choices=RunState.choices, default=RunState.WAITING)
    claims = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)  # to bring it to its place
    due_at = models.DateTimeField()  # of the next look
    problem = models.CharField(max_length=300, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField("終了", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "定期出力の記録"
        ordering = ("-due", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("schedule", "due"), name="one_run_for_each_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at",), condition=models.Q(state="waiting"), name="schedule_runs_due"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.due}"
