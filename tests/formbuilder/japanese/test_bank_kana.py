import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.japanese.kana import KanaRefused, to_bank_kana

# What a C field of 全銀協規定形式 may hold, without the signs that only some banks take.
ALLOWED = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ().-/")


@pytest.mark.parametrize(
    ("raw", "kana"),
    [
        ("キュウヨ　ジョウジ", "ｷﾕｳﾖ ｼﾞﾖｳｼﾞ"),
        ("カ）ヤマダ・エージェンシー", "ｶ)ﾔﾏﾀﾞ.ｴ-ｼﾞｴﾝｼ-"),
        ("ニイガタ　ハナコ", "ﾆｲｶﾞﾀ ﾊﾅｺ"),
        ("にいがた はなこ", "ﾆｲｶﾞﾀ ﾊﾅｺ"),
        ("サンプルシ　カイケイカンリシャ", "ｻﾝﾌﾟﾙｼ ｶｲｹｲｶﾝﾘｼﾔ"),
        ("ｴｰｼﾞｪﾝｼｰ", "ｴ-ｼﾞｴﾝｼ-"),
        ("ユ−ジ", "ﾕ-ｼﾞ"),
        ("ａｂｃ１２３", "ABC123"),
        ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
        ("ァィゥェォッャュョヮヵヶ", "ｱｲｳｴｵﾂﾔﾕﾖﾜｶｹ"),
        ("ヤマダ　　タロウ　", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        ("（カ）／Ａ．Ｂ－Ｃ", "(ｶ)/A.B-C"),
        ("", ""),
    ],
)
def test_kana_is_written_as_banks_write_it(raw: str, kana: str) -> None:
    assert to_bank_kana(raw) == kana


@pytest.mark.parametrize(
    ("raw", "refused"),
    [
        ("ヲノ", "ヲ"),
        ("ｦﾉ", "ヲ"),
        ("山田ハナ", "山田"),
        ("アヰアヱヰ", "ヰヱ"),
        ("ア&*$+;@", "&*$+;@"),
        ("ラーメン〜～", "〜～"),
        ("ア,「」\\", ",「」\\"),
        ("straße", "ß"),
        ("ア☺", "☺"),
    ],
)
def test_a_character_that_no_bank_takes_is_named(raw: str, refused: str) -> None:
    with pytest.raises(KanaRefused) as caught:
        to_bank_kana(raw)
    assert caught.value.characters == refused
    assert all(character in caught.value.message for character in refused)
    assert "入力してください" in caught.value.message


def test_the_letter_that_banks_write_instead_is_suggested() -> None:
    with pytest.raises(KanaRefused, match="「ヲ」は「オ」と入力してください"):
        to_bank_kana("カヲル")


def test_a_long_list_of_refused_characters_is_cut_short() -> None:
    with pytest.raises(KanaRefused) as caught:
        to_bank_kana("東西南北春夏秋冬花鳥風月")
    assert len(caught.value.characters) == 12
    assert "など" in caught.value.message and "月" not in caught.value.message


@given(st.text() | st.text("アｱあァガｶﾞヴヲー-−・（）.／ 　ａZ9゛゜\u3099ﾞヷ漢"))
def test_the_result_holds_only_allowed_characters_and_is_stable(raw: str) -> None:
    try:
        kana = to_bank_kana(raw)
    except KanaRefused as refused:
        assert refused.characters
        return
    assert set(kana) <= ALLOWED
    assert len(kana.encode("cp932")) == len(kana)  # one byte each in the bank's file
    assert to_bank_kana(kana) == kana
