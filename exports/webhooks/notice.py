"""Tells who answers for a webhook that it has stopped."""

from django.conf import settings
from django.urls import reverse

from exports.telling import tell
from exports.webhooks.models import Endpoint


def tell_stopped(endpoint: Endpoint, because: str) -> None:
    address = f"{settings.BASE_URL}{reverse('exports:webhook', args=[endpoint.public_id])}"
    body = (
        f"Webhook「{endpoint.name}」を停止しました。\n{because}\n\n"
        "送り先を確かめて、次の画面で再開してください。停止していた間のできごとも、そこから送り直せます。\n\n"
        f"{address}\n"
    )
    tell(endpoint.user, "Webhookを停止しました", body, about=f"webhook {endpoint.pk}")
