"""Files in pieces: a connection that breaks costs the piece that was on its way, not the file.

begin → append (at the offset that is here) … → the last piece makes it a file, which goes through the same checks as
one that came in a form. Every call may be repeated.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import PUBLIC_ID, Application, Attachment, Upload, arriving_path, private_storage
from applications.uploads import TOO_MANY, take_in
from formbuilder.definition import FieldDef
from formbuilder.fields.files import FileType
from formbuilder.uploads.policy import describe_size
from formbuilder.uploads.refused import UploadRefused

PIECE = 512 * 1024  # bytes of one request
MOST_OPEN = 20  # of one application
MOST_BYTES = 200 * 1024 * 1024  # that its open uploads may become
LIFE = timedelta(days=1)  # after the last piece
BATCH = 200


class WrongOffset(Exception):
    """Another number of bytes is here than the piece follows."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Wanted:
    """The item that a file is for."""

    definition: FieldDef
    type: FileType


def wanted(application: Application, key: str) -> Wanted | None:
    """None where the form has no such item."""
    field = application.version.engine.fields.get(key)
    return Wanted(field.definition, field.type) if field and isinstance(field.type, FileType) else None


@transaction.atomic
def begin(application: Application, item: Wanted, *, name: str, size: int, mark: str) -> Upload:
    """An upload to go on with, the one that the same file has begun already; raises UploadRefused."""
    most, limit = item.type.most(item.definition), item.type.policy(item.definition).max_bytes
    if size > limit:
        raise UploadRefused(
            "too_large",
            _("ファイルが大きすぎます。%(max_bytes)sまでのファイルを選んでください。")
            % {"max_bytes": describe_size(limit)},
        )
    if size < 1:
        raise UploadRefused("empty", _("ファイルの中身が空です。ファイルを確かめて、もう一度選んでください。"))
    if len(application.answers.get(item.definition.key, [])) >= most:
        raise UploadRefused("too_many", _(TOO_MANY).format(count=1, counter=item.type.counter, most=most))
    digest = hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest()
    Application.objects.select_for_update(of=("self",)).only("pk").get(pk=application.pk)
    mine = Upload.objects.filter(application=application)
    same = mine.filter(field_key=item.definition.key, mark=digest, size=size).first()
    if same:
        return same
    _make_room(list(mine.order_by("updated_at")), size)
    return Upload.objects.create(
        application=application, field_key=item.definition.key, mark=digest, name=name[:255], size=size
    )


def _make_room(open_ones: list[Upload], size: int) -> None:
    """The oldest give way: they were given up."""
    while open_ones and (len(open_ones) >= MOST_OPEN or sum(one.size for one in open_ones) + size > MOST_BYTES):
        _remove(open_ones.pop(0))


def find(application: Application, public_id: str) -> Upload | None:
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    return Upload.objects.filter(application=application, public_id=public_id).first()


@transaction.atomic
def append(pk: int, *, offset: int, content: bytes) -> Upload:
    """Raises WrongOffset; UploadRefused for more bytes than were announced; Upload.DoesNotExist."""
    upload = Upload.objects.select_for_update().get(pk=pk)
    if offset != upload.offset:
        raise WrongOffset(upload.offset)
    if offset + len(content) > upload.size:
        raise UploadRefused("too_large", _("ファイルが、はじめの大きさと変わっています。もう一度選んでください。"))
    if content:
        name = private_storage().save(arriving_path("uploads"), ContentFile(content))
        try:
            upload.pieces.append(name)
            upload.offset += len(content)
            upload.save(update_fields=["pieces", "offset", "updated_at"])
        except BaseException:
            private_storage().delete(name)
            raise
    return upload


def finish(upload: Upload, item: Wanted, application: Application) -> Attachment | None:
    """The checked file; None when the item has as many as it takes. Raises UploadRefused, NotEditable.

    Whatever becomes of it, its pieces are not needed any more.
    """
    content = BytesIO()
    for name in upload.pieces:
        with private_storage().open(name) as piece:
            content.write(piece.read())
    content.name = upload.name
    try:
        return take_in(content, item.type, item.definition, application)
    finally:
        _remove(upload)


@transaction.atomic
def _remove(upload: Upload) -> bool:
    names = list(upload.pieces)
    gone = Upload.objects.filter(pk=upload.pk).delete()[0]

    def remove() -> None:
        for name in names:
            private_storage().delete(name)

    transaction.on_commit(remove)
    return bool(gone)


def forget_old() -> int:
    """Remove what nobody went on with, at most BATCH; how many."""
    old = Upload.objects.filter(updated_at__lt=timezone.now() - LIFE).order_by("updated_at")[:BATCH]
    return sum(_remove(upload) for upload in old)
