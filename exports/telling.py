"""A short mail to the member of staff who answers for something that went wrong, or is ready, in the background."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage

from applications.failures import where_it_failed
from staff.models import User

log = logging.getLogger(__name__)


def tell(user: User, subject: str, body: str, *, about: str) -> None:
    """about: what it is, for the log. A mail server that is away holds nothing up: it is on the page anyway."""
    if not user.email:
        return
    try:
        EmailMessage(
            f"【{settings.WAGTAIL_SITE_NAME}】{subject}", body, settings.DEFAULT_FROM_EMAIL, [user.email]
        ).send()
    except OSError as problem:
        log.error("mail about %s: %s", about, where_it_failed(problem))  # noqa: TRY400 - an address may be in it
