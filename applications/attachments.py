"""The files of an application: their rows, and what lies in the private storage."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from applications.models import Application, Attachment
from formbuilder.engine import Engine


def remove_files(attachments: QuerySet[Attachment]) -> None:
    """Remove the rows now, and the files once that is certain; call it inside a transaction."""
    files = [(attachment.file.storage, str(attachment.file.name)) for attachment in attachments]
    if not files:
        return
    attachments.delete()

    def remove() -> None:
        for storage, name in files:
            storage.delete(name)

    transaction.on_commit(remove)


def remove_files_of(application: Application, engine: Engine, keys: Iterable[str]) -> None:
    """Remove the files of those of the items that take files."""
    taking = [key for key in keys if key in engine.fields and engine.fields[key].type.takes_files]
    if taking:
        remove_files(application.attachments.filter(field_key__in=taking))
