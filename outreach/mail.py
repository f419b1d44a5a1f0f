"""Writes a mail and sends it once."""

import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from applications.models import Event
from applications.outbox import BACKOFF, again
from cms.languages import NATIVE
from cms.models import Department
from formbuilder.mails import Mail, mails
from outreach.bounces import is_refused_for_good, note_bounce, refusal, return_path
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
    mail = EmailMessage(message.subject, body, return_path(message.pk), [message.to])
    mail.extra_headers["From"] = settings.DEFAULT_FROM_EMAIL
    for file in message.files.all():
        mail.attach(file.name, bytes(file.content), file.content_type)
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as problem:
        if is_refused_for_good(problem):
            note_bounce(message.pk, refusal(problem))
            return
        _note_failure(message.pk, refusal(problem))
        raise
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENT, sent_at=timezone.now(), attempts=F("attempts") + 1, failure=""
    )


def _note_failure(pk: int, reason: str) -> None:
    """The outbox tries again; after its last try staff have to look."""
    Message.objects.filter(pk=pk).update(attempts=F("attempts") + 1, failure=reason)
    Message.objects.filter(pk=pk, attempts__gt=len(BACKOFF)).update(state=MessageState.FAILED)


@transaction.atomic
def send_again(pk: int) -> bool:
    """Put a mail that failed or came back into the queue once more; False when it waits there, or has gone out.

    What it is about is looked at anew: a code or an offer that is over by then is not sent.
    """
    message = Message.objects.select_for_update().filter(pk=pk).exclude(state=MessageState.SENT).first()
    mail = mails().get(message.template) if message else None
    if message is None or mail is None or not again(message.event_id, mail.sender):
        return False
    message.state, message.attempts, message.failure, message.bounced_at = MessageState.WAITING, 0, "", None
    message.save(update_fields=["state", "attempts", "failure", "bounced_at"])
    return True
