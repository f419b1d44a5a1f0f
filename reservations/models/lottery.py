"""抽選: who takes part, and what the draw gave. Written by reservations/lottery alone."""

import hashlib
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from applications.models import Application
from reservations.models.bookings import Booking
from reservations.models.calendars import Calendar
from reservations.models.capacity import Slot
from reservations.party import Party, from_told


class LotteryState(models.TextChoices):
    """prepared → open → drawn. That entries are closed is a matter of the clock."""

    PREPARED = "prepared", "準備中"
    OPEN = "open", "受付・抽選待ち"
    DRAWN = "drawn", "抽選済"


class Result(models.TextChoices):
    """entered → won | reserve | lost; entered → withdrawn, which a booking of another day is too.

    Not declared in time, or withdrawn since: void.
    """

    ENTERED = "entered", "申込み"
    WON = "won", "当選"
    RESERVE = "reserve", "補欠"
    LOST = "lost", "落選"
    WITHDRAWN = "withdrawn", "取りやめ"
    VOID = "void", "無効（申請が未完了）"


class Lottery(models.Model):
    """The slots of some days of a reception, given by lot and not to whoever is first."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="lotteries", verbose_name="受付")
    name = models.CharField("名称", max_length=60, help_text="例: 2027年度 前期")
    first_day = models.DateField("対象の初日")
    last_day = models.DateField("対象の最終日")
    opens_at = models.DateTimeField("申込みの開始")
    closes_at = models.DateTimeField("申込みの締切")
    draws_at = models.DateTimeField(
        "自動で抽選する日時", null=True, blank=True, help_text="空欄なら、締切のあとに職員が抽選します。"
    )
    wishes = models.PositiveSmallIntegerField(
        "希望の数",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="第何希望まで選べるか",
    )
    reserves = models.PositiveIntegerField(
        "補欠の数", null=True, blank=True, help_text="空欄なら、全員を補欠にします。"
    )
    state = models.CharField("状態", max_length=20, choices=LotteryState.choices, default=LotteryState.PREPARED)
    seed = models.CharField(max_length=64, blank=True)  # told after the draw; before it, only its hash
    seed_hash = models.CharField("乱数の種のハッシュ値（SHA-256）", max_length=64, blank=True)
    # what was free when the draw was made, so that anybody can repeat it: drawing.Ground
    ground = models.JSONField(default=dict)
    drawn_at = models.DateTimeField("抽選した日時", null=True)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "抽選"
        ordering = ("-first_day", "pk")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day"), closes_at__gt=models.F("opens_at")),
                name="lottery_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(state="prepared") | ~models.Q(seed_hash=""), name="an_open_lottery_has_a_seed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.name}"

    def clean(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValidationError({"last_day": "最終日は、初日と同じ日か後の日にしてください。"})
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "締切は、申込みの開始より後にしてください。"})
        if self.first_day and self.closes_at and timezone.localdate(self.closes_at) >= self.first_day:
            raise ValidationError({"closes_at": "締切は、対象の初日の前の日までにしてください。"})
        if self.draws_at and self.first_day and timezone.localdate(self.draws_at) >= self.first_day:
            raise ValidationError({"draws_at": "抽選の日時は、対象の初日の前の日までにしてください。"})
        if self.draws_at and self.closes_at and self.draws_at < self.closes_at:
            raise ValidationError({"draws_at": "抽選の日時は、申込みの締切より後にしてください。"})
        if self.calendar_id and self.first_day and self.last_day:
            others = Lottery.objects.filter(
                calendar=self.calendar_id, first_day__lte=self.last_day, last_day__gte=self.first_day
            )
            if others.exclude(pk=self.pk).exists():
                raise ValidationError({"first_day": "ほかの抽選と日が重なっています。重ならないようにしてください。"})

    @property
    def slots(self) -> "models.QuerySet[Slot]":
        return Slot.objects.filter(calendar=self.calendar_id, day__range=(self.first_day, self.last_day))

    @property
    def is_drawn(self) -> bool:
        return self.state == LotteryState.DRAWN


def hash_of(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()


class LotteryEntry(models.Model):
    """One application's part in a lottery."""

    lottery = models.ForeignKey(Lottery, on_delete=models.PROTECT, related_name="entries", verbose_name="抽選")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="lottery_entries", verbose_name="申請"
    )
    number = models.PositiveIntegerField("抽選番号")  # what the draw orders by; told to the resident
    party = models.JSONField()  # party.told
    digest = models.CharField(max_length=64)  # party.digest
    # numbers of slots, the dearest first; a copy of the choice as it was, which the draw is repeated from
    slots = models.JSONField()
    email = models.CharField("メール", max_length=254, blank=True)
    result = models.CharField("結果", max_length=20, choices=Result.choices, default=Result.ENTERED)
    place = models.PositiveIntegerField("抽選の順番", null=True)  # from 1, of all who took part
    reserve = models.PositiveIntegerField("補欠の順番", null=True)  # from 1
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, null=True, related_name="lottery_entry")
    created_at = models.DateTimeField("申込み", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽選の申込み"
        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("lottery", "number"), name="one_entry_per_number"),
            models.UniqueConstraint(
                fields=("lottery", "application"),
                condition=~models.Q(result="withdrawn"),
                name="one_entry_per_application",
            ),
            models.CheckConstraint(
                condition=models.Q(result="won", booking__isnull=False)
                | (~models.Q(result="won") & models.Q(booking__isnull=True)),
                name="who_won_has_a_booking",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_result_display()}"

    @property
    def people(self) -> Party:
        return from_told(self.party)


class LotteryPerson(models.Model):
    """A person takes part in a lottery once, in whatever application."""

    lottery = models.ForeignKey(Lottery, on_delete=models.CASCADE, db_index=False, related_name="+")
    entry = models.ForeignKey(LotteryEntry, on_delete=models.CASCADE, related_name="persons")
    person = models.CharField(max_length=64)  # party.person_key

    class Meta:
        verbose_name = verbose_name_plural = "抽選に加わる人"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("lottery", "person"), name="nobody_enters_twice"),
        ]

    def __str__(self) -> str:
        return self.person[:8]
