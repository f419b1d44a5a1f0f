"""Tells who asked for a file that it is ready, or why it is not. The mail has a link and nothing of the contents."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from applications.failures import where_it_failed
from exports.models import KEPT, ExportJob, JobState

log = logging.getLogger(__name__)


def tell_owner(job: ExportJob) -> None:
    """A mail server that is away holds up no file: it is on the page anyway."""
    if job.is_quiet or not job.user.email:
        return
    address = f"{settings.BASE_URL}{reverse('exports:job', args=[job.public_id])}"
    if job.state == JobState.FAILED:
        subject = "出力ファイルを作成できませんでした"
        body = f"依頼された出力ファイルを作成できませんでした。理由は次の画面で確かめてください。\n\n{address}\n"
    else:
        subject = "出力ファイルができました"
        body = (
            "依頼された出力ファイルができました。次の画面から受け取ってください（ログインが要ります）。\n\n"
            f"{address}\n\n受け取れる期間は{KEPT.days}日間です。\n"
        )
    try:
        EmailMessage(
            f"【{settings.WAGTAIL_SITE_NAME}】{subject}", body, settings.DEFAULT_FROM_EMAIL, [job.user.email]
        ).send()
    except OSError as problem:
        log.error("mail about export %s: %s", job.pk, where_it_failed(problem))  # noqa: TRY400 - an address may be in it
