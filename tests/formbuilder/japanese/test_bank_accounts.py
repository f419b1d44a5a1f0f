import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese import Refused
from formbuilder.japanese.bank import (
    HOLDER_LIMIT,
    normalise_account_number,
    normalise_bank_code,
    normalise_branch_code,
    normalise_holder,
    yucho_to_account,
)
from formbuilder.japanese.kana import KanaRefused


@pytest.mark.parametrize("raw", ["0140", "０１４０", " 0140 "])
def test_a_bank_code_has_four_digits(raw: str) -> None:
    assert normalise_bank_code(raw) == "0140"


@pytest.mark.parametrize("raw", ["", "140", "01400", "第四", "0x40", "①②③④"])
def test_another_bank_code_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="金融機関コードは4桁の数字で入力してください"):
        normalise_bank_code(raw)


def test_a_branch_code_has_three_digits() -> None:
    assert normalise_branch_code("００１") == "001"


@pytest.mark.parametrize("raw", ["", "1", "0001", "本店"])
def test_another_branch_code_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="支店コードは3桁の数字で入力してください"):
        normalise_branch_code(raw)


@pytest.mark.parametrize(
    ("raw", "number"), [("1234567", "1234567"), ("12345", "0012345"), ("１２３ー４５６７", "1234567"), ("1", "0000001")]
)
def test_an_account_number_is_padded_to_seven_digits(raw: str, number: str) -> None:
    assert normalise_account_number(raw) == number


@pytest.mark.parametrize("raw", ["", "12345678", "普通1234567", "12.5", "-"])
def test_another_account_number_is_refused(raw: str) -> None:
    with pytest.raises(Refused, match="口座番号は7桁以内の数字で入力してください"):
        normalise_account_number(raw)


@given(st.integers(min_value=0, max_value=9_999_999))
def test_padding_keeps_the_account_number(number: int) -> None:
    padded = normalise_account_number(str(number))
    assert len(padded) == 7 and int(padded) == number
    assert normalise_account_number(padded) == padded


def test_the_holder_is_written_in_bank_kana() -> None:
    assert normalise_holder("にいがた　はなこ") == "ﾆｲｶﾞﾀ ﾊﾅｺ"


def test_a_voiced_mark_counts_as_one_of_thirty() -> None:
    assert normalise_holder("ガ" * 15) == "ｶﾞ" * 15
    with pytest.raises(Refused, match=f"{HOLDER_LIMIT}文字以内で入力してください（今は32文字です）"):
        normalise_holder("ガ" * 16)


def test_an_empty_holder_is_refused() -> None:
    with pytest.raises(Refused, match="口座名義をカタカナで入力してください"):
        normalise_holder("　")


def test_kanji_in_the_holder_is_refused() -> None:
    with pytest.raises(KanaRefused) as caught:
        normalise_holder("新潟　花子")
    assert caught.value.characters == "新潟花子"


@pytest.mark.parametrize(
    ("symbol", "number", "account"),
    [
        ("10530", "12345671", ("058", "1234567")),
        ("10180", "1234561", ("018", "0123456")),
        ("１１９４０", "８９０１", ("198", "0000890")),
        ("11940-2", "1234-5671", ("198", "1234567")),
    ],
)
def test_symbol_and_number_of_yucho_become_branch_and_account(
    symbol: str, number: str, account: tuple[str, str]
) -> None:
    assert yucho_to_account(symbol, number) == account


@pytest.mark.parametrize(
    ("symbol", "number", "part_of_message"),
    [
        ("", "12345671", "「記号」は5桁"),
        ("1018", "12345671", "「記号」は5桁"),
        ("101800", "12345671", "「記号」は5桁"),
        ("00530", "12345671", "1から始まらない"),
        ("10180", "", "「番号」は8桁以内"),
        ("10180", "1", "「番号」は8桁以内"),
        ("10180", "123456781", "「番号」は8桁以内"),
        ("10180", "12345678", "「番号」の最後は1"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_what_to_do(symbol: str, number: str, part_of_message: str) -> None:
    with pytest.raises(Refused) as caught:
        yucho_to_account(symbol, number)
    assert part_of_message in caught.value.message
    assert "入力してください" in caught.value.message


@given(st.from_regex(r"1[0-9]{4}", fullmatch=True), st.from_regex(r"[0-9]{1,7}1", fullmatch=True))
def test_every_converted_account_is_a_valid_account(symbol: str, number: str) -> None:
    branch, account = yucho_to_account(symbol, number)
    assert normalise_branch_code(branch) == branch
    assert normalise_account_number(account) == account
    assert int(account) == int(number) // 10
