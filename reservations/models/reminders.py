"""What has been reminded of: a booking, once for each slot that it is moved to."""

from typing import ClassVar

from django.db import models

from reservations.models.bookings import Booking
from reservations.models.capacity import Slot


class Reminder(models.Model):
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, db_index=False, related_name="reminders")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField("日時")

    class Meta:
        verbose_name = verbose_name_plural = "前日のお知らせ"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("booking", "slot"), name="one_reminder_per_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.slot_id}"
