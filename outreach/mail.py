"""Writes a mail and sends it once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from applications.models import Event
from cms.languages import NATIVE
from cms.models import Department
from formbuilder.mails import Mail
from outreach.models import Message, MessageFile, MessageState
from outreach.words import Values, language_of, words


@dataclass(frozen=True, slots=True)
class File:
    """Something that goes along with a mail."""

    name: str
    content_type: str
    content: bytes


def write(
    event: Event,
    mail: Mail,
    values: Values = dict,
    *,
    department: Department | None = None,
    to: str = "",
    files: Sequence[File] = (),
) -> Message:
    """The message of this event and mail; written once, however often it is asked for.

    values: what stands for the mail's own marks, asked for in each language that it is written in; department: who
    writes, if not the application's own; to: where to, if not to the application's own address.
    """
    existing = Message.objects.filter(event=event, template=mail.name).first()
    if existing:
        return existing
    application, language = event.application, language_of(event.application)
    sender = department or application.department
    said = words(mail, application, values, sender, language)
    native = words(mail, application, values, sender, NATIVE) if language != NATIVE else None
    with transaction.atomic():
        message, is_new = Message.objects.get_or_create(
            event=event,
            template=mail.name,
            defaults={
                "application": application,
                "to": to or application.email,
                "language": language,
                "subject": said.subject,
                "body": said.body,
                "native_body": f"{native.subject}\n\n{native.body}" if native else "",
            },
        )
        if is_new:
            MessageFile.objects.bulk_create(
                MessageFile(message=message, name=file.name, content_type=file.content_type, content=file.content)
                for file in files
            )
    return message


def is_kept_only() -> bool:
    """Whether mails go nowhere, as in a trial without a mail server: then they are read in the admin, whole."""
    return settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend"


def concealed(secret: str, name: str) -> str:
    """What a mail is given for a secret, such as a code or a link that opens something.

    Its place is kept in the message, the secret is not: staff may read the mails of their department, and the database
    is backed up. `send` puts it in. name: what stands there, like 確認コード.
    """
    return secret if is_kept_only() else f"［{name}は保存しません］"


def send(message: Message, secrets: Mapping[str, str] | None = None) -> None:
    """Send a message that has not gone out yet, with its files. Raises what the mail server raises; then it waits on.
    secrets: name -> what `concealed` left out.

    It goes out a second time when a worker dies between the server's yes and our note of it, or when two are at it in
    the same moment, which only the lease of the outbox prevents: better twice than never.
    """
    if Message.objects.filter(pk=message.pk, state=MessageState.SENT).exists():
        return
    body = message.body
    for name, secret in (secrets or {}).items():
        body = body.replace(concealed(secret, name), secret)
    mail = EmailMessage(message.subject, body, settings.DEFAULT_FROM_EMAIL, [message.to])
    for file in message.files.all():
        mail.attach(file.name, bytes(file.content), file.content_type)
    mail.send()
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, sent_at=timezone.now())
