"""Slots, and the buckets that count what is taken of them. `taken` is written by taking.py alone."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from reservations.models.calendars import WEEKDAYS, Calendar, Item, Limits, Quota, Season, Venue


class Scope(models.TextChoices):
    """What a bucket limits."""

    SLOT = "slot", "枠"
    SLOT_ITEM = "slot_item", "枠の項目"
    DAY = "day", "1日"
    SEASON = "season", "期"


class Slot(models.Model):
    """予約枠: from when to when at a venue. It never moves; its limits are in its buckets."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="slots", verbose_name="受付")
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+", verbose_name="会場")
    season = models.ForeignKey(Season, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name="期")
    day = models.DateField("日")  # of starts_at, on the clock of the municipality
    starts_at = models.DateTimeField("開始")
    ends_at = models.DateTimeField("終了")
    # every bucket that a booking of this slot has to take from
    buckets: "models.ManyToManyField[Bucket, models.Model]" = models.ManyToManyField(
        "reservations.Bucket", related_name="slots"
    )

    class Meta:
        verbose_name = verbose_name_plural = "予約枠"
        ordering = ("starts_at", "venue")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("calendar", "venue", "starts_at"), name="one_slot_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="slot_ends_after_it_begins"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("calendar", "day"), name="slots_of_a_day")]

    def __str__(self) -> str:
        return f"{self.when} {self.venue}"

    @property
    def when(self) -> str:
        """For people: 2027年6月7日（月）6:00〜6:30"""
        starts, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        day = f"{starts.year}年{starts.month}月{starts.day}日（{WEEKDAYS[starts.weekday()]}）"
        return f"{day}{starts.hour}:{starts:%M}〜{ends.hour}:{ends:%M}"


class Bucket(Limits):
    """定員: one countable limit. Several slots may share it; one with an item counts only who asked for the item."""

    scope = models.CharField("種類", max_length=20, choices=Scope.choices)
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, null=True, related_name="own_buckets", verbose_name="枠")
    quota = models.ForeignKey(Quota, on_delete=models.PROTECT, null=True, related_name="buckets")
    day = models.DateField("日", null=True)
    season = models.ForeignKey(Season, on_delete=models.PROTECT, null=True, related_name="buckets", verbose_name="期")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="項目")
    taken = models.PositiveIntegerField("予約済み", default=0)
    closed = models.BooleanField("受付停止", default=False)
    # somebody waits for it, or it is given by lot: who is on no list takes nothing (docs/adr/0009)
    queued = models.BooleanField("順番待ち", default=False)
    # Of a slot's own bucket: counts changes of the slot's set of buckets. Who read an older set takes nothing.
    layout = models.PositiveIntegerField(default=0)

    class Meta(Limits.Meta):
        verbose_name = verbose_name_plural = "定員"
        abstract = False
        constraints: ClassVar = [
            *Limits.Meta.constraints,
            # the backstop: a mistake in the program becomes an IntegrityError, never an oversold place
            models.CheckConstraint(
                condition=models.Q(taken__gte=0, taken__lte=models.F("limit_total")), name="never_oversold"
            ),
            models.UniqueConstraint(fields=("slot",), condition=models.Q(scope="slot"), name="one_bucket_per_slot"),
            models.UniqueConstraint(
                fields=("slot", "item"), condition=models.Q(scope="slot_item"), name="one_bucket_per_slot_and_item"
            ),
            models.UniqueConstraint(
                fields=("quota", "day"), condition=models.Q(scope="day"), name="one_bucket_per_quota_and_day"
            ),
            models.UniqueConstraint(
                fields=("season",), condition=models.Q(scope="season"), name="one_bucket_per_season"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.taken}/{self.limit_total}"
