"""Writes a mail from a template and sends it once."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from applications.models import Event
from outreach.models import Message, MessageState


def write(event: Event, template: str, context: dict[str, Any]) -> Message:
    """The message of this event and template; written once, however often it is asked for."""
    existing = Message.objects.filter(event=event, template=template).first()
    if existing:
        return existing
    context = {"municipality": settings.WAGTAIL_SITE_NAME, "application": event.application, **context}
    subject, _, body = render_to_string(f"outreach/{template}.txt", context).partition("\n")
    message, _ = Message.objects.get_or_create(
        event=event,
        template=template,
        defaults={
            "application": event.application,
            "to": event.application.email,
            "subject": " ".join(subject.split())[:200],
            "body": body.strip() + "\n",
        },
    )
    return message


def send(message: Message) -> None:
    """Send a message that has not gone out yet. Raises what the mail server raises; then it stays waiting.

    It goes out a second time when a worker dies between the server's yes and our note of it, or when two are at it in
    the same moment, which only the lease of the outbox prevents: better twice than never.
    """
    if Message.objects.filter(pk=message.pk, state=MessageState.SENT).exists():
        return
    EmailMessage(message.subject, message.body, settings.DEFAULT_FROM_EMAIL, [message.to]).send()
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, sent_at=timezone.now())
