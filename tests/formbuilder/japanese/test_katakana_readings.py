import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.kana import is_full_katakana, to_full_katakana


@pytest.mark.parametrize(
    ("raw", "katakana"),
    [
        ("やまだ", "ヤマダ"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("ヤマダ", "ヤマダ"),
        ("か\u3099は\u309a", "ガパ"),
        ("カ゛ハ゜かﾞ", "ガパガ"),
        ("ｳﾞｧﾝ　ゔぁん", "ヴァン　ヴァン"),
        ("まりあ  てれさ", "マリア　テレサ"),
        ("じょん･すみす", "ジョン・スミス"),
        ("ｼﾞｮｰｼﾞ", "ジョージ"),
        ("ジョ-ジ", "ジョージ"),
        ("ジョ−ジ－―", "ジョージーー"),
        (" ユウキ\n", "ユウキ"),
    ],
)
def test_every_kana_becomes_full_width_katakana(raw: str, katakana: str) -> None:
    assert to_full_katakana(raw) == katakana
    assert is_full_katakana(katakana)


@pytest.mark.parametrize("raw", ["山田", "Smith", "ヤマダ3", "ラーメン〜", "ラーメン～", "ヤマダ!"])
def test_what_is_not_kana_stays_and_is_told_apart(raw: str) -> None:
    assert to_full_katakana(raw) == raw
    assert not is_full_katakana(raw)


@pytest.mark.parametrize("text", ["", "　", "ー", "・", "やまだ", "ﾔﾏﾀﾞ", "ヤマダ タロウ", "ヤマダ\n", "イスヾ"])
def test_only_full_width_katakana_counts_as_full_katakana(text: str) -> None:
    assert not is_full_katakana(text)


@given(st.text("ぁあかがさざただっつはばぱゃやゎわをんゔー", min_size=1).filter(lambda text: text.strip("ー") != ""))
def test_any_hiragana_word_becomes_katakana_of_the_same_length(word: str) -> None:
    assert is_full_katakana(to_full_katakana(word))
    assert len(to_full_katakana(word)) == len(word)
