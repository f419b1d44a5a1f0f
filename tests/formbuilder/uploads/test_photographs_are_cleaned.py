import pytest
from PIL import Image, ImageCms

from formbuilder.uploads.images import LONG_SIDE
from formbuilder.uploads.policy import MEGABYTE, PHOTO_KINDS, UploadPolicy

from .samples import (
    BLUE,
    GPS,
    GREEN,
    ORIENTATION,
    RED,
    WHITE,
    corners,
    decoded,
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

KEEPING = UploadPolicy(PHOTO_KINDS, 10 * MEGABYTE, keep_location=True)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>37,54.9N</exif:GPSLatitude></x:xmpmeta>'
SECRETS = (
    b"Madoguchi Camera",
    b"GPSLatitude",
    b"xmpmeta",
    b"Exif\x00\x00",
    b"eXIf",
    b"secret",
    b"ICC_PROFILE",
    b"iCCP",
)


def with_everything() -> dict[str, bytes]:
    """One upload per kind, each carrying every sort of metadata it can."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {
        "jpeg": jpeg(exif=exif(1, gps=True), xmp=XMP, icc_profile=profile, comment=b"secret"),
        "png": png(exif=exif(1, gps=True), icc_profile=profile).replace(
            b"\x00\x00\x00\x00IEND", png_chunk(b"tEXt", b"Comment\x00secret" + XMP) + b"\x00\x00\x00\x00IEND"
        ),
        "heic": heic(exif=exif(1, gps=True), xmp=XMP),
    }


@pytest.mark.parametrize("kind", ["jpeg", "png", "heic"])
def test_place_device_and_comments_are_gone(kind: str) -> None:
    before = with_everything()[kind]
    assert any(secret in before for secret in SECRETS)
    checked = inspected(before)
    assert not [secret for secret in SECRETS if secret in checked.content]
    assert dict(decoded(checked).getexif()) == {}


@pytest.mark.parametrize("kind", ["jpeg", "png", "heic"])
def test_a_report_about_a_place_keeps_the_position_and_nothing_else(kind: str) -> None:
    checked = inspected(with_everything()[kind], policy=KEEPING)
    kept = decoded(checked).getexif()
    assert set(kept) == {GPS}
    position = kept.get_ifd(GPS)
    assert (position[1], position[3]) == ("N", "E")
    assert [float(part) for part in position[2]] == [37, 54, 58]
    assert [float(part) for part in position[4]] == [139, 2, 11]
    assert b"Madoguchi Camera" not in checked.content


def test_free_text_in_the_position_is_not_kept() -> None:
    block = Image.Exif()
    block[GPS] = {1: "N", 2: (37.0, 0.0, 0.0), 3: "E", 4: (139.0, 0.0, 0.0), 27: b"ASCII\0\0\0secret", 28: b"secret"}
    checked = inspected(jpeg(exif=block.tobytes()), policy=KEEPING)
    assert set(decoded(checked).getexif().get_ifd(GPS)) == {1, 2, 3, 4}
    assert b"secret" not in checked.content


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("block", [exif(6), b"Exif\x00\x00garbage", b"Exif\x00\x00MM\x00*\x00\x00\xff\xff"])
def test_a_photo_without_a_readable_position_keeps_none(block: bytes) -> None:
    assert dict(decoded(inspected(jpeg(exif=block), policy=KEEPING)).getexif()) == {}


# What the applicant sees for each value of the tag: top left, top right, bottom left, bottom right.
TURNS = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}


def quarters(image: Image.Image) -> list[object]:
    left, right = image.width // 4, image.width * 3 // 4
    top, bottom = image.height // 4, image.height * 3 // 4
    return [image.getpixel(at) for at in ((left, top), (right, top), (left, bottom), (right, bottom))]


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("save", [jpeg, png, heic])
def test_the_picture_is_stored_upright(save: object, orientation: int) -> None:
    assert callable(save)
    checked = inspected(save(exif=exif(orientation)))
    image = decoded(checked)
    assert image.size == (checked.width, checked.height) == ((64, 48) if orientation < 5 else (48, 64))
    assert all(map(is_near, quarters(image), TURNS[orientation], [30] * 4)), quarters(image)
    assert ORIENTATION not in image.getexif()


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_changes_nothing(orientation: int) -> None:
    image = decoded(inspected(jpeg(exif=exif(orientation))))
    assert image.size == (64, 48)
    assert is_near(image.getpixel((10, 10)), RED)


def test_heic_becomes_jpeg() -> None:
    checked = inspected(heic(), "IMG_0001.HEIC")
    image = decoded(checked)
    assert (checked.name, image.format) == ("IMG_0001.jpg", "JPEG")
    assert is_near(image.getpixel((10, 10)), RED, 20)


def test_a_heic_brand_that_only_the_second_opinion_knows_is_taken() -> None:
    assert inspected(heic().replace(b"ftypheic", b"ftypheix", 1)).kind == "jpeg"


def test_colours_of_another_profile_are_converted_not_just_stripped() -> None:
    plain = Image.new("RGB", (32, 32), RED)
    for content in (jpeg(plain, icc_profile=green_profile()), png(plain, icc_profile=green_profile())):
        pixel = decoded(inspected(content)).getpixel((16, 16))
        assert isinstance(pixel, tuple)
        assert pixel[1] > 150 > pixel[0], pixel


def test_a_broken_profile_leaves_the_colours_alone() -> None:
    assert is_near(decoded(inspected(jpeg(icc_profile=b"not a profile" * 20))).getpixel((10, 10)), RED)


def test_a_cmyk_scan_becomes_rgb() -> None:
    image = decoded(inspected(jpeg(corners().convert("CMYK"))))
    assert image.mode == "RGB"
    assert is_near(image.getpixel((10, 10)), RED, 20)


def test_a_jpeg_that_stores_red_green_and_blue_themselves_keeps_its_colours() -> None:
    """Only the Adobe marker says so, once the components are numbered like those of any other JPEG."""
    stored = jpeg(keep_rgb=True)
    header, scan = stored.index(b"\xff\xc0") + 10, stored.index(b"\xff\xda") + 5
    content = bytearray(stored)
    content[header : header + 9 : 3] = content[scan : scan + 6 : 2] = b"\x01\x02\x03"
    assert b"Adobe" in content
    assert is_near(decoded(inspected(bytes(content))).getpixel((10, 10)), RED)


def test_grey_and_black_and_white_pictures_stay_grey() -> None:
    grey = corners().convert("L")
    assert decoded(inspected(jpeg(grey))).mode == "L"
    assert decoded(inspected(png(grey))).mode == "L"
    checked = inspected(png(Image.new("1", (8, 8), 1)))
    assert decoded(checked).getpixel((4, 4)) == 255


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    deep = Image.new("I;16", (8, 8), 0x8000)
    assert decoded(inspected(png(deep))).getpixel((4, 4)) == 128


def test_transparency_of_a_png_stays() -> None:
    clear = corners().convert("RGBA")
    clear.putalpha(100)
    assert decoded(inspected(png(clear))).getpixel((10, 10)) == (*RED, 100)
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([*RED, *BLUE])
    assert decoded(inspected(png(palette, transparency=0))).getpixel((4, 4)) == (*RED, 0)
    assert decoded(inspected(png(palette))).getpixel((4, 4)) == RED


def test_a_transparent_heic_is_put_on_white_paper() -> None:
    clear = Image.new("RGBA", (64, 64), (*RED, 0))
    assert is_near(decoded(inspected(heic(clear))).getpixel((32, 32)), WHITE)


@pytest.mark.parametrize("size", [(LONG_SIDE + 904, 1000), (1000, LONG_SIDE + 904), (2 * LONG_SIDE + 2, 600)])
@pytest.mark.parametrize("save", [jpeg, png, heic])
def test_a_very_large_picture_is_scaled_to_the_long_side(save: object, size: tuple[int, int]) -> None:
    assert callable(save)
    checked = inspected(save(corners(*size)))
    assert (checked.width, checked.height) == decoded(checked).size
    assert max(decoded(checked).size) == LONG_SIDE
    assert abs(decoded(checked).width / decoded(checked).height - size[0] / size[1]) < 0.05
    assert is_near(decoded(checked).getpixel((20, 20)), RED, 20)


def test_a_photo_of_a_phone_is_not_scaled() -> None:
    checked = inspected(jpeg(Image.new("RGB", (4032, 3024), BLUE)))
    assert (checked.width, checked.height) == (4032, 3024)


def test_a_hair_thin_picture_keeps_a_side_of_one_pixel() -> None:
    assert decoded(inspected(png(Image.new("L", (20_000, 1), 7)))).size == (LONG_SIDE, 1)


def test_small_print_survives_the_second_compression() -> None:
    before = noise(400, 300).convert("L")
    after = decoded(inspected(jpeg(before))).convert("L")
    pairs = zip(before.tobytes(), after.tobytes(), strict=True)
    assert sum(abs(a - b) for a, b in pairs) / (400 * 300) < 4


def test_a_progressive_photo_is_taken() -> None:
    assert decoded(inspected(jpeg(noise(300, 200), progressive=True))).size == (300, 200)


def test_a_png_written_by_hand_is_taken() -> None:
    # One white pixel, filter byte 0.
    idat = png_chunk(b"IDAT", bytes.fromhex("789c63f8ffff3f0005fe02fe"))
    assert decoded(inspected(png_of_chunks(1, 1, idat))).getpixel((0, 0)) == WHITE
