"""Which kinds of file a field takes, how big, and how that is said to people and to the browser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from formbuilder.japanese.wording import gettext as _


@dataclass(frozen=True, slots=True)
class Kind:
    """`mimes` and `extensions` start with the one that is stored and served; the others are aliases in use."""

    name: str
    label: str
    mimes: tuple[str, ...]
    extensions: tuple[str, ...]
    is_picture: bool


_ALL = (
    Kind("jpeg", "JPEG", ("image/jpeg", "image/jpg", "image/pjpeg"), (".jpg", ".jpeg"), is_picture=True),
    Kind("png", "PNG", ("image/png", "image/apng"), (".png",), is_picture=True),
    Kind("heic", "HEIC", ("image/heic", "image/heif"), (".heic", ".heif"), is_picture=True),
    Kind("pdf", "PDF", ("application/pdf",), (".pdf",), is_picture=False),
)
# In the order in which people are told of them.
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})

PHOTO_KINDS = frozenset({"jpeg", "png", "heic"})
FILE_KINDS = PHOTO_KINDS | {"pdf"}

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """`keep_location` leaves the GPS position in photographs: only for reports about a place."""

    kinds: frozenset[str]
    max_bytes: int
    keep_location: bool = False

    def __post_init__(self) -> None:
        unknown = self.kinds - KINDS.keys()
        if unknown or not self.kinds:
            raise ValueError(
                f"upload policy: unknown kinds {sorted(unknown)}" if unknown else "upload policy: no kinds"
            )
        if self.max_bytes < 1:
            raise ValueError("upload policy: max_bytes must be positive")


def accepted(policy: UploadPolicy) -> Iterable[Kind]:
    return (kind for kind in KINDS.values() if kind.name in policy.kinds)


def kind_of_mime(mime: str) -> Kind | None:
    return next((kind for kind in KINDS.values() if mime in kind.mimes), None)


def accept_attribute(policy: UploadPolicy) -> str:
    """For `<input type="file" accept="…">`. Extensions too: Windows does not know the MIME type of HEIC."""
    kinds = tuple(accepted(policy))
    mimes = [mime for kind in kinds for mime in _browser_mimes(kind)]
    return ",".join(mimes + [extension for kind in kinds for extension in kind.extensions])


def _browser_mimes(kind: Kind) -> tuple[str, ...]:
    return kind.mimes if kind.name == "heic" else kind.mimes[:1]


def describe_kinds(policy: UploadPolicy) -> str:
    return "・".join(kind.label for kind in accepted(policy))


def describe_size(size: int) -> str:
    """ "10MB", "1.5MB", "500KB". Rounded down, so that nobody is promised a byte too many."""
    if size < MEGABYTE:
        return f"{max(size // 1024, 1)}KB"
    return f"{size * 10 // MEGABYTE / 10:g}MB"


def describe(policy: UploadPolicy) -> str:
    told = _("%(kinds)s、1枚%(size)sまで") if policy.kinds <= PHOTO_KINDS else _("%(kinds)s、1ファイル%(size)sまで")
    return told % {"kinds": describe_kinds(policy), "size": describe_size(policy.max_bytes)}
