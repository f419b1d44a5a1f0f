"""Walks the container of a picture before any decoder sees it.

A picture is taken apart into what is needed to decode it and nothing else, so that hostile metadata, hidden second
pictures and appended files never reach Pillow, and a file that was cut off is noticed. Every walk is linear in the
size of the file and stops at a fixed number of parts.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from formbuilder.japanese.wording import gettext as _
from formbuilder.uploads.refused import UploadRefused, broken

# Far above real files (a 100 MB PNG in 8 KB pieces has 12,800 parts), far below what keeps a worker busy.
_MAX_PARTS = 20_000
# A progressive JPEG has about 10 scans. Each scan may be a few bytes long and still cost a pass over all pixels.
_MAX_SCANS = 32


@dataclass(frozen=True, slots=True)
class Picture:
    """`data` decodes to the same pixels as the upload; `exif` is the TIFF block without its "Exif" prefix."""

    data: bytes
    exif: bytes


def open_container(kind: str, data: bytes) -> Picture:
    return _WALKS[kind](data)


def animated() -> UploadRefused:
    return UploadRefused("animated", _("動く画像は添付できません。JPEGかPNGの静止画を選んでください。"))


# --- JPEG: ITU-T T.81 annex B ---

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOI, _EOI, _SOS, _APP1 = 0xD8, 0xD9, 0xDA, 0xE1
# JFIF and Adobe say what the components mean, ICC_PROFILE what the colours mean.
_KEPT_APPS = {0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}
_DROPPED = frozenset(range(0xE0, 0xF0)) | {0xFE}


def _walk_jpeg(data: bytes) -> Picture:
    """The first picture up to its own end marker: no thumbnails, comments, XMP, further pictures or trailing bytes."""
    kept, exif, frames, scans = [b"\xff\xd8"], b"", 0, 0
    for marker, segment, payload in _jpeg_segments(data):
        frames += marker in _FRAME_HEADERS
        scans += marker == _SOS
        if marker == _APP1 and payload.startswith(b"Exif\x00\x00") and not exif:
            exif = payload[6:]
        if marker not in _DROPPED or _is_kept_app(marker, payload):
            kept.append(segment)
    if frames != 1 or not 0 < scans <= _MAX_SCANS:
        raise broken()
    return Picture(b"".join(kept), exif)


def _is_kept_app(marker: int, payload: bytes) -> bool:
    return marker in _KEPT_APPS and payload.startswith(_KEPT_APPS[marker])


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, whole segment, payload without length), ending with the end marker. Scan data belongs to its header."""
    position = 2
    for _part in range(_MAX_PARTS):
        found = _NEXT_MARKER.search(data, position)
        if not found or data[found.end() - 1] == _SOI:
            raise broken()
        marker, start = data[found.end() - 1], found.start()
        if marker == _EOI:
            yield marker, data[start : start + 2], b""
            return
        end = start + 2 + _u16(data, start + 2)
        if end > len(data):
            raise broken()
        payload = data[start + 4 : end]
        if marker == _SOS:
            end = _scan_end(data, end)
        yield marker, data[start:end], payload
        position = end
    raise broken()


def _scan_end(data: bytes, start: int) -> int:
    found = _NEXT_MARKER.search(data, start)
    if not found:
        raise broken()
    return found.start()


# --- PNG: W3C PNG, third edition ---

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})


def _walk_png(data: bytes) -> Picture:
    kept, exif = [_PNG_SIGNATURE], b""
    for name, chunk in _png_chunks(data):
        if name == b"acTL":
            raise animated()
        if name == b"eXIf":
            exif = chunk[8:-4]
        if name in _KEPT_CHUNKS:
            kept.append(chunk)
    return Picture(b"".join(kept), exif)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, whole chunk with length and checksum) up to and with IEND."""
    position = len(_PNG_SIGNATURE)
    for _part in range(_MAX_PARTS):
        end = position + 12 + _u32(data, position)
        if end > len(data):
            raise broken()
        name = data[position + 4 : position + 8]
        yield name, data[position:end]
        if name == b"IEND":
            return
        position = end
    raise broken()


# --- HEIC: ISO/IEC 14496-12 boxes, 23008-12 brands ---

_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def _walk_heic(data: bytes) -> Picture:
    """Only the outermost boxes are checked; libheif has limits of its own for what is inside. Its EXIF comes later."""
    boxes = dict(_heic_boxes(data))
    brands = boxes.get(b"ftyp", b"")
    if b"moov" in boxes:
        raise animated()
    if b"meta" not in boxes or not _STILL_BRANDS & {brands[at : at + 4] for at in range(0, len(brands), 4)}:
        raise broken()
    return Picture(data, b"")


def _heic_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, first bytes of the content). A size of 0 means "to the end of the file", 1 a 64-bit size."""
    position = 0
    for _part in range(_MAX_PARTS):
        if position == len(data):
            return
        size, name, header = _u32(data, position), data[position + 4 : position + 8], 8
        if size == 1:
            size, header = _u64(data, position + 8), 16
        end = position + size if size else len(data)
        if end > len(data) or end < position + header:
            raise broken()
        yield name, data[position + header : min(end, position + header + 256)]
        position = end
    raise broken()


def _u16(data: bytes, position: int) -> int:
    return _number(">H", data, position)


def _u32(data: bytes, position: int) -> int:
    return _number(">I", data, position)


def _u64(data: bytes, position: int) -> int:
    return _number(">Q", data, position)


def _number(layout: str, data: bytes, position: int) -> int:
    try:
        return int(struct.unpack_from(layout, data, position)[0])
    except struct.error:
        raise broken() from None


_WALKS: Mapping[str, Callable[[bytes], Picture]] = {"jpeg": _walk_jpeg, "png": _walk_png, "heic": _walk_heic}
