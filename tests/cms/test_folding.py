"""Different ways of writing the same thing are found by one another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.folding import VARIANTS, search_key

IVS = "葛\U000e0100"


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
