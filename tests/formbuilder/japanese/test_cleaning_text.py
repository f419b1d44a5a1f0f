import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.text import (
    VARIANTS,
    bigrams,
    clean_block,
    clean_line,
    search_key,
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


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("やまだ", "ヤマダ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ　ハナコ"),
        ("ＡＢＣ", "abc"),
        ("神田", "\ufa19田"),
        ("葛城", IVS + "城"),
        ("わ\u3099", "ヷ"),
        ("ガス", "か\u3099す"),
        ("吉田", "𠮷田"),
        ("高木", "髙木"),
        ("山崎", "山﨑"),
        ("山﨑", "山嵜"),
        ("渡辺", "渡邉"),
        ("渡邉", "渡邊"),
        ("斉藤", "齋藤"),
        ("斎藤", "齊藤"),
        ("浜田", "濱田"),
        ("沢田", "澤田"),
        ("広田", "廣田"),
        ("桜井", "櫻井"),
        ("島田", "嶋田"),
        ("小島", "小嶌"),
        ("国分", "國分"),
        ("竜也", "龍也"),
        ("恵子", "惠子"),
        ("真人", "眞人"),
        ("栄一", "榮一"),
        ("芦田", "蘆田"),
    ],
)
def test_different_ways_of_writing_share_a_search_key(typed: str, stored: str) -> None:
    assert search_key(typed) == search_key(stored) != ""


def test_different_words_have_different_search_keys() -> None:
    assert search_key("やまだ") != search_key("やまた")
    assert search_key("大島") != search_key("大鳥")


def test_each_kanji_stands_once_among_the_variants_and_is_one_that_nfkc_leaves() -> None:
    kanji = "".join(VARIANTS)
    assert len(set(kanji)) == len(kanji)
    assert unicodedata.normalize("NFKC", kanji) == kanji
    assert all(len(word) > 1 for word in VARIANTS)


@pytest.mark.parametrize("word", VARIANTS)
def test_a_key_has_the_first_of_its_variants(word: str) -> None:
    assert search_key(word) == word[0] * len(word)


@given(st.text(st.sampled_from("".join(VARIANTS) + "\ufa19\U000e0101 かﾞa")))
def test_folding_variants_twice_changes_nothing_more(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("粗大ごみ", "粗大 大ゴ ゴミ"),
        ("市", "市"),
        ("", ""),
        ("、。", ""),
        ("ジョン・スミス", "ジョ ョン ンス スミ ミス"),
    ],
)
def test_bigrams_are_overlapping_pairs(text: str, pairs: str) -> None:
    assert bigrams(text) == pairs


@given(st.text(st.characters(categories=["Lo"], max_codepoint=0x9FFF), min_size=2, max_size=8), st.text(), st.text())
def test_bigrams_of_a_part_are_found_in_the_whole(part: str, before: str, after: str) -> None:
    letters = search_key(part)
    if len(letters) >= 2 and letters.isalnum() and search_key("字" + part + "字") == f"字{letters}字":
        whole = bigrams(f"{before}字{part}字{after}")
        assert set(bigrams(part).split(" ")) <= set(whole.split(" "))
