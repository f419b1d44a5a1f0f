"""Who has which place. Written by services.py and expiry.py alone."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from applications.models import Application, Channel
from reservations.models.calendars import Item
from reservations.models.capacity import Bucket, Slot


class State(models.TextChoices):
    """hold → confirmed | released | expired; confirmed → cancelled."""

    HOLD = "hold", "仮押さえ"
    CONFIRMED = "confirmed", "予約済"
    RELEASED = "released", "手放し"
    EXPIRED = "expired", "仮押さえ期限切れ"
    CANCELLED = "cancelled", "取消"


ACTIVE = (State.HOLD, State.CONFIRMED)


class Booking(models.Model):
    """予約: the places that one application has in one slot, for the whole party."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="bookings", verbose_name="申請")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings", verbose_name="枠")
    state = models.CharField("状態", max_length=20, choices=State.choices)
    channel = models.CharField("予約の入口", max_length=20, choices=Channel.choices)
    # what the browser sent with the choice: the second tap of a double tap brings the same
    key = models.CharField(max_length=64, null=True)
    party = models.CharField(max_length=64)  # party.digest: tells whether the answers still ask for the same
    hold_expires_at = models.DateTimeField("仮押さえの期限", null=True)
    extended = models.BooleanField("延長済み", default=False)
    kept = models.BooleanField("申請後の手続待ち", default=False)
    # a hold that has to be accepted: it ends in time though its application has been received (補欠)
    unasked = models.BooleanField("本人の確認待ち", default=False, db_default=False)
    sequence = models.PositiveIntegerField("変更回数", default=0)  # of the calendar file, RFC 5545
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="入力した職員",
    )
    created_at = models.DateTimeField("作成", auto_now_add=True)
    confirmed_at = models.DateTimeField("確定", null=True)
    ended_at = models.DateTimeField("終了", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "予約"
        indexes: ClassVar = [
            models.Index(fields=("hold_expires_at",), condition=models.Q(state="hold"), name="holds_by_expiry"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(state__in=["hold", "confirmed"]), name="one_active_booking"
            ),
            models.UniqueConstraint(fields=("key",), name="one_booking_per_key"),
            models.CheckConstraint(
                condition=models.Q(state="hold", hold_expires_at__isnull=False)
                | (~models.Q(state="hold") & models.Q(hold_expires_at__isnull=True)),
                name="a_hold_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.slot_id}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class Claim(models.Model):
    """What an active booking has of a bucket; gone when the booking ends. Bucket.taken is the sum of these."""

    # no index of their own for keys that begin a unique one: a booking is written while others wait
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, db_index=False, related_name="claims")
    bucket = models.ForeignKey(Bucket, on_delete=models.PROTECT, related_name="claims")
    n = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "定員の内訳"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("booking", "bucket"), name="one_claim_per_bucket"),
            models.CheckConstraint(condition=models.Q(n__gt=0), name="a_claim_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.bucket_id} × {self.n}"


class Attendee(models.Model):
    """One person of the party (or one nameless lot of places), with what they asked for."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, db_index=False, related_name="attendees")
    ordinal = models.PositiveSmallIntegerField()  # place in the party, from 0
    name = models.CharField("氏名", max_length=200, blank=True)
    places = models.PositiveSmallIntegerField("席数", default=1)
    person = models.CharField(max_length=64, blank=True)  # party.person_key
    # season and person while the booking is active: the database lets nobody book twice
    once = models.CharField(max_length=100, null=True)
    items = models.ManyToManyField(Item, through="AttendeeItem", verbose_name="項目")

    class Meta:
        verbose_name = verbose_name_plural = "利用者"
        ordering = ("booking", "ordinal")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("booking", "ordinal"), name="one_attendee_per_ordinal"),
            models.UniqueConstraint(fields=("once",), name="nobody_books_twice"),
            models.CheckConstraint(condition=models.Q(places__gt=0), name="an_attendee_needs_a_place"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.places}席"


class AttendeeItem(models.Model):
    """An examination that one person asked for."""

    attendee = models.ForeignKey(Attendee, on_delete=models.CASCADE, db_index=False, related_name="wishes")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False, related_name="+", verbose_name="項目")

    class Meta:
        verbose_name = verbose_name_plural = "利用者の項目"
        constraints: ClassVar = [models.UniqueConstraint(fields=("attendee", "item"), name="one_wish_per_item")]

    def __str__(self) -> str:
        return str(self.item)
