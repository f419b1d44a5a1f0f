import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cms.folding import search_key
from formbuilder.japanese import Refused
from formbuilder.japanese.bank import (
    normalise_account_number,
    normalise_bank_code,
    normalise_branch_code,
    normalise_holder,
    yucho_to_account,
)
from formbuilder.japanese.kana import is_full_katakana, to_bank_kana, to_full_katakana
from formbuilder.japanese.phone import normalise_phone
from formbuilder.japanese.postcode import lookup, normalise_postcode
from formbuilder.japanese.text import (
    clean_block,
    clean_line,
    to_half_width,
    to_number_line,
    visible_length,
)
from formbuilder.japanese.wareki import parse_date

NEVER_REFUSE: list[Callable[[str], Any]] = [
    clean_line,
    clean_block,
    to_half_width,
    to_number_line,
    to_full_katakana,
    search_key,
    visible_length,
    is_full_katakana,
]
MAY_REFUSE: list[Callable[[str], Any]] = [
    to_bank_kana,
    parse_date,
    normalise_phone,
    normalise_postcode,
    lookup,
    normalise_bank_code,
    normalise_branch_code,
    normalise_account_number,
    normalise_holder,
    lambda raw: yucho_to_account(raw, "12345671"),
    lambda raw: yucho_to_account("10180", raw),
]
STABLE: list[Callable[[str], str]] = [
    clean_line,
    clean_block,
    to_half_width,
    to_number_line,
    to_full_katakana,
    search_key,
]

# Every code point there is, lone surrogates and NUL included; and what the functions look for, in any order.
ANY = st.text(st.characters(categories=None))
TRICKY = st.text("\x00\r\n\t\x85 　\ud842\udfb7\u202e\u200d\ufe0f\u3099゛ﾞｶかカ-ー−〜～〒+(（0９1年月日令和元㋿R.aßİŉ神")
LONG = [
    "\x00",
    "\ud800",
    " ",
    "\n",
    " \n",
    "-",
    "ア-",
    "ア゛",
    "ｶﾞ",
    "か\u3099",
    "👨\u200d",
    "\u200d ",
    "9",
    "(0",
    "+81",
    "年",
]


@given(ANY | TRICKY)
@example("\ud842\udfb7")
@example("\x00")
@example("")
@settings(deadline=None)
def test_nothing_but_a_refusal_with_a_message_is_raised(raw: str) -> None:
    for function in NEVER_REFUSE:
        function(raw)
    for function in MAY_REFUSE:
        try:
            function(raw)
        except Refused as refused:
            assert refused.message == str(refused) and refused.message.endswith("。")
            assert "ください" in refused.message and "！" not in refused.message


@given(ANY | TRICKY)
@example("A´")  # NFKC takes ´ apart into a space and a combining accent
@settings(deadline=None)
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    for function in STABLE:
        once = function(raw)
        assert function(once) == once, function.__name__


@given(ANY | TRICKY)
@settings(deadline=None)
def test_every_result_can_be_stored_and_sent(raw: str) -> None:
    for function in STABLE:
        result = function(raw)
        assert "\x00" not in result
        result.encode("utf-8")


@given(ANY | TRICKY)
@settings(deadline=None)
def test_cleaning_only_removes_and_never_rewrites(raw: str) -> None:
    kept = iter(raw.replace("\t", " "))
    assert all(character in kept for character in clean_block(raw).replace("\n", ""))
    letters = [character for character in raw if "\u4e00" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"]
    assert [character for character in clean_line(raw) if character in letters] == letters


@given(ANY | TRICKY)
@settings(deadline=None)
def test_a_line_has_no_line_end_and_a_visible_length(raw: str) -> None:
    line = clean_line(raw)
    assert len(line.splitlines()) <= 1
    assert (visible_length(line) > 0) == (line != "")
    assert visible_length(line) <= len(line)


@pytest.mark.parametrize("unit", LONG, ids=ascii)
def test_ten_thousand_characters_are_handled_quickly(unit: str) -> None:
    raw = (unit * 10_000)[:10_000]
    started = time.process_time()
    for function in NEVER_REFUSE:
        function(raw)
    for function in MAY_REFUSE:
        try:
            function(raw)
        except Refused as refused:
            assert len(refused.message) < 300
    assert time.process_time() - started < 1  # about 0.03 s; anything quadratic takes far longer
