import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.text import (
    clean_block,
    clean_line,
    to_half_width,
    to_number_line,
    visible_length,
)

COMPATIBILITY_KANJI = "\ufa19\ufa10\ufa11"  # 神 塚 﨑: NFC turns the first two into other characters
IVS = "葛\U000e0100"
FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "name", ["𠮷野", "髙橋", "渡邊", COMPATIBILITY_KANJI, IVS + "城", "か\u3099", "①㈱ｶﾞ", "م\u200cن"]
)
def test_a_name_is_kept_exactly_as_typed(name: str) -> None:
    assert clean_line(name) == name
    assert clean_block(name) == name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("　山田 \n", "山田"),
        ("山田\t太郎", "山田 太郎"),
        ("山田\r\n太郎", "山田 太郎"),
        ("山\x00田\x1b\x7f\x9f", "山田"),
        ("\ud842山田\udfb7", "山田"),
        ("\u202e山田\u202c\u2066\u2069\u200e", "山田"),
        ("\ufeff山\u200b田\u00ad", "山田"),
        ("山田\ufffe\U0001ffff", "山田"),
        ("山田　太郎", "山田　太郎"),
    ],
)
def test_what_cannot_be_seen_is_removed_from_a_line(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


@pytest.mark.parametrize(
    "raw", ["", " 　\t\r\n", "\x00\ud800", "\u200d", "\ufe0f\U000e0100", "\u3164", "\u2800 \u200c"]
)
def test_text_with_nothing_to_see_is_empty(raw: str) -> None:
    assert clean_line(raw) == ""
    assert clean_block(raw) == ""


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("一行目\r\n二行目\r三行目", "一行目\n二行目\n三行目"),
        ("\n \r\n　字下げした行\n次の行 \n\n", "　字下げした行\n次の行"),
        ("段落\n\n段落", "段落\n\n段落"),
        ("前\u2028後\t右", "前\n後 右"),
    ],
)
def test_a_block_keeps_its_lines(raw: str, clean: str) -> None:
    assert clean_block(raw) == clean


@pytest.mark.parametrize(
    ("raw", "half"),
    [
        ("ｔａｒｏ．ｙ＠ｅｘａｍｐｌｅ．ｊｐ", "taro.y@example.jp"),
        ("１，２３４．５", "1,234.5"),
        ("−５", "-5"),
        ("霞が関２‐１‐２", "霞が関2-1-2"),
        ("１０～２０　３〜４", "10~20 3~4"),
        ("センター①㈱神", "センター①㈱神"),
    ],
)
def test_letters_digits_and_symbols_become_half_width(raw: str, half: str) -> None:
    assert to_half_width(raw) == half


def test_a_wave_dash_never_becomes_a_long_vowel_or_a_hyphen() -> None:
    assert to_number_line("〜～") == "~~"


@pytest.mark.parametrize("hyphen", "-ーｰ－−‐–—―─")
def test_every_hyphen_between_digits_is_one_hyphen(hyphen: str) -> None:
    assert to_number_line(f"０２５{hyphen}２２８") == "025-228"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("新潟市", 3),
        ("𠮷野家", 3),
        (IVS + "城", 2),
        ("か\u3099き", 2),
        ("e\u0301", 1),
        (FAMILY, 1),
        ("👍🏽👍", 2),
        ("🇯🇵🇯🇵", 2),
        ("🇯", 1),
        ("❤\ufe0f", 1),
        ("🏳\ufe0f\u200d🌈", 1),
        ("🏴\U000e0067\U000e0062\U000e007f", 1),
        ("\u3099", 1),
        ("一\n二", 3),
        ("ｶﾞ", 2),
    ],
)
def test_length_is_what_a_person_counts(text: str, length: int) -> None:
    assert visible_length(text) == length


@given(st.lists(st.sampled_from(["新", "潟", "𠮷", IVS, "e\u0301", FAMILY, "👍🏽", "a", " "])))
def test_lengths_of_whole_characters_add_up(characters: list[str]) -> None:
    assert visible_length("".join(characters)) == len(characters)
