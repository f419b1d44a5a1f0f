"""Real files, made here byte by byte or with Pillow, pillow-heif and pypdf."""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms
from pypdf import PdfWriter

from formbuilder.uploads.inspect import CheckedFile, inspect_upload
from formbuilder.uploads.policy import FILE_KINDS, MEGABYTE, UploadPolicy

RED, BLUE, GREEN, WHITE = (220, 20, 20), (20, 20, 220), (20, 180, 20), (255, 255, 255)
ANY = UploadPolicy(FILE_KINDS, 10 * MEGABYTE)
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825
# 新潟市役所: 37°54'58"N 139°2'11"E
POSITION = {1: "N", 2: (37.0, 54.0, 58.0), 3: "E", 4: (139.0, 2.0, 11.0)}


class Named(BytesIO):
    """A browser's upload: a file with a name, as Django hands it over."""

    def __init__(self, content: bytes, name: str = "写真.jpg") -> None:
        super().__init__(content)
        self.name = name
        self.size = len(content)


def inspected(content: bytes, name: str = "写真.jpg", policy: UploadPolicy = ANY) -> CheckedFile:
    return inspect_upload(Named(content, name), policy)


def decoded(checked: CheckedFile) -> Image.Image:
    image = Image.open(BytesIO(checked.content))
    image.load()
    return image


def is_near(color: object, expected: tuple[int, ...], tolerance: int = 12) -> bool:
    assert isinstance(color, tuple)
    return len(color) == len(expected) and all(abs(a - b) <= tolerance for a, b in zip(color, expected, strict=True))


# --- pictures ---


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right: shows every turn and mirroring."""
    image = Image.new("RGB", (width, height), WHITE)
    half_width, half_height = width // 2, height // 2
    image.paste(RED, (0, 0, half_width, half_height))
    image.paste(GREEN, (half_width, 0, width, half_height))
    image.paste(BLUE, (0, half_height, half_width, height))
    return image


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


def exif(orientation: int | None = None, *, gps: bool = False) -> bytes:
    block = Image.Exif()
    block[MAKE] = "Madoguchi Camera"
    if orientation:
        block[ORIENTATION] = orientation
    if gps:
        block[GPS] = POSITION
    return block.tobytes()


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    output = BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    return saved(image or corners(), "JPEG", **{"quality": 95, **options})


def png(image: Image.Image | None = None, **options: object) -> bytes:
    return saved(image or corners(), "PNG", **options)


def heic(image: Image.Image | None = None, **options: object) -> bytes:
    output = BytesIO()
    pillow_heif.from_pillow(image or corners()).save(output, quality=95, **options)
    return output.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png_of_chunks(width: int, height: int, *chunks: bytes, color_type: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IEND", b"")


def deflated_zeros(megabytes: int) -> bytes:
    """A zlib stream of zero bytes, a thousandth of their size, put together without packing them one by one."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = (megabytes * MEGABYTE % 65521) << 16 | 1
    return b"\x78\x9c" + block * megabytes + b"\x03\x00" + struct.pack(">I", checksum)


def green_profile() -> bytes:
    """An RGB profile in which the three channels are swapped around: easy to see whether it was honoured."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return bytes(profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ"))


# --- PDF ---


def written(writer: PdfWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def pdf_writer(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    return writer


def pdf() -> bytes:
    return written(pdf_writer())


def raw_pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Objects numbered from 1 with a correct table, so that any reader opens the file."""
    body, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, trailer, len(body))
    )


def hiding_pdf(
    hidden: bytes, *, entries: bytes = b"/Type /ObjStm", packed: bytes | None = None, gap: bytes = b"\n"
) -> bytes:
    """A correct PDF 1.5 file whose opening action, object 5, lives in the object stream 3, which 4 points into.

    `entries` are put into the dictionary of the object stream, `packed` replaces its bytes, `gap` follows its `obj`.
    """
    index = b"5 0 "
    data = zlib.compress(index + hidden) if packed is None else packed
    filters = b"" if b"/Filter" in entries else b"/Filter /FlateDecode"
    stream = b"<< %b /N 1 /First %d /Length %d %b >>\nstream\n%b\nendstream" % (
        entries,
        len(index),
        len(data),
        filters,
        data,
    )
    objects = (
        b"\n<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>",
        b"\n<< /Type /Pages /Kids [] /Count 0 >>",
        gap + stream,
    )
    body, offsets = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%b\nendobj\n" % (number, content)
    rows = [(0, 0, 65535), *((1, offset, 0) for offset in offsets), (1, len(body), 0), (2, 3, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    return body + (
        b"4 0 obj\n<< /Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n%b\nendstream\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(table), table, len(body))
    )
