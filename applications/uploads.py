"""Takes in what residents upload: the limit while it streams in, the checks, and the draft's own list of files."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from applications.models import Application
from applications.services import attach
from formbuilder.definition import FieldDef
from formbuilder.fields.files import FileType
from formbuilder.japanese.text import clean_line
from formbuilder.steps import StepForm, input_id
from formbuilder.uploads.inspect import UploadRefused, inspect_upload

TOO_LARGE = "ファイルが大きすぎて受け取れませんでした。{limit}MBまでのファイルを選び直してください。ほかの入力は残っています。"
TOO_MANY = "{count}{counter}は加えられませんでした。{most}{counter}までです。いらないものを削除してから選んでください。"


class Quota(FileUploadHandler):
    """Drops a file as soon as the request has brought more than UPLOAD_MAX_BYTES; the other fields stay readable."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.left = settings.UPLOAD_MAX_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.left -= len(raw_data)
        if self.left < 0:
            dropped = getattr(self.request, "dropped_uploads", [])
            self.request.dropped_uploads = [*dropped, self.field_name]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # the next handler keeps the file


def receive_files(request: HttpRequest, form: StepForm, application: Application) -> dict[str, list[str]]:
    """Attach the files that a step's POST brought; key -> messages for those that could not be taken.

    Good files are kept even when others, or other items of the step, are refused.
    """
    refused: dict[str, list[str]] = {}
    for key, field in form.fields.items():
        if isinstance(field.type, FileType):
            uploads = request.FILES.getlist(input_id(key))
            messages = list(_receive_all(uploads, field.type, field.definition, application))
            if input_id(key) in _dropped(request):
                messages.append(TOO_LARGE.format(limit=settings.UPLOAD_MAX_BYTES // 1024**2))
            if messages:
                refused[key] = messages
    return refused


def _receive_all(
    uploads: list[UploadedFile], type_: FileType, definition: FieldDef, application: Application
) -> Iterator[str]:
    """Why each one that was not taken was not; of those beyond what the item takes, only how many."""
    most, policy = type_.most(definition), type_.policy(definition)
    for number, upload in enumerate(uploads):
        try:
            checked = inspect_upload(upload, policy)
        except UploadRefused as refused:
            name = f"「{clean_line(upload.name or '')[:60]}」：" if len(uploads) > 1 else ""
            yield name + refused.message
        else:
            if attach(application.pk, field_key=definition.key, checked=checked, most=most) is None:
                yield TOO_MANY.format(count=len(uploads) - number, counter=type_.counter, most=most)
                return  # nobody waits for 100 photographs to be decoded in vain


def brings_files(request: HttpRequest, form: StepForm) -> bool:
    """Whether the POST brought any file for the step, even one that was dropped on the way."""
    names = {input_id(key) for key, field in form.fields.items() if field.type.takes_files}
    return any(request.FILES.getlist(name) for name in names) or not names.isdisjoint(_dropped(request))


def _dropped(request: HttpRequest) -> list[str]:
    """Names of the boxes whose files Quota dropped."""
    dropped: list[str] = getattr(request, "dropped_uploads", [])
    return dropped
