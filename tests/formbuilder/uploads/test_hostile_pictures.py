import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image

from formbuilder.uploads.containers import open_container
from formbuilder.uploads.images import MAX_PIXELS
from formbuilder.uploads.policy import MEGABYTE
from formbuilder.uploads.refused import UploadRefused

from .samples import (
    RED,
    WHITE,
    corners,
    decoded,
    deflated_zeros,
    exif,
    green_profile,
    heic,
    inspected,
    is_near,
    jpeg,
    noise,
    png,
    png_chunk,
    png_of_chunks,
)

HTML = b"<html><script>alert(document.cookie)</script></html>"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x00\x00payload" + b"PK\x05\x06" + bytes(18)
SAVERS = {"jpeg": jpeg, "png": png, "heic": heic}


def refusal(content: bytes) -> UploadRefused:
    with pytest.raises(UploadRefused) as refused:
        inspected(content)
    return refused.value


# --- cut off or damaged ---


@pytest.mark.parametrize("kind", SAVERS)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_picture_that_was_cut_off_is_refused(kind: str, part: float) -> None:
    whole = SAVERS[kind](noise(200, 150))
    refused = refusal(whole[: int(len(whole) * part)])
    assert refused.code == "broken"
    assert refused.message == (
        "ファイルを最後まで読み取れませんでした。端末で開けることを確かめてから、もう一度選んでください。"
    )


def test_a_jpeg_without_its_last_two_bytes_is_refused() -> None:
    assert refusal(jpeg()[:-2]).code == "broken"


def test_a_progressive_jpeg_cut_off_between_two_scans_is_refused() -> None:
    whole = jpeg(noise(200, 150), progressive=True)
    assert refusal(whole[: whole.rindex(b"\xff\xda")]).code == "broken"


def test_a_png_whose_pixel_data_was_cut_off_inside_a_whole_file_is_refused() -> None:
    rows = zlib.compress(noise(100, 100).tobytes())
    assert refusal(png_of_chunks(100, 100, png_chunk(b"IDAT", rows[: len(rows) // 2]))).code == "broken"


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    content = bytearray(png(noise(20, 20)))
    content[content.index(b"IDAT") + 10] ^= 0xFF
    assert refusal(bytes(content)).code == "broken"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9" + bytes(10),
        b"\xff\xd8\xff\xe0\x00\x00" + b"\xff\xd9",
        b"\x89PNG\r\n\x1a\n",
        png_of_chunks(0, 0),
        png_of_chunks(10, 10),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IEND", b""),
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x08meta\x00\x00\x00\x08mdat",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + struct.pack(">I4sQ", 1, b"mdat", 2**63),
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + struct.pack(">I4sQ", 1, b"mdat", 0),
    ],
)
def test_a_header_with_nothing_behind_it_is_refused(content: bytes) -> None:
    assert refusal(content).code == "broken"


def test_html_behind_the_first_bytes_of_a_jpeg_is_refused() -> None:
    assert refusal(b"\xff\xd8\xff\xe0" + HTML).code == "broken"


# --- more than one thing in one file ---


@pytest.mark.parametrize("kind", ["jpeg", "png"])
@pytest.mark.parametrize("payload", [HTML, ZIP], ids=["html", "zip"])
def test_what_was_appended_to_a_picture_is_gone(kind: str, payload: bytes) -> None:
    checked = inspected(SAVERS[kind]() + payload)
    assert payload not in checked.content
    assert b"PK\x05\x06" not in checked.content
    assert is_near(decoded(checked).getpixel((10, 10)), RED)


@pytest.mark.parametrize("payload", [HTML, ZIP], ids=["html", "zip"])
def test_a_heic_with_something_appended_is_refused(payload: bytes) -> None:
    assert refusal(heic() + payload).code == "broken"


def test_html_in_the_comments_of_a_picture_is_gone() -> None:
    for content in (jpeg(comment=HTML), jpeg(exif=exif(1), xmp=HTML), png(exif=HTML)):
        assert HTML in content
        assert HTML not in inspected(content).content


def test_decoders_are_given_pixels_and_colour_profile_alone() -> None:
    secret, colours = exif(6, gps=True), green_profile()
    whole_jpeg = jpeg(exif=secret, icc_profile=colours, xmp=HTML, comment=HTML)
    whole_png = png(exif=secret, icc_profile=colours) + HTML
    for kind, content in (("jpeg", whole_jpeg), ("png", whole_png)):
        picture = open_container(kind, content)
        assert b"Madoguchi Camera" in picture.exif
        assert not [part for part in (b"Madoguchi Camera", HTML) if part in picture.data]
        assert Image.open(BytesIO(picture.data)).info["icc_profile"] == colours


def test_only_the_first_of_several_pictures_in_a_jpeg_is_kept() -> None:
    output = BytesIO()
    corners().save(output, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), WHITE)])
    checked = inspected(output.getvalue())
    assert decoded(checked).format == "JPEG"
    assert checked.content.count(b"\xff\xd8\xff") == 1
    assert is_near(decoded(checked).getpixel((10, 10)), RED)


def test_an_animated_png_is_refused() -> None:
    frames = png(corners(), save_all=True, append_images=[Image.new("RGB", (64, 48), WHITE)])
    assert b"acTL" in frames
    assert refusal(frames).message == "動く画像は添付できません。JPEGかPNGの静止画を選んでください。"


def test_a_heic_with_a_film_in_it_is_refused() -> None:
    assert refusal(heic() + struct.pack(">I4s", 8, b"moov")).code == "animated"


# --- bombs: small files that want much memory or time ---


def promptly(content: bytes) -> UploadRefused:
    """The refusal, given within two seconds of processor time."""
    started = time.process_time()
    refused = refusal(content)
    assert time.process_time() - started < 2
    return refused


def jpeg_of_size(width: int, height: int) -> bytes:
    content = bytearray(jpeg(Image.new("RGB", (16, 16))))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def heic_of_size(width: int, height: int) -> bytes:
    old, new = struct.pack(">II", 64, 64), struct.pack(">II", width, height)
    return heic(corners(64, 64)).replace(b"ispe\x00\x00\x00\x00" + old, b"ispe\x00\x00\x00\x00" + new)


@pytest.mark.parametrize(
    "content",
    [
        png_of_chunks(20_000, 20_000, png_chunk(b"IDAT", deflated_zeros(1))),
        jpeg_of_size(20_000, 20_000),
        heic_of_size(20_000, 20_000),
    ],
    ids=["png", "jpeg", "heic"],
)
def test_a_picture_that_claims_20000_by_20000_is_refused_by_its_header(content: bytes) -> None:
    assert len(content) < 10_000
    refused = promptly(content)
    assert refused.code == "pixels"
    assert refused.message == "画像の縦横が大きすぎます。5200万画素までに縮小して、もう一度選んでください。"


def test_a_heic_that_lies_about_its_size_is_refused() -> None:
    assert refusal(heic_of_size(16, 16)).code == "broken"
    assert refusal(heic_of_size(5_000, 5_000)).code == "broken"


def test_the_pixel_limit_is_exact() -> None:
    rows = MAX_PIXELS // 10_000
    assert refusal(png_of_chunks(10_000, rows + 1, png_chunk(b"IDAT", b""))).code == "pixels"
    assert refusal(png_of_chunks(10_000, rows, png_chunk(b"IDAT", b""))).code == "broken"


def test_more_pixel_data_than_the_header_says_is_never_unpacked() -> None:
    bomb = png_of_chunks(1, 1, png_chunk(b"IDAT", deflated_zeros(4000)))
    assert len(bomb) < 5 * MEGABYTE
    started = time.process_time()
    assert decoded(inspected(bomb)).size == (1, 1)
    assert time.process_time() - started < 2


ONE_PIXEL = png_chunk(b"IDAT", zlib.compress(bytes(4)))


def test_a_colour_profile_that_unpacks_without_end_is_refused() -> None:
    bomb = png_chunk(b"iCCP", b"p\x00\x00" + deflated_zeros(4000))
    assert promptly(png_of_chunks(1, 1, bomb, ONE_PIXEL)).code == "broken"


@pytest.mark.parametrize("text", [b"zTXtk\x00\x00", b"iTXtk\x00\x01\x00\x00\x00"])
def test_text_that_unpacks_without_end_is_thrown_away_packed(text: bytes) -> None:
    bomb = png_chunk(text[:4], text[4:] + deflated_zeros(4000))
    started = time.process_time()
    assert decoded(inspected(png_of_chunks(1, 1, bomb, ONE_PIXEL))).size == (1, 1)
    assert time.process_time() - started < 2


def test_a_jpeg_of_a_hundred_thousand_scans_is_refused() -> None:
    whole = jpeg(noise(64, 64), progressive=True)
    last = whole.rindex(b"\xff\xda")
    scan = whole[last:-2]
    assert promptly(whole[:last] + scan * (8 * MEGABYTE // len(scan)) + b"\xff\xd9").code == "broken"


@pytest.mark.parametrize(
    "content",
    [
        jpeg()[:2] + b"\xff\xe0\x00\x02" * 2_000_000 + jpeg()[2:],
        jpeg()[:2] + b"\xff" * (9 * MEGABYTE),
        jpeg()[:-2] + b"\xff\x00" * (4 * MEGABYTE),
        png_of_chunks(1, 1, png_chunk(b"tEXt", b"a\x00b") * 500_000),
        heic() + struct.pack(">I4s", 8, b"free") * 1_000_000,
    ],
    ids=["jpeg segments", "jpeg fill bytes", "jpeg endless scan", "png chunks", "heic boxes"],
)
def test_a_picture_of_countless_parts_is_refused_promptly(content: bytes) -> None:
    assert promptly(content).code == "broken"


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_metadata_that_points_everywhere_costs_nothing() -> None:
    """Every one of 5,000 EXIF entries claims the whole block as its value."""
    count, size = 5_000, 65_000
    entries = b"".join(struct.pack(">HHII", 0x1000 + number, 7, size, 8) for number in range(count))
    block = (b"MM\x00*\x00\x00\x00\x08" + struct.pack(">H", count) + entries).ljust(size + 8, b"\x00")
    started = time.process_time()
    assert inspected(jpeg(exif=b"Exif\x00\x00" + block[:65_500])).kind == "jpeg"
    assert inspected(png(exif=block)).kind == "png"
    assert inspected(png(exif=block * 100)).kind == "png"
    assert time.process_time() - started < 3
