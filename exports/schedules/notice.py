"""Tells who answers for a schedule that it has stopped."""

from django.conf import settings
from django.urls import reverse

from exports.schedules.models import Schedule
from exports.telling import tell


def tell_stopped(schedule: Schedule, because: str) -> None:
    address = f"{settings.BASE_URL}{reverse('exports:schedule', args=[schedule.public_id])}"
    body = (
        f"定期出力「{schedule.name}」を停止しました。\n{because}\n\n"
        f"次の画面で理由を確かめ、直してから再開してください。\n\n{address}\n"
    )
    tell(schedule.user, "定期出力を停止しました", body, about=f"schedule {schedule.pk}")
