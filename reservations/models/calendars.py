"""What staff set up: receptions with their places, hours, closed days, examinations and limits."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from cms.models import Department
from reservations.deadlines import Deadline

WEEKDAYS = "月火水木金土日"


class Calendar(models.Model):
    """受付: something that places are booked for. Its department owns it."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", verbose_name="所管課")
    name = models.CharField("名称", max_length=100)
    code = models.SlugField(
        "識別名", max_length=40, unique=True, help_text="半角の英数字。申請フォームがこの名前で呼びます。"
    )
    valid_from = models.DateField("有効期間の初日")
    valid_to = models.DateField("有効期間の最終日", null=True, blank=True)
    closed_on_holidays = models.BooleanField("祝日は休み", default=True)
    closed_at_new_year = models.BooleanField("年末年始（12/29〜1/3）は休み", default=True)
    opens_at = models.DateTimeField("予約の受付開始", null=True, blank=True, help_text="空欄なら、すぐに受け付けます。")
    opens_days = models.PositiveSmallIntegerField("何日前から受け付けるか", null=True, blank=True)
    book_days = models.PositiveSmallIntegerField("予約の締切（日前）", default=0)
    book_hours = models.PositiveSmallIntegerField("予約の締切（時間前）", default=0)
    book_time = models.TimeField("予約の締切（時刻）", null=True, blank=True)
    change_days = models.PositiveSmallIntegerField("変更の締切（日前）", default=0)
    change_hours = models.PositiveSmallIntegerField("変更の締切（時間前）", default=0)
    change_time = models.TimeField("変更の締切（時刻）", null=True, blank=True)
    cancel_days = models.PositiveSmallIntegerField("取消の締切（日前）", default=0)
    cancel_hours = models.PositiveSmallIntegerField("取消の締切（時間前）", default=0)
    cancel_time = models.TimeField("取消の締切（時刻）", null=True, blank=True)
    hold_minutes = models.PositiveSmallIntegerField("仮押さえ（分）", default=15, validators=[MinValueValidator(1)])
    extension_minutes = models.PositiveSmallIntegerField("支払いなどでの延長（分）", default=15)
    declared_hours = models.PositiveSmallIntegerField(
        "申請後の手続を待つ時間", default=72, help_text="支払いなどが済まないまま過ぎると、枠を手放します。"
    )
    max_places = models.PositiveSmallIntegerField("一度に予約できる数", default=10, validators=[MinValueValidator(1)])
    waiting_list = models.BooleanField(
        "キャンセル待ちを受け付ける", default=True, help_text="満員の枠に空きが出たら、登録した順に案内します。"
    )
    waiting_hours = models.PositiveSmallIntegerField(
        "空きを案内してから待つ時間",
        default=24,
        validators=[MinValueValidator(1)],
        help_text="この時間のうちに予約されなければ、次の人に案内します。予約の締切より後にはなりません。",
    )
    reminder_time = models.TimeField(
        "前日のお知らせの時刻",
        null=True,
        blank=True,
        default=time(18),
        help_text="予約の前の日のこの時刻に、メールで知らせます。空欄なら知らせません。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "予約の受付"
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="calendar_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": "最終日は、初日と同じ日か後の日にしてください。"})
        for kind in ("book", "change", "cancel"):
            if getattr(self, f"{kind}_time") and getattr(self, f"{kind}_hours"):
                message = "時刻を決めるときは、時間前を0にしてください。"
                raise ValidationError({f"{kind}_hours": message})

    @property
    def book_deadline(self) -> Deadline:
        return Deadline(self.book_days, self.book_hours, self.book_time)

    @property
    def change_deadline(self) -> Deadline:
        return Deadline(self.change_days, self.change_hours, self.change_time)

    @property
    def cancel_deadline(self) -> Deadline:
        return Deadline(self.cancel_days, self.cancel_hours, self.cancel_time)

    def opening_of(self, day: date) -> datetime | None:
        """When residents may begin to book for that day; None: already."""
        moments = [self.opens_at] if self.opens_at else []
        if self.opens_days is not None:
            first = day - timedelta(days=self.opens_days)
            moments.append(timezone.make_aware(datetime.combine(first, datetime.min.time())))
        return max(moments, default=None)


class Venue(models.Model):
    """会場: where, and so also what is open at the same time as something else."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="venues", verbose_name="受付")
    name = models.CharField("名称", max_length=100)
    address = models.CharField("所在地", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "会場"
        ordering = ("order", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("calendar", "name"), name="one_venue_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """検診項目 and the like: what a person may ask for within a visit. `code` is the value of the form's choice."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="items", verbose_name="受付")
    name = models.CharField("名称", max_length=100)
    code = models.CharField("コード", max_length=40, help_text="申請フォームの選択肢のコードと同じにしてください。")
    order = models.PositiveSmallIntegerField("並び順", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "予約の項目"
        ordering = ("order", "pk")
        constraints: ClassVar = [models.UniqueConstraint(fields=("calendar", "code"), name="one_item_of_a_code")]

    def __str__(self) -> str:
        return self.name


def check_own(calendar: int, *others: "Venue | Item | None") -> None:
    """A venue or an item of another reception would silently count for nothing."""
    if any(other is not None and other.calendar_id != calendar for other in others):
        raise ValidationError("会場と項目は、同じ受付のものを選んでください。")


class Limits(models.Model):
    """How many places residents may take themselves, and how many there are in all."""

    limit_public = models.PositiveIntegerField("定員（住民が予約できる数）")
    limit_total = models.PositiveIntegerField("定員（職員の予約を合わせて）")

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(limit_public__gte=0, limit_public__lte=models.F("limit_total")),
                name="%(class)s_public_within_total",
            )
        ]

    def clean(self) -> None:
        super().clean()
        if self.limit_public is not None and self.limit_total is not None and self.limit_public > self.limit_total:
            raise ValidationError({"limit_public": "住民が予約できる数は、全体の定員までにしてください。"})


class Season(models.Model):
    """期: a stretch of days that a person may have one booking in, with a limit of its own if it has one."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="seasons", verbose_name="受付")
    name = models.CharField("名称", max_length=60, help_text="例: 2027年度")
    first_day = models.DateField("初日")
    last_day = models.DateField("最終日")
    limit_public = models.PositiveIntegerField("全体の定員（住民が予約できる数）", null=True, blank=True)
    limit_total = models.PositiveIntegerField("全体の定員（職員の予約を合わせて）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "期"
        ordering = ("first_day",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="season_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(limit_public__isnull=True, limit_total__isnull=True)
                | models.Q(limit_public__isnull=False, limit_public__lte=models.F("limit_total")),
                name="season_has_both_limits_or_none",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValidationError({"last_day": "最終日は、初日と同じ日か後の日にしてください。"})
        if (self.limit_public is None) != (self.limit_total is None):
            raise ValidationError({"limit_total": "定員は両方を入力するか、両方を空欄にしてください。"})
        if not self.first_day or not self.last_day:
            return
        others = Season.objects.filter(
            calendar=self.calendar_id, first_day__lte=self.last_day, last_day__gte=self.first_day
        )
        if others.exclude(pk=self.pk).exists():
            raise ValidationError({"first_day": "ほかの期と日が重なっています。重ならないようにしてください。"})


class Hours(Limits):
    """From when to when, in slots of how long, with how many places each."""

    starts = models.TimeField("開始")
    ends = models.TimeField("終了")
    minutes = models.PositiveSmallIntegerField(
        "1枠の長さ（分）", default=30, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            *Limits.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("starts"), minutes__gt=0), name="%(class)s_ends_after_it_begins"
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if self.starts and self.ends and self.ends <= self.starts:
            raise ValidationError({"ends": "終了は、開始より後の時刻にしてください。"})
        if self.starts and self.ends and self.minutes and self.length % self.minutes:
            message = "開始から終了までを、1枠の長さで割り切れません。余りの時間には枠を作れません。"
            raise ValidationError({"minutes": message})

    @property
    def length(self) -> int:
        """Minutes from the beginning to the end."""
        return (self.ends.hour - self.starts.hour) * 60 + self.ends.minute - self.starts.minute


def check_weekdays(value: Any) -> None:
    if not isinstance(value, list) or not value or set(value) - set(range(7)):
        raise ValidationError("曜日を一つ以上選んでください。")


def check_weeks(value: Any) -> None:
    if not isinstance(value, list) or set(value) - set(range(1, 6)):
        raise ValidationError("週は第1から第5までで選んでください。")


class WeeklyPattern(Hours):
    """週の型: the hours of one or more weekdays at a venue, while it is valid."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="patterns", verbose_name="受付")
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+", verbose_name="会場")
    weekdays = models.JSONField("曜日", validators=[check_weekdays])  # 0 = Monday
    # 第2・第4 are [2, 4]
    weeks = models.JSONField("第何週", default=list, blank=True, validators=[check_weeks], help_text="空欄なら毎週")
    valid_from = models.DateField("いつから", null=True, blank=True)
    valid_to = models.DateField("いつまで", null=True, blank=True)

    class Meta(Hours.Meta):
        verbose_name = verbose_name_plural = "週の型"
        ordering = ("venue", "starts", "pk")
        abstract = False

    def __str__(self) -> str:
        days = "・".join(WEEKDAYS[number] for number in self.weekdays)
        return f"{self.venue} {days} {self.starts:%H:%M}〜{self.ends:%H:%M}"

    def clean(self) -> None:
        super().clean()
        check_own(self.calendar_id, self.venue if self.venue_id else None)


class PatternItem(Limits):
    """How many places of each slot of a pattern an item has (枠×項目)."""

    pattern = models.ForeignKey(WeeklyPattern, on_delete=models.CASCADE, related_name="item_limits")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+", verbose_name="項目")

    class Meta(Limits.Meta):
        verbose_name = verbose_name_plural = "枠ごとの項目の定員"
        abstract = False
        constraints: ClassVar = [
            *Limits.Meta.constraints,
            models.UniqueConstraint(fields=("pattern", "item"), name="one_limit_per_pattern_and_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.limit_total}"

    def clean(self) -> None:
        super().clean()
        check_own(self.pattern.calendar_id, self.item if self.item_id else None)


class Opening(Hours):
    """臨時の開設: one day's own hours, in place of the week's, whatever holiday it is."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="openings", verbose_name="受付")
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="+", verbose_name="会場")
    day = models.DateField("日")
    reason = models.CharField("理由", max_length=100, blank=True)

    class Meta(Hours.Meta):
        verbose_name = verbose_name_plural = "臨時の開設"
        ordering = ("day", "venue", "starts")
        abstract = False

    def __str__(self) -> str:
        return f"{self.day} {self.venue}"

    def clean(self) -> None:
        super().clean()
        check_own(self.calendar_id, self.venue if self.venue_id else None)


class Closure(models.Model):
    """休み: no slots on these days, at one venue or at all; stronger than everything else."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="closures", verbose_name="受付")
    venue = models.ForeignKey(
        Venue, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="会場"
    )
    first_day = models.DateField("初日")
    last_day = models.DateField("最終日")
    reason = models.CharField("理由", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "休み"
        ordering = ("first_day",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="closure_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day}〜{self.last_day} {self.reason}"

    def clean(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValidationError({"last_day": "最終日は、初日と同じ日か後の日にしてください。"})
        check_own(self.calendar_id, self.venue if self.venue_id else None)


class Quota(Limits):
    """1日の定員: of an item, of a venue, of an item at a venue, or of everything together on a day."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="quotas", verbose_name="受付")
    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="項目"
    )
    venue = models.ForeignKey(
        Venue, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name="会場"
    )

    class Meta(Limits.Meta):
        verbose_name = verbose_name_plural = "1日の定員"
        abstract = False

    def __str__(self) -> str:
        return f"1日の定員 {self.item or ''}{self.venue or ''} {self.limit_total}"

    def clean(self) -> None:
        super().clean()
        check_own(self.calendar_id, self.venue, self.item)
