"""Files that staff bring for the resident: the same checks as for what residents send."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from applications.models import Application
from applications.uploads import check_file
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


def checked(upload: "UploadedFile[Any] | None", case: Application) -> CheckedFile | None:
    """Raises ValidationError."""
    if upload is None:
        return None
    try:
        return check_file(upload, DOCUMENT, case, "document")
    except UploadRefused as refused:
        raise forms.ValidationError(refused.message) from refused
