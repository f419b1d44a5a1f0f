"""A resident looks at a file of the own application."""

from typing import Any, Protocol

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from applications.models import PUBLIC_ID
from applications.views.errors import visit_or_404

# browsers show a picture, or a PDF, in a small page of their own; no script of whatever kind runs in it
POLICY = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; sandbox"


@require_safe
def own_file(request: HttpRequest, code: str, public_id: str) -> FileResponse:
    """Only with the draft's own key."""
    application = visit_or_404(request, code).application
    if application is None or not PUBLIC_ID.fullmatch(public_id):
        raise Http404
    attachment = application.attachments.filter(public_id=public_id).first()
    if attachment is None:
        raise Http404
    return file_response(attachment)


class Kept(Protocol):
    """Attachment, or what other apps keep in the private storage."""

    file: Any
    name: Any
    content_type: Any


def file_response(attachment: Kept, *, as_download: bool = False, name: str = "") -> FileResponse:
    """The file, so that no browser takes it for a page of ours; name: to save it under, if not its own.

    Raises Http404 when the storage does not have it.
    """
    is_shown = attachment.content_type.startswith("image/") or attachment.content_type == "application/pdf"
    inline = is_shown and not as_download
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(
        content, content_type=attachment.content_type, as_attachment=not inline, filename=name or attachment.name
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, no-store"
    return response
