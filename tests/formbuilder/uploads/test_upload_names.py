import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.uploads.names import MAX_LENGTH, display_name
from formbuilder.uploads.policy import KINDS

JPEG, PDF = KINDS["jpeg"], KINDS["pdf"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("母子手帳.jpg", "母子手帳.jpg"),
        ("IMG_0001.JPEG", "IMG_0001.jpg"),
        ("IMG_0001.HEIC", "IMG_0001.jpg"),
        ("写真.html", "写真.jpg"),
        ("写真", "写真.jpg"),
        ("通帳 令和6.4.1", "通帳 令和6.4.1.jpg"),
        ("evil.php.jpg", "evil.php.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\住民\\写真.png", "写真.jpg"),
        ("..", "添付ファイル.jpg"),
        ("", "添付ファイル.jpg"),
        (None, "添付ファイル.jpg"),
        (".jpg", "添付ファイル.jpg"),
        ("   .jpg", "添付ファイル.jpg"),
        ("写真\r\nSet-Cookie: a=b\x00.jpg", "写真Set-Cookie_ a=b.jpg"),
        ("\u202egpj.exe", "gpj.jpg"),
        ("請\u200b求\u2066書\u2069.jpg", "請求書.jpg"),
        ('a<b>:"c|d?e*f.jpg', "a_b___c_d_e_f.jpg"),
        ("壊れた\ud800名前.jpg", "壊れた名前.jpg"),
        ("\ufffe写真\ufdd0\U0001ffff.jpg", "写真.jpg"),
    ],
)
def test_a_name_is_made_safe_and_gets_the_extension_of_its_content(raw: str | None, shown: str) -> None:
    assert display_name(raw, JPEG) == shown


def test_rare_characters_of_names_stay_as_they_were_typed() -> None:
    raw = "神\ufa19と塚\ufa10と辻\U000e0100と𠮷とか\u3099と外字\ue000"
    assert display_name(raw + ".pdf", PDF) == raw + ".pdf"


def test_a_long_name_is_cut_before_its_extension() -> None:
    shown = display_name("長" * 300 + ".pdf", PDF)
    assert shown == "長" * (MAX_LENGTH - 4) + ".pdf"


@given(st.text(max_size=300))
def test_no_name_breaks_a_header_a_path_or_a_line(raw: str) -> None:
    shown = display_name(raw, PDF)
    assert shown.endswith(".pdf")
    assert len(".pdf") < len(shown) <= MAX_LENGTH
    assert not set(shown) & set('/\\<>:"|?*')
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not shown.startswith(".")
    shown.encode()
