"""Tells who answers for a webhook that it has stopped."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from applications.failures import where_it_failed
from exports.webhooks.models import Endpoint

log = logging.getLogger(__name__)


def tell_stopped(endpoint: Endpoint, because: str) -> None:
    """A mail server that is away holds nothing up: it is on the page anyway."""
    if not endpoint.user.email:
        return
    address = f"{settings.BASE_URL}{reverse('exports:webhook', args=[endpoint.public_id])}"
    body = (
        f"Webhook「{endpoint.name}」を停止しました。\n{because}\n\n"
        "送り先を確かめて、次の画面で再開してください。停止していた間のできごとも、そこから送り直せます。\n\n"
        f"{address}\n"
    )
    subject = f"【{settings.WAGTAIL_SITE_NAME}】Webhookを停止しました"
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [endpoint.user.email]).send()
    except OSError as problem:
        log.error("mail about webhook %s: %s", endpoint.pk, where_it_failed(problem))  # noqa: TRY400 - an address may be in it
