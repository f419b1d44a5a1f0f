"""Who came. A mark stands beside the attendee, not on it: bookings are written while others wait."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from reservations.models.bookings import Attendee
from reservations.models.calendars import Item


class Presence(models.TextChoices):
    CAME = "came", "来場"
    ABSENT = "absent", "欠席"


class Attendance(models.Model):
    """来場・欠席: the mark of one person, or of one item of theirs. Taking a mark back deletes it; the application's
    history keeps both. Written by ledger/attending.py alone."""

    attendee = models.ForeignKey(
        Attendee, on_delete=models.CASCADE, db_index=False, related_name="marks", verbose_name="利用者"
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="項目"
    )
    presence = models.CharField("来場", max_length=10, choices=Presence.choices)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="記録した職員",
    )
    marked_at = models.DateTimeField("記録した日時")

    class Meta:
        verbose_name = verbose_name_plural = "来場の記録"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("attendee",), condition=models.Q(item__isnull=True), name="one_mark_per_person"
            ),
            models.UniqueConstraint(fields=("attendee", "item"), name="one_mark_per_item"),
        ]

    def __str__(self) -> str:
        return f"{self.attendee} {self.get_presence_display()}"
