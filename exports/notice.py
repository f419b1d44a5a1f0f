"""Tells who asked for a file that it is ready, or why it is not. The mail has a link and nothing of the contents."""

from django.conf import settings
from django.urls import reverse

from exports.models import KEPT, ExportJob, JobState
from exports.telling import tell


def tell_owner(job: ExportJob) -> None:
    if job.is_quiet:
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
    tell(job.user, subject, body, about=f"export {job.pk}")
