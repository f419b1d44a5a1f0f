"""Peak memory of a fresh process that inspects one file: what a hostile upload can take from a web worker."""

import subprocess
import sys
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from .samples import deflated_zeros, hiding_pdf, jpeg, noise, png, png_chunk, png_of_chunks

ONE_PIXEL = png_chunk(b"IDAT", zlib.compress(bytes(4)))
PROGRAM = """
import sys
from io import BytesIO
from formbuilder.uploads.inspect import inspect_upload
from formbuilder.uploads.policy import FILE_KINDS, UploadPolicy
from formbuilder.uploads.refused import UploadRefused
def peak():  # VmHWM begins anew with the process; ru_maxrss is inherited from the test runner
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
content = sys.stdin.buffer.read()
before = peak()
try:
    answer = inspect_upload(BytesIO(content), UploadPolicy(FILE_KINDS, 50_000_000)).kind
except UploadRefused as refused:
    answer = refused.code
print(answer, (peak() - before) // 1024)
"""


def answer_and_megabytes(content: bytes) -> tuple[str, int]:
    run = subprocess.run([sys.executable, "-c", PROGRAM], input=content, capture_output=True, check=True, timeout=120)
    answer, megabytes = run.stdout.split()
    return answer.decode(), int(megabytes)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (png_of_chunks(20_000, 20_000, png_chunk(b"IDAT", deflated_zeros(1200))), "pixels"),
        (png_of_chunks(1, 1, png_chunk(b"IDAT", deflated_zeros(4000))), "png"),
        (png_of_chunks(1, 1, png_chunk(b"iCCP", b"p\x00\x00" + deflated_zeros(4000)), ONE_PIXEL), "broken"),
        (hiding_pdf(b"", packed=deflated_zeros(4000)), "unsearchable"),
    ],
    ids=["huge header", "pixel bomb", "profile bomb", "object stream bomb"],
)
def test_a_bomb_is_not_unpacked(content: bytes, answer: str) -> None:
    given, megabytes = answer_and_megabytes(content)
    assert given == answer
    assert megabytes < 120


def biggest_png() -> bytes:
    return png(Image.new("RGBA", (8060, 6450), (200, 20, 20, 90)))


def biggest_cmyk_jpeg() -> bytes:
    return jpeg(Image.new("CMYK", (7210, 7210), (200, 20, 20, 9)), progressive=True, subsampling=0)


@pytest.mark.parametrize("make", [biggest_png, biggest_cmyk_jpeg])
def test_the_biggest_picture_that_is_taken_has_a_bounded_price(make: Callable[[], bytes]) -> None:
    given, megabytes = answer_and_megabytes(make())
    assert given in {"png", "jpeg"}
    assert 50 < megabytes < 700


def test_a_48_megapixel_photograph_is_halved_while_it_is_decoded() -> None:
    given, megabytes = answer_and_megabytes(jpeg(Image.new("RGB", (8064, 6048), (200, 20, 20))))
    assert given == "jpeg"
    assert megabytes < 150


def test_a_usual_photograph_has_a_small_price() -> None:
    given, megabytes = answer_and_megabytes(jpeg(noise(1008, 756).resize((4032, 3024))))
    assert given == "jpeg"
    assert megabytes < 200
