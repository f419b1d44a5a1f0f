"""キャンセル待ち: who waits for a place in which slot, and what became of it. Written by reservations/waiting alone."""

from typing import ClassVar

from django.db import models

from applications.models import Application, Channel
from reservations.models.bookings import Booking
from reservations.models.calendars import Calendar
from reservations.models.capacity import Slot
from reservations.party import Party, from_told


class Wait(models.TextChoices):
    """waiting → offered → taken | declined | lapsed; waiting → left | removed | ended."""

    WAITING = "waiting", "待っています"
    OFFERED = "offered", "案内中"
    TAKEN = "taken", "予約済"
    DECLINED = "declined", "辞退"
    LAPSED = "lapsed", "案内の期限切れ"
    LEFT = "left", "取りやめ"
    REMOVED = "removed", "職員が取消"
    ENDED = "ended", "締切"


ON_LIST = (Wait.WAITING, Wait.OFFERED)
BY_DESK = (Channel.PHONE, Channel.COUNTER, Channel.POST)  # entered by staff, who have to tell the person too


class WaitingEntry(models.Model):
    """One application's wait for one slot. party: as it was asked for, party.told."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="waits", verbose_name="申請")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+", verbose_name="受付")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="waits", verbose_name="枠")
    state = models.CharField("状態", max_length=20, choices=Wait.choices, default=Wait.WAITING)
    rank = models.BigIntegerField("順番")  # within the reception; the lowest is next
    party = models.JSONField()
    email = models.CharField("メール", max_length=254, blank=True)
    # what was offered last; a booking as any other, held until offered_until
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, null=True, related_name="offer")
    offered_until = models.DateTimeField("案内の期限", null=True)
    # of whom the desk put on the list: the last call about what was offered, and whether they heard of it
    called_at = models.DateTimeField("最後の電話", null=True)
    reached = models.BooleanField("電話で伝えた", default=False, db_default=False)
    created_at = models.DateTimeField("登録", auto_now_add=True)
    ended_at = models.DateTimeField("終了", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "キャンセル待ち"
        ordering = ("rank", "pk")
        indexes: ClassVar = [
            models.Index(
                fields=("calendar", "rank"), condition=models.Q(state__in=["waiting", "offered"]), name="queue"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("application", "slot"),
                condition=models.Q(state__in=["waiting", "offered"]),
                name="one_wait_per_slot",
            ),
            models.UniqueConstraint(
                fields=("application",), condition=models.Q(state="offered"), name="one_offer_at_a_time"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="offered") | models.Q(booking__isnull=False, offered_until__isnull=False),
                name="an_offer_is_a_booking",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.get_state_display()}"

    @property
    def is_of_the_desk(self) -> bool:
        """Whether staff put it on the list, and so have to tell the person and to book."""
        return self.application.channel in BY_DESK

    @property
    def people(self) -> Party:
        return from_told(self.party)
