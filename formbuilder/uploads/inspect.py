"""The only way in: from what a browser sent to a file that may be kept."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from formbuilder.japanese.wording import gettext as _
from formbuilder.uploads import images, pdf
from formbuilder.uploads.names import display_name
from formbuilder.uploads.policy import KINDS, UploadPolicy, describe_size
from formbuilder.uploads.refused import UploadRefused
from formbuilder.uploads.sniff import accepted_kind

_PIECE = 64 * 1024


class Upload(Protocol):
    """Django's UploadedFile, or any binary file; `name` and `size` are read when they are there."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> object: ...


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """`content` is what to store: a photograph written anew (HEIC has become "jpeg"), a PDF as it came.

    `width` and `height` in pixels, None for what is not a picture. `size` may exceed the policy's limit: a picture
    that came in strongly compressed grows when it is written anew.
    """

    name: str
    kind: str
    content_type: str
    content: bytes
    size: int
    sha256: str
    width: int | None
    height: int | None


def inspect_upload(file: Upload, policy: UploadPolicy) -> CheckedFile:
    """Raises UploadRefused and nothing else because of the file's content."""
    data = _read(file, policy.max_bytes)
    kind = accepted_kind(data, policy)
    if kind.is_picture:
        photo = images.clean(kind.name, data, keep_location=policy.keep_location)
        return _checked(file, photo.kind, photo.content, (photo.width, photo.height))
    pdf.check(data)
    return _checked(file, kind.name, data, (None, None))


def _read(file: Upload, max_bytes: int) -> bytes:
    """Counts what arrives: `size` may be missing or untrue, so it can only refuse early."""
    if (getattr(file, "size", None) or 0) > max_bytes:
        raise _too_large(max_bytes)
    file.seek(0)
    data = bytearray()
    while piece := file.read(_PIECE):
        data += piece
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    if not data:
        raise UploadRefused("empty", _("ファイルの中身が空です。ファイルを確かめて、もう一度選んでください。"))
    return bytes(data)


def _too_large(max_bytes: int) -> UploadRefused:
    return UploadRefused(
        "too_large",
        _("ファイルが大きすぎます。%(max_bytes)sまでのファイルを選んでください。")
        % {"max_bytes": describe_size(max_bytes)},
    )


def _checked(file: Upload, kind_name: str, content: bytes, pixels: tuple[int, int] | tuple[None, None]) -> CheckedFile:
    kind = KINDS[kind_name]
    return CheckedFile(
        name=display_name(getattr(file, "name", None), kind),
        kind=kind.name,
        content_type=kind.mimes[0],
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=pixels[0],
        height=pixels[1],
    )
