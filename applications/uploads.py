"""Takes in what residents upload: the limit while it streams in, the checks, and the draft's own list of files."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.models import Application, Attachment
from applications.quarantine import quarantine
from applications.services import attach
from formbuilder.definition import FieldDef
from formbuilder.fields.files import FileType
from formbuilder.japanese.text import clean_line
from formbuilder.steps import StepForm, input_id
from formbuilder.uploads.inspect import CheckedFile, Upload, inspect_upload
from formbuilder.uploads.policy import MEGABYTE, UploadPolicy
from formbuilder.uploads.refused import UploadRefused
from formbuilder.uploads.scanner import ClamdScanner, NoScanner, Scanner

log = logging.getLogger(__name__)

TOO_LARGE = gettext_noop(
    "ファイルが大きすぎて受け取れませんでした。1{counter}{most}MBまで、一度に送れるのは全部で{total}MBまでです。"
    "ほかの入力は残っています。"
)
TOO_MANY = gettext_noop(
    "{count}{counter}は加えられませんでした。{most}{counter}までです。いらないものを削除してから選んでください。"
)
INFECTED = gettext_noop(
    "ウイルスの疑いがあるため、このファイルは受け取れません。別のファイルを選ぶか、担当の課に相談してください。"
)
NOT_SCANNED = gettext_noop("いま、ファイルの安全を確かめられません。しばらくしてから、もう一度選んでください。")

DROPPED = "madoguchi.dropped_uploads"  # in request.META: names of boxes


class Quota(FileUploadHandler):
    """Drops a file as soon as the request has brought more than UPLOAD_MAX_BYTES; the other fields stay readable."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """No browser names another encoding than that of our pages, and some that Python knows are no texts at all."""
        encoding = kwargs.get("encoding") or args[-1]
        if encoding and encoding.lower() != "utf-8":
            raise MultiPartParserError(f"multipart in {encoding!r}")
        self.left = settings.UPLOAD_MAX_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.left -= len(raw_data)
        if self.left < 0:
            assert self.request is not None  # Django gives every handler its request
            self.request.META.setdefault(DROPPED, []).append(self.field_name)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # the next handler keeps the file


Keep = Callable[[str, CheckedFile, int], bool]  # key of the item, file, how many it takes; False: one too many


def receive_files(request: HttpRequest, form: StepForm, application: Application) -> dict[str, list[str]]:
    """Attach the files that a step's POST brought; key -> messages for those that could not be taken.

    Good files are kept even when others, or other items of the step, are refused.
    """

    def keep(key: str, checked: CheckedFile, most: int) -> bool:
        return attach(application.pk, field_key=key, checked=checked, most=most) is not None

    return receive_into(request, form, application, keep)


def receive_into(request: HttpRequest, form: StepForm, application: Application, keep: Keep) -> dict[str, list[str]]:
    """The same, for files that are kept elsewhere than at a draft."""
    refused: dict[str, list[str]] = {}
    for key, field in form.inputs.items():
        if isinstance(field.type, FileType):
            uploads = request.FILES.getlist(input_id(key))
            messages = list(_receive_all(uploads, field.type, field.definition, application, keep))
            if input_id(key) in dropped_boxes(request):
                messages.append(_too_large(field.type, field.definition))
            if messages:
                refused[key] = messages
    return refused


def _receive_all(
    uploads: "list[UploadedFile[Any]]", type_: FileType, definition: FieldDef, application: Application, keep: Keep
) -> Iterator[str]:
    """Why each one that was not taken was not; of those beyond what the item takes, only how many."""
    most = type_.most(definition)
    for number, upload in enumerate(uploads):
        try:
            is_kept = keep(definition.key, check_upload(upload, type_, definition, application), most)
        except UploadRefused as refused:
            yield f"「{clean_line(upload.name or '')[:60]}」：{refused.message}"
        else:
            if not is_kept:
                yield _(TOO_MANY).format(count=len(uploads) - number, counter=type_.counter, most=most)
                return  # nobody waits for 100 photographs to be decoded in vain


def take_in(upload: Upload, type_: FileType, definition: FieldDef, application: Application) -> Attachment | None:
    """Check a file and attach it; None when the item has as many as it takes. Raises UploadRefused, NotEditable."""
    checked = check_upload(upload, type_, definition, application)
    return attach(application.pk, field_key=definition.key, checked=checked, most=type_.most(definition))


def check_upload(upload: Upload, type_: FileType, definition: FieldDef, application: Application) -> CheckedFile:
    """By content, and by the scanner. Raises UploadRefused."""
    return check_file(upload, type_.policy(definition), application, definition.key)


def check_file(upload: Upload, policy: UploadPolicy, application: Application, origin: str) -> CheckedFile:
    """The same for a file that belongs to no item. origin: where it came from, for the quarantine."""
    try:
        checked = inspect_upload(upload, policy)
    except UploadRefused as refused:
        log.warning("an upload was refused: %s", refused.code)  # never its name, which may be a person's
        raise
    _scan(checked, application, origin)
    return checked


def _too_large(type_: FileType, definition: FieldDef) -> str:
    total = settings.UPLOAD_MAX_BYTES
    most = min(type_.policy(definition).max_bytes, total)
    return _(TOO_LARGE).format(counter=type_.counter, most=most // MEGABYTE, total=total // MEGABYTE)


def _scan(checked: CheckedFile, application: Application, field_key: str) -> None:
    """Raises UploadRefused for a file that the scanner does not call clean; no answer is no permission."""
    verdict = _scanner(settings.UPLOAD_SCANNER).scan(BytesIO(checked.content))
    if verdict.state == "clean":
        return
    log.warning("an upload was refused: %s, %s", verdict.state, verdict.detail)
    quarantine(application, field_key, checked, verdict)
    raise UploadRefused(verdict.state, INFECTED if verdict.state == "infected" else NOT_SCANNED)


@cache
def _scanner(address: str) -> Scanner:
    """The scanner at settings.UPLOAD_SCANNER: host:port, the path of a socket, or either as a URL."""
    if not address:
        return NoScanner()
    scheme = "unix" if address.startswith("/") else "tcp"
    return ClamdScanner(address if "://" in address else f"{scheme}://{address}")


def brings_files(request: HttpRequest, form: StepForm) -> bool:
    """Whether the POST brought any file for the step, even one that was dropped on the way."""
    names = {input_id(key) for key, field in form.inputs.items() if field.type.takes_files}
    return any(request.FILES.getlist(name) for name in names) or not names.isdisjoint(dropped_boxes(request))


def dropped_boxes(request: HttpRequest) -> list[str]:
    """Names of the boxes whose files Quota dropped."""
    dropped: list[str] = request.META.get(DROPPED, [])
    return dropped
