"""Tells who answers for a schedule that it has stopped."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from applications.failures import where_it_failed
from exports.schedules.models import Schedule

log = logging.getLogger(__name__)


def tell_stopped(schedule: Schedule, because: str) -> None:
    """A mail server that is away holds nothing up: it is on the page anyway."""
    if not schedule.user.email:
        return
    address = f"{settings.BASE_URL}{reverse('exports:schedule', args=[schedule.public_id])}"
    body = (
        f"定期出力「{schedule.name}」を停止しました。\n{because}\n\n"
        f"次の画面で理由を確かめ、直してから再開してください。\n\n{address}\n"
    )
    subject = f"【{settings.WAGTAIL_SITE_NAME}】定期出力を停止しました"
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [schedule.user.email]).send()
    except OSError as problem:
        log.error("mail about schedule %s: %s", schedule.pk, where_it_failed(problem))  # noqa: TRY400 - an address may be in it
