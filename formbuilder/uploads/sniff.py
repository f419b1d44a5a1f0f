"""What a file is, by its first bytes. Its name and the browser's Content-Type are never asked."""

import filetype  # type: ignore[import-untyped]  # filetype ships no types
import puremagic

from formbuilder.japanese.wording import gettext as _
from formbuilder.japanese.wording import gettext_noop
from formbuilder.uploads.policy import Kind, UploadPolicy, describe_kinds, kind_of_mime
from formbuilder.uploads.refused import UploadRefused

# As much as filetype looks at; a bound for puremagic too.
_HEAD = 8192

# What residents really try, in their words. Only for the message.
_LABELS = {
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/x-ms-bmp": "BMP",
    "image/tiff": "TIFF",
    "image/svg+xml": "SVG",
    "text/html": "HTML",
    "application/zip": "ZIP",
    "video/mp4": gettext_noop("動画"),
    "video/quicktime": gettext_noop("動画"),
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}


def accepted_kind(data: bytes, policy: UploadPolicy) -> Kind:
    """filetype decides; where it has no opinion, puremagic does (it knows more HEIC brands, and names HTML and SVG)."""
    mimes = _opinions(data[:_HEAD])
    kind = next((kind for kind in map(kind_of_mime, mimes) if kind), None)
    if kind and kind.name in policy.kinds:
        return kind
    label = kind.label if kind else next((_LABELS[mime] for mime in mimes if mime in _LABELS), None)
    if label:
        told = _("%(label)s形式のファイルは添付できません。%(kinds)s形式のファイルを選んでください。")
    else:
        told = _("この形式のファイルは添付できません。%(kinds)s形式のファイルを選んでください。")
    raise UploadRefused("kind", told % {"label": _(label) if label else "", "kinds": describe_kinds(policy)})


def _opinions(head: bytes) -> list[str]:
    guess = filetype.guess(head)
    if guess:
        return [str(guess.mime)]
    try:
        return [match.mime_type for match in puremagic.magic_string(head)]
    except puremagic.PureError:
        return []
