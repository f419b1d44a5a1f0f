"""Photographs are never stored as they came: they are decoded and written anew.

That proves that the picture is whole, kills anything hidden in the file, removes the place and the device from it,
and leaves the two formats every browser, PDF writer and office machine can show.
"""

import struct
import threading
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from pillow_heif import HeifImageFile

from formbuilder.japanese.wording import gettext as _
from formbuilder.uploads.containers import open_container
from formbuilder.uploads.refused import UploadRefused, broken

# The 48 and 50 megapixel modes of phones and an A4 page scanned at 600 dpi pass. Decoded this is 200 MB; with the
# decoder's and the scaler's own buffers at most 600 MB for a moment. A usual photograph takes 100 MB.
MAX_PIXELS = 52_000_000
# 350 dpi on an A4 page: small print stays legible, and the 12 megapixel picture of a phone is not scaled at all.
LONG_SIDE = 4096
# The second compression stays invisible in small print and seals; 95 makes the file 40 % bigger.
JPEG_QUALITY = 90
# A third of the time that zlib's default takes for a photograph, and within a few percent of its size.
_PNG_COMPRESSION = 3
# What one JPEG segment holds. Pillow copies values while it reads, so a larger block could be made to grow.
_MAX_EXIF = 65_535

# Decoded pixels are the biggest thing a web process ever holds, so it holds one picture at a time.
_one_at_a_time = threading.Lock()

_OPENERS: dict[str, type[ImageFile.ImageFile]] = {"jpeg": JpegImageFile, "png": PngImageFile, "heic": HeifImageFile}

# Everything the decoders were seen or are documented to raise on bad bytes.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    EOFError,
    RuntimeError,
    MemoryError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)

_ORIENTATION, _GPS = 0x0112, 0x8825
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LATITUDE, _LONGITUDE = 2, 4
# Position, height, time, direction and accuracy; not the free texts and the makers' own tags.
_GPS_TAGS = frozenset({1, _LATITUDE, 3, _LONGITUDE, 5, 6, 7, 16, 17, 29, 31})


@dataclass(frozen=True, slots=True)
class Photograph:
    """`kind` is "jpeg" or "png"; the colours are sRGB, the picture is upright."""

    kind: str
    content: bytes
    width: int
    height: int


def clean(kind: str, data: bytes, *, keep_location: bool) -> Photograph:
    """Raises UploadRefused when the picture is too big, animated or cannot be decoded to the end."""
    picture = open_container(kind, data)
    try:
        with _one_at_a_time:
            return _reencode(kind, picture.data, picture.exif, keep_location)
    except UploadRefused:
        raise
    except _DECODER_ERRORS as error:
        raise broken() from error


def _reencode(kind: str, data: bytes, exif_block: bytes, keep_location: bool) -> Photograph:
    image = _OPENERS[kind](BytesIO(data))
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()
    # libheif has turned the picture already, and pillow-heif has reset the tag.
    exif = _read_exif(image.info.get("exif") or b"" if kind == "heic" else exif_block)
    if isinstance(image, JpegImageFile):
        # Halves a 48 megapixel picture while it is decoded, though half of 8064 is a little less than the long side.
        width, height = _fitted(image.size)
        image.draft(None, (max(1, width * 15 // 16), max(1, height * 15 // 16)))
    # To the last row. Image.thumbnail() would do for HEIC with the embedded thumbnail, which may show something else.
    image.load()
    small = _to_srgb(_resized(_eight_bit(image), _fitted(image.size)), image.info.get("icc_profile"))
    upright = _turned(small, exif.get(_ORIENTATION))
    return _encode("png" if kind == "png" else "jpeg", upright, _location(exif) if keep_location else b"")


def _too_many_pixels() -> UploadRefused:
    limit = MAX_PIXELS // 10_000
    return UploadRefused(
        "pixels",
        _("画像の縦横が大きすぎます。%(limit)s万画素までに縮小して、もう一度選んでください。") % {"limit": limit},
    )


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    longest = max(size)
    if longest <= LONG_SIDE:
        return size
    width, height = (max(1, round(side * LONG_SIDE / longest)) for side in size)
    return width, height


def _resized(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    return image if image.size == target else image.resize(target, Image.Resampling.LANCZOS)


def _eight_bit(image: Image.Image) -> Image.Image:
    """L, RGB, RGBA or CMYK."""
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I"):
        # Pillow's own conversion clips at 255 instead of scaling.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode in ("1", "LA") else "RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones write Display P3 and scanners CMYK; without its profile a picture must be sRGB to look right."""
    alike = "RGB" if image.mode == "CMYK" else image.mode
    if not profile:
        return image if image.mode == alike else image.convert(alike)
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        output = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=output)
    except _DECODER_ERRORS:
        # A profile that is broken or made for another colour space says nothing about this picture.
        return image.convert(alike)
    return (converted or image).convert(alike)


def _turned(image: Image.Image, orientation: object) -> Image.Image:
    method = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return image if method is None else image.transpose(method)


def _read_exif(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    if 0 < len(block) <= _MAX_EXIF:
        try:
            exif.load(block)
        except _DECODER_ERRORS:
            return Image.Exif()
    return exif


def _location(exif: Image.Exif) -> bytes:
    """An EXIF block with the position alone; empty when there is none or it cannot be read."""
    try:
        position = {tag: value for tag, value in exif.get_ifd(_GPS).items() if tag in _GPS_TAGS}
        if _LATITUDE not in position or _LONGITUDE not in position:
            return b""
        alone = Image.Exif()
        alone[_GPS] = position
        return alone.tobytes()
    except _DECODER_ERRORS:
        return b""


def _encode(kind: str, image: Image.Image, exif: bytes) -> Photograph:
    # Pillow writes some of what it finds here (comment, colour profile) into the new file.
    image.info = {}
    output = BytesIO()
    if kind == "png":
        image.save(output, "PNG", compress_level=_PNG_COMPRESSION, exif=exif)
    else:
        _opaque(image).save(output, "JPEG", quality=JPEG_QUALITY, optimize=True, exif=exif)
    return Photograph(kind, output.getvalue(), image.width, image.height)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
