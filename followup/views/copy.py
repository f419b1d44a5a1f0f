"""申請内容の控え, for who has come in with a code."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from followup import limits, session
from followup.answers_pdf import answers_pdf
from followup.views.status import application_of, over, show_status

TOO_OFTEN = gettext_noop(
    "短いあいだに何度も作られたため、いまは作れません。1時間ほどたってから、もう一度試してください。"
)


@require_safe
def save(request: HttpRequest) -> HttpResponse:
    visit = session.entered(request)
    if visit is None:
        return over()
    application = application_of(visit)
    if not limits.COPIES_OF_APPLICATION.take(application.public_id):
        return show_status(request, visit, _(TOO_OFTEN), status=429)
    return HttpResponse(
        answers_pdf(application),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{application.reference}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )
