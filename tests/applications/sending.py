"""Files as a browser sends them, and what is kept of them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.applications.residents import Resident


def upload(content: bytes, name: str = "表紙.jpg", type_: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, type_)


def names(resident: Resident) -> list[str]:
    return [attachment.name for attachment in resident.draft.attachments.all()]
