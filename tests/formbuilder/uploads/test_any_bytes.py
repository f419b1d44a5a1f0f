"""Whatever the bytes are, the answer is a checked file or a Japanese refusal."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formbuilder.uploads import images, pdf
from formbuilder.uploads.refused import UploadRefused

from .samples import corners, exif, heic, hiding_pdf, inspected, jpeg, png, raw_pdf
from .samples import pdf as pdf_file

Result = TypeVar("Result")
MAGIC = (
    b"",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    b"\xff\xd8\xff\xda",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    b"%PDF-1.7\n",
    b"%PDF-1.7\n/Root 1 0 obj <<",
    b"<html",
    b"PK\x03\x04",
)
PDF_TOKENS = (
    *(b"obj", b"<<", b">>", b"(", b")", b"\\", b"%", b"\n", b" ", b"<", b">", b"/First", b"/Filter", b"/FlateDecode"),
    *(b"stream\n", b"endstream", b"endobj", b"1 0 ", b"#4a", b"["),
)
SMALL = corners(24, 16)
WHOLE = {
    "jpeg": jpeg(SMALL, exif=exif(6, gps=True)),
    "progressive": jpeg(SMALL, progressive=True),
    "png": png(SMALL, exif=exif(6, gps=True)),
    "palette": png(SMALL.quantize(4), transparency=0),
    "heic": heic(SMALL, exif=exif(6, gps=True)),
    "pdf": pdf_file(),
    "pdf15": hiding_pdf(b"<< /S /GoTo /D [2 0 R /Fit] >>"),
    "classic": raw_pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Title (a\\(b) >>"),
}
# A decoder may take its time on a busy machine.
quick = settings(deadline=None, max_examples=60)


def answer(content: bytes) -> None:
    result = result_of(lambda: inspected(content))
    if isinstance(result, UploadRefused):
        assert result.code
        assert result.message.endswith("ください。")
    else:
        assert result.size == len(result.content) > 0


def result_of(check: Callable[[], Result]) -> Result | UploadRefused:
    try:
        return check()
    except UploadRefused as refused:
        return refused


@quick
@given(st.sampled_from(MAGIC), st.binary(max_size=2000))
def test_random_bytes(magic: bytes, rest: bytes) -> None:
    answer(magic + rest)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", WHOLE)
@quick
@given(data=st.data())
def test_a_real_file_with_some_bytes_changed(kind: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[kind])
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[position] = data.draw(st.integers(0, 255))
    answer(bytes(content))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", WHOLE)
@quick
@given(data=st.data())
def test_a_real_file_with_a_piece_cut_out_doubled_or_replaced(kind: str, data: st.DataObject) -> None:
    content = WHOLE[kind]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    piece = data.draw(
        st.sampled_from([b"", content[start:end] * 2, b"\xff\xd9", b"%%EOF", b"stream\n", b"<<(", bytes(9)])
    )
    answer(content[:start] + piece + content[end:])


@pytest.mark.filterwarnings("ignore::UserWarning")
@quick
@given(st.binary(max_size=400))
def test_random_metadata_never_spoils_a_good_picture(block: bytes) -> None:
    for keep in (True, False):
        photo = images.clean("jpeg", jpeg(SMALL, exif=b"Exif\x00\x00" + block), keep_location=keep)
        assert sorted((photo.width, photo.height)) == [16, 24]


@given(st.lists(st.sampled_from(PDF_TOKENS), max_size=40))
def test_random_pdf_tokens(tokens: list[bytes]) -> None:
    result = result_of(lambda: pdf.check(raw_pdf(b"<< /Type /Catalog >>", b"".join(tokens))))
    assert result is None or result.code in {"broken", "unsearchable"}
