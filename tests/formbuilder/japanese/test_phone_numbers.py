import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formbuilder.japanese import Refused
from formbuilder.japanese.phone import normalise_phone


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("09099999999", "090-9999-9999"),
        ("０９０－９９９９－９９９９", "090-9999-9999"),
        ("090ー9999ー9999", "090-9999-9999"),
        ("025-228-1000", "025-228-1000"),
        ("0252281000", "025-228-1000"),
        ("０２５（２２８）１０００", "025-228-1000"),
        ("(025)228-1000", "025-228-1000"),
        ("025 228 1000", "025-228-1000"),
        ("+81 25 228 1000", "025-228-1000"),
        ("＋８１(0)25-228-1000", "025-228-1000"),
        ("+819099999999", "090-9999-9999"),
        ("0254921234", "0254-92-1234"),
        ("0312345678", "03-1234-5678"),
        ("0120123456", "0120-123-456"),
        ("05012345678", "050-1234-5678"),
        ("06012345678", "060-1234-5678"),
    ],
)
def test_a_number_gets_the_hyphens_of_the_numbering_plan(raw: str, phone: str) -> None:
    assert normalise_phone(raw) == phone


@pytest.mark.parametrize(
    ("raw", "part_of_message"),
    [
        ("", "数字で"),
        ("なし", "数字で"),
        ("228-1000", "市外局番の0から"),
        ("9012345678", "市外局番の0から"),
        ("0120-ABC-DEF", "数字で"),
        ("025-228-1000 内線12", "数字で"),
        ("025-228-100", "桁数か番号に誤り"),
        ("090-9999-99999", "桁数か番号に誤り"),
        ("0000000000", "桁数か番号に誤り"),
        ("0", "桁数か番号に誤り"),
        ("+81", "桁数か番号に誤り"),
        ("+1 212 555 0123", "日本の電話番号"),
        ("0" * 10_000, "数字で"),
        ("٠٢٥٢٢٨١٠٠٠", "数字で"),
    ],
)
def test_what_is_no_japanese_number_is_refused_with_what_to_do(raw: str, part_of_message: str) -> None:
    with pytest.raises(Refused) as caught:
        normalise_phone(raw)
    assert part_of_message in caught.value.message
    assert "入力してください" in caught.value.message


@given(st.text("0123456789０９+＋()（）-ー－ .", max_size=20) | st.from_regex(r"0[1-9]0?[0-9]{8}", fullmatch=True))
@settings(deadline=None)  # the first call reads the tables
def test_a_normalised_number_is_stable_and_keeps_the_digits(raw: str) -> None:
    try:
        phone = normalise_phone(raw)
    except Refused:
        return
    assert phone.isascii() and phone.startswith("0") and set(phone) <= set("0123456789-")
    assert normalise_phone(phone) == phone
    assert normalise_phone("+81" + phone[1:]) == phone
