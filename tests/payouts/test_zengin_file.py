"""The file for the bank, byte for byte."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.kana import KanaRefused, to_bank_kana
from payouts.zengin import HOLDER, MOST_ROWS, MOST_TOTAL, MOST_YEN, Account, Transfer, Unwritable, problem_of, write

GOLDEN = (Path(__file__).parent / "golden.txt").read_bytes()
SOURCE = Account("9900", "001", "1", "1234567", "ｻﾝﾌﾟﾙｼ ｶｲｹｲｶﾝﾘｼﾔ", "ｻﾝﾌﾟﾙ", "ﾎﾝﾃﾝ")
HANAKO = Account("9900", "018", "1", "0123456", "ﾆｲｶﾞﾀ ﾊﾅｺ", "ｻﾝﾌﾟﾙ", "ｾﾞﾛｲﾁﾊﾁ")
DAY = date(2026, 11, 25)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ ().-/"

holders = st.text(LETTERS, min_size=1, max_size=HOLDER).filter(str.strip)
accounts = st.builds(
    Account,
    bank_code=st.from_regex(r"[0-9]{4}", fullmatch=True),
    branch_code=st.from_regex(r"[0-9]{3}", fullmatch=True),
    kind=st.sampled_from("1249"),
    number=st.from_regex(r"[0-9]{7}", fullmatch=True),
    holder=holders,
    bank_name=st.text(LETTERS, max_size=15),
    branch_name=st.text(LETTERS, max_size=15),
)
transfers = st.builds(
    Transfer,
    account=accounts,
    amount=st.integers(1, MOST_YEN),
    customer=st.from_regex(r"[0-9]{1,20}", fullmatch=True),
)


def made(*rows: Transfer) -> bytes:
    return write(source=SOURCE, client_code="1234567890", day=DAY, transfers=rows)


def test_the_file_is_the_golden_one() -> None:
    assert made(Transfer(HANAKO, 50_000, "0020260001" + "0000000000")) == GOLDEN


@given(st.lists(transfers, min_size=1, max_size=12))
def test_every_part_stands_where_the_table_says(rows: list[Transfer]) -> None:
    file = made(*rows)
    lines = file.split(b"\r\n")
    assert lines.pop() == b""
    assert {len(line) for line in lines} == {120}
    assert [line[:1] for line in lines] == [b"1", *[b"2"] * len(rows), b"8", b"9"]
    assert lines[0][1:4] == b"210" and lines[0][4:14] == b"1234567890" and lines[0][54:58] == b"1125"
    assert lines[0][58:62] == b"9900" and lines[0][77:80] == b"001" and lines[0][95:103] == b"11234567"
    for line, row in zip(lines[1:-2], rows, strict=True):
        account = row.account
        text = line.decode("cp932")
        assert (text[1:5], text[20:23]) == (account.bank_code, account.branch_code)
        assert (text[38:42], text[42:43], text[43:50]) == ("0000", account.kind, account.number)
        assert text[50:80] == account.holder.ljust(30)
        assert int(text[80:90]) == row.amount
        assert text[91:111] == row.customer.zfill(20)
        assert (text[90], text[111:120]) == ("0", "7" + " " * 8)
    assert int(lines[-2][1:7]) == len(rows) and int(lines[-2][7:19]) == sum(row.amount for row in rows)
    assert lines[-2][19:] == b" " * 101 and lines[-1][1:] == b" " * 119


@given(st.lists(transfers, min_size=1, max_size=3))
def test_only_characters_that_banks_take(rows: list[Transfer]) -> None:
    assert set(made(*rows).decode("cp932")) <= set(LETTERS + "\r\n")


@given(st.text(max_size=40))
def test_whatever_a_name_is_it_becomes_kana_of_a_file_or_is_refused(name: str) -> None:
    try:
        holder = to_bank_kana(name)[:HOLDER]
    except KanaRefused:
        return
    account = replace(HANAKO, holder=holder)
    if problem_of(account):
        assert not holder.strip()
        with pytest.raises(Unwritable):
            made(Transfer(account, 1, "1"))
    else:
        assert made(Transfer(account, 1, "1"))


@given(st.text(min_size=1, max_size=40).filter(lambda text: not set(text) <= set(LETTERS)))
def test_a_name_with_anything_else_is_never_written(name: str) -> None:
    account = replace(HANAKO, holder=name)
    assert problem_of(account)
    with pytest.raises(Unwritable):
        made(Transfer(account, 1, "1"))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("bank_code", "123"),
        ("bank_code", "１２３４"),
        ("branch_code", "12a"),
        ("number", "12345678"),
        ("number", ""),
        ("kind", "3"),
        ("holder", "  "),
        ("holder", "ﾆ" * 31),
    ],
)
def test_an_account_with_a_mistake_is_named_and_refused(part: str, value: str) -> None:
    account = replace(HANAKO, **{part: value})
    assert problem_of(account).endswith("。") or "：" in problem_of(account)
    with pytest.raises(Unwritable):
        made(Transfer(account, 1, "1"))


@pytest.mark.parametrize("amount", [0, -1, MOST_YEN + 1])
def test_an_amount_out_of_range_is_refused(amount: int) -> None:
    with pytest.raises(Unwritable):
        made(Transfer(HANAKO, amount, "1"))


def test_no_file_of_nothing_and_none_too_long() -> None:
    with pytest.raises(Unwritable, match="1件もありません"):
        made()
    row = Transfer(HANAKO, 1, "1")
    assert len(made(*[row] * MOST_ROWS)) == (MOST_ROWS + 3) * 122
    with pytest.raises(Unwritable, match="9,999件"):
        made(*[row] * (MOST_ROWS + 1))


def test_no_total_of_more_than_twelve_digits() -> None:
    rows = [Transfer(HANAKO, MOST_YEN, "1")] * 101
    assert sum(row.amount for row in rows) > MOST_TOTAL
    with pytest.raises(Unwritable, match="合計金額"):
        made(*rows)
