"""How a private file gets into the storage together with its row."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.files.base import ContentFile
from django.db import Error, transaction

from dialogue.models import PrivateFile
from formbuilder.uploads.inspect import CheckedFile


def fill(row: PrivateFile, *, name: str, content_type: str, content: bytes) -> None:
    row.name, row.content_type, row.size = name, content_type, len(content)
    row.sha256 = hashlib.sha256(content).hexdigest()


def fill_from(row: PrivateFile, checked: CheckedFile) -> None:
    fill(row, name=checked.name, content_type=checked.content_type, content=checked.content)


def store(row: PrivateFile, content: bytes) -> None:
    """Write the file, then the row; no file is left behind for a row that could not be written."""
    row.file.save(row.name, ContentFile(content), save=False)
    try:
        row.save(force_insert=True)
    except BaseException:
        row.file.storage.delete(str(row.file.name))
        raise


@contextmanager
def storing() -> Iterator[list[PrivateFile]]:
    """A transaction, and the list of rows that were stored in it: if it fails, their files go as the rows do."""
    stored: list[PrivateFile] = []
    try:
        with transaction.atomic():
            yield stored
    except BaseException:
        for row in stored:
            _remove_without_row(row)
        raise


def _remove_without_row(row: PrivateFile) -> None:
    """A commit whose answer was lost may have been done all the same: rather a file too many than one too few."""
    with suppress(Error):
        if not type(row)._default_manager.filter(public_id=row.public_id).exists():
            row.file.storage.delete(str(row.file.name))
