"""A document that the department issued, for who has come in with a code."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from applications.views.files import file_response
from dialogue.documents import Gone, open_document
from followup import limits, session
from followup.views.status import application_of, over, show_status

GONE = gettext_noop("この文書は、取り消されたため開けません。")
TOO_OFTEN = gettext_noop(
    "短いあいだに何度も文書を開いたため、いまは開けません。1時間ほどたってから、もう一度試してください。"
)


@require_safe
def save(request: HttpRequest, public_id: str) -> HttpResponseBase:
    visit = session.entered(request)
    if visit is None:
        return over()
    application = application_of(visit)
    if not limits.DOWNLOADS_OF_APPLICATION.take(application.public_id):
        return show_status(request, visit, _(TOO_OFTEN), status=429)
    try:
        document = open_document(application, public_id)
    except Gone:
        return show_status(request, visit, _(GONE), status=404)
    return file_response(document, as_download=True, name=document.saved_as)
