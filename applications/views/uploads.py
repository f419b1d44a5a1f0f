"""Files in pieces, for the script on a step's page; without it the page's own file boxes do."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.chunks import PIECE, Wanted, WrongOffset, append, begin, find, finish, wanted
from applications.models import Application, Upload
from applications.services import Kept, NotEditable, start_draft
from applications.uploads import TOO_MANY
from applications.views.errors import visit_or_404
from applications.visits import hand_key
from formbuilder.skin import Attached
from formbuilder.steps import input_id
from formbuilder.uploads.refused import UploadRefused

NUMBER = re.compile("[0-9]{1,12}")
LONGEST = 500  # characters of a name, or of a mark
GONE: dict[str, Any] = {"gone": True}  # the page is to be loaded anew, or the file to be begun anew


@require_POST
def begin_upload(request: HttpRequest, code: str) -> HttpResponse:
    """`{"id", "offset", "piece"}`: where to go on, with how many bytes at a time; or `{"refused": message}`."""
    visit, posted = visit_or_404(request, code), request.POST
    if not visit.is_editable or (visit.application is None and not visit.form_is_live):
        return JsonResponse(GONE)
    size = posted.get("size", "")
    field = visit.version.engine.fields.get(posted.get("field", ""))
    if field is None or not field.type.takes_files or not NUMBER.fullmatch(size):
        return JsonResponse(GONE)
    key: Kept | None = None
    if visit.application is None:
        key = start_draft(version=visit.version)
        visit.now_holds(key.application)
    assert visit.application is not None
    response = _begun(visit.application, field.key, posted, int(size))
    if key:
        hand_key(response, code, key)
    return response


def _begun(application: Application, key: str, posted: Any, size: int) -> JsonResponse:
    item = wanted(application, key)
    assert item is not None  # the caller has looked
    try:
        upload = begin(
            application,
            item,
            name=posted.get("name", "")[:LONGEST],
            size=size,
            mark=posted.get("mark", "")[:LONGEST],
        )
    except UploadRefused as refused:
        return JsonResponse({"refused": refused.message})
    return JsonResponse({"id": upload.public_id, "offset": upload.offset, "piece": PIECE})


@require_POST
def append_piece(request: HttpRequest, code: str, upload_id: str) -> HttpResponse:
    """The body is a piece, `?offset=` where it begins. `{"offset"}`: what is here; at the end `{"files": html}`."""
    visit, offset = visit_or_404(request, code), request.GET.get("offset", "")
    if visit.application is None or not visit.is_editable or not NUMBER.fullmatch(offset):
        return JsonResponse(GONE)
    upload = find(visit.application, upload_id)
    item = wanted(visit.application, upload.field_key) if upload else None
    if upload is None or item is None:
        return JsonResponse(GONE)
    try:
        upload = append(upload.pk, offset=int(offset), content=request.body)
        return JsonResponse(_state(upload, item, visit.application))
    except WrongOffset as wrong:
        return JsonResponse({"offset": wrong.offset})
    except UploadRefused as refused:
        return JsonResponse({"refused": refused.message})
    except (NotEditable, Upload.DoesNotExist):
        return JsonResponse(GONE)


def _state(upload: Upload, item: Wanted, application: Application) -> dict[str, Any]:
    if upload.offset < upload.size:
        return {"offset": upload.offset}
    if finish(upload, item, application) is None:
        most = item.type.most(item.definition)
        raise UploadRefused("too_many", _(TOO_MANY).format(count=1, counter=item.type.counter, most=most))
    key = item.definition.key
    files = [Attached(file.public_id, file.name, file.size) for file in application.attachments.filter(field_key=key)]
    context = {"files": files, "field": item.definition, "id": input_id(key)}
    return {"files": render_to_string("formbuilder/fields/_files.html", context)}
