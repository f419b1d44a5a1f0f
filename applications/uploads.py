"""Takes in what residents upload: the limit while it streams in, the checks, and the draft's own list of files."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from applications.models import Application
from applications.services import attach
from formbuilder.fields.files import FileType
from formbuilder.steps import StepForm, input_id
from formbuilder.uploads.inspect import UploadRefused, inspect_upload

TOO_LARGE = "ファイルが大きすぎて受け取れませんでした。{limit}MBまでのファイルを選び直してください。ほかの入力は残っています。"


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
            messages = [
                message
                for upload in request.FILES.getlist(input_id(key))
                if (message := _receive(upload, field.type, field.definition, application))
            ]
            if input_id(key) in getattr(request, "dropped_uploads", ()):
                messages.append(TOO_LARGE.format(limit=settings.UPLOAD_MAX_BYTES // 1024**2))
            if messages:
                refused[key] = messages
    return refused


def _receive(upload: UploadedFile, type_: FileType, definition: Any, application: Application) -> str | None:
    """Attach one file, or say why not."""
    try:
        checked = inspect_upload(upload, type_.policy(definition))
    except UploadRefused as refused:
        return refused.message
    most = type_.most(definition)
    if attach(application.pk, field_key=definition.key, checked=checked, most=most) is None:
        return f"「{checked.name}」は加えられませんでした。{most}個までです。いらないファイルを消してから選んでください。"
    return None


def brings_files(request: HttpRequest, form: StepForm) -> bool:
    """Whether the POST brought any file for the step."""
    return any(request.FILES.getlist(input_id(key)) for key, field in form.fields.items() if field.type.takes_files)
