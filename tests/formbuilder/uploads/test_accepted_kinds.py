import hashlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from formbuilder.uploads.inspect import inspect_upload
from formbuilder.uploads.policy import FILE_KINDS, MEGABYTE, PHOTO_KINDS, UploadPolicy
from formbuilder.uploads.refused import UploadRefused

from .samples import ANY, Named, corners, heic, inspected, jpeg, noise, pdf, png

PHOTOS = UploadPolicy(PHOTO_KINDS, 10 * MEGABYTE)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.mark.parametrize(
    ("content", "kind", "content_type", "name"),
    [
        (jpeg(), "jpeg", "image/jpeg", "写真.jpg"),
        (png(), "png", "image/png", "写真.png"),
        (heic(), "jpeg", "image/jpeg", "写真.jpg"),
        (pdf(), "pdf", "application/pdf", "写真.pdf"),
    ],
    ids=["jpeg", "png", "heic", "pdf"],
)
def test_the_content_decides_whatever_the_name_says(content: bytes, kind: str, content_type: str, name: str) -> None:
    for claimed in ("写真.html", "写真.jpg", "写真.pdf", "写真"):
        checked = inspected(content, claimed)
        assert (checked.kind, checked.content_type, checked.name) == (kind, content_type, name)


def test_what_is_stored_is_described_exactly() -> None:
    checked = inspected(jpeg(corners(64, 48)))
    assert (checked.width, checked.height) == (64, 48)
    assert checked.size == len(checked.content)
    assert checked.sha256 == hashlib.sha256(checked.content).hexdigest()


def test_a_pdf_is_stored_as_it_came() -> None:
    checked = inspected(pdf(), "証明書.pdf")
    assert checked.content == pdf()
    assert (checked.width, checked.height) == (None, None)


def test_a_django_upload_is_taken_and_the_browsers_content_type_is_not_believed() -> None:
    upload = SimpleUploadedFile("通帳.pdf", jpeg(), content_type="application/pdf")
    assert inspect_upload(upload, PHOTOS).name == "通帳.jpg"


def test_a_nameless_stream_that_was_already_read_is_taken() -> None:
    stream = BytesIO(png())
    stream.read()
    assert inspect_upload(stream, PHOTOS).name == "添付ファイル.png"


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "HTML形式"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG形式"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + bytes(40), "GIF形式"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(40), "WebP形式"),
        (b"PK\x03\x04\x14\x00" + bytes(60), "ZIP形式"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(40), "動画形式"),
        (EICAR, "この形式"),
        (b"MZ" + bytes(200), "この形式"),
        ("ただの文章です。".encode(), "この形式"),
        (bytes(100), "この形式"),
    ],
    ids=["html", "svg", "gif", "webp", "zip", "mp4", "eicar", "exe", "text", "zeros"],
)
def test_another_kind_under_the_name_of_a_photo_is_refused_and_named(content: bytes, label: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        inspected(content, "写真.jpg", PHOTOS)
    assert refused.value.code == "kind"
    assert refused.value.message == (
        f"{label}のファイルは添付できません。JPEG・PNG・HEIC形式のファイルを選んでください。"
    )


def test_a_pdf_is_refused_where_only_photos_are_taken() -> None:
    with pytest.raises(UploadRefused, match="PDF形式のファイルは添付できません。JPEG・PNG・HEIC形式の"):
        inspected(pdf(), "写真.jpg", PHOTOS)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UploadRefused, match="ファイルの中身が空です") as refused:
        inspected(b"")
    assert refused.value.code == "empty"


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    content = jpeg()
    assert inspected(content, policy=UploadPolicy(PHOTO_KINDS, len(content))).kind == "jpeg"
    with pytest.raises(UploadRefused) as refused:
        inspected(content, policy=UploadPolicy(PHOTO_KINDS, len(content) - 1))
    assert refused.value.code == "too_large"


def test_the_limit_is_said_in_the_refusal() -> None:
    with pytest.raises(UploadRefused, match="ファイルが大きすぎます。1MBまでのファイルを選んでください。"):
        inspected(png(noise(1000, 1000)), policy=UploadPolicy(FILE_KINDS, MEGABYTE))


def test_bytes_are_counted_when_the_stated_size_is_a_lie() -> None:
    upload = Named(jpeg() + bytes(2 * MEGABYTE))
    upload.size = 10
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(upload, UploadPolicy(PHOTO_KINDS, MEGABYTE))
    assert refused.value.code == "too_large"
    assert upload.tell() <= MEGABYTE + 64 * 1024


def test_a_file_that_says_it_is_too_large_is_not_even_read() -> None:
    upload = Named(jpeg())
    upload.size = ANY.max_bytes + 1
    with pytest.raises(UploadRefused) as refused:
        inspect_upload(upload, ANY)
    assert refused.value.code == "too_large"
    assert upload.tell() == 0


def test_an_endless_upload_is_cut_off_at_the_limit() -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return bytes(size)

        def seek(self, offset: int, whence: int = 0, /) -> int:
            return 0

    endless = Endless()
    with pytest.raises(UploadRefused, match="大きすぎます"):
        inspect_upload(endless, ANY)
    assert endless.given <= 11 * MEGABYTE
