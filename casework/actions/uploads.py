"""Files that staff bring for the resident: the same checks as for what residents send."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from applications.models import Application
from applications.uploads import check_file
from dialogue.messages import MOST_FILES, ORIGIN, POLICY
from formbuilder.japanese.text import clean_line
from formbuilder.uploads.inspect import CheckedFile
from formbuilder.uploads.policy import MEGABYTE, UploadPolicy, accept_attribute, describe
from formbuilder.uploads.refused import UploadRefused

DOCUMENT = UploadPolicy(frozenset({"pdf"}), 10 * MEGABYTE)


class PdfField(forms.FileField):
    """One PDF."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", describe(DOCUMENT))
        super().__init__(widget=forms.FileInput({"accept": accept_attribute(DOCUMENT)}), **kwargs)
        self.error_messages["required"] = "ファイルを選んでください。"


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """None, one or some; cleans to a list of uploads."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", f"{describe(POLICY)}。{MOST_FILES}個まで。")
        kwargs.setdefault("required", False)
        super().__init__(widget=SeveralFiles({"accept": accept_attribute(POLICY)}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, list) else [data] if data else []
        return [super(FilesField, self).clean(upload, initial) for upload in uploads]


def all_checked(uploads: "list[UploadedFile[Any]]", case: Application) -> list[CheckedFile]:
    """Every reason why some cannot be taken, at once. Raises ValidationError."""
    if len(uploads) > MOST_FILES:
        raise forms.ValidationError(f"ファイルは{MOST_FILES}個までです。")
    taken, refusals = [], []
    for upload in uploads:
        try:
            taken.append(check_file(upload, POLICY, case, ORIGIN))
        except UploadRefused as refused:
            refusals.append(f"「{clean_line(upload.name or '')[:60]}」：{refused.message}")
    if refusals:
        raise forms.ValidationError(refusals)
    return taken


def checked(upload: "UploadedFile[Any] | None", case: Application) -> CheckedFile | None:
    """Raises ValidationError."""
    if upload is None:
        return None
    try:
        return check_file(upload, DOCUMENT, case, "document")
    except UploadRefused as refused:
        raise forms.ValidationError(refused.message) from refused
