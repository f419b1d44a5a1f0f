import pytest

from tests.formbuilder.fields.making import cells, item, refusal, shown, take, type_of


@pytest.mark.parametrize(
    "name",
    ["𠮷田", "髙﨑", "葛\U000e0100城", "\ufa19谷", "ジャン・ピエール", "O'Brien", "Nguyễn Văn", "〆木",
     "佐々木", "㈱みほん", "マリア デル カルメン", "ʻAlohi", "Łukasz"],
)  # fmt: skip
def test_names_are_kept_exactly_as_written(name: str) -> None:
    assert take(item("full_name"), {"family": f" {name}　", "given": "花子"}) == {"family": name, "given": "花子"}


def test_what_nobody_sees_is_taken_out_of_a_name() -> None:
    assert take(item("full_name"), {"family": "見\x00本\u200b", "given": "花\ud800子"}) == {
        "family": "見本",
        "given": "花子",
    }


@pytest.mark.parametrize("name", ["花子😀", "❤️", "🇯🇵", "☆花子", "1\ufe0f\u20e3", "👨\u200d👩\u200d👧"])
def test_emoji_are_refused_politely(name: str) -> None:
    refused = refusal(item("full_name"), {"family": "見本", "given": name})

    assert refused.message == "名に絵文字や記号は使えません。文字だけで入力してください。"
    assert refused.part == "given"


def test_characters_that_only_one_machine_knows_are_refused() -> None:
    refused = refusal(item("full_name"), {"family": "見\ue000本", "given": "花子"})

    assert "外字" in refused.message
    assert refused.part == "family"


def test_a_name_has_at_most_fifty_characters() -> None:
    assert take(item("full_name"), {"family": "葛\U000e0100" * 50, "given": "花子"}) is not None
    refused = refusal(item("full_name"), {"family": "あ" * 10_000, "given": "花子"})
    assert refused.message == "姓は50文字以内で入力してください（今は10000文字です）。"
    assert refused.part == "family"


def test_both_boxes_are_needed_unless_the_editor_says_otherwise() -> None:
    refused = refusal(item("full_name"), {"family": "見本", "given": ""})

    assert (refused.part, refused.message) == ("given", "名を入力してください。")
    assert take(item("full_name", single=True), {"family": "スカルノ", "given": ""}) == {
        "family": "スカルノ",
        "given": "",
    }
    assert take(item("full_name"), {"family": " ", "given": "\x00"}) is None


def test_a_name_is_shown_with_a_space_and_exported_in_two_columns() -> None:
    field = item("full_name", "氏名")
    answer = {"family": "見本", "given": "花子"}

    assert shown(field, answer) == "見本 花子"
    assert shown(field, {"family": "スカルノ", "given": ""}) == "スカルノ"
    assert type_of(field).headers(field) == ["氏名：姓", "氏名：名"]
    assert cells(field, answer) == ["見本", "花子"]
    assert cells(field, None) == ["", ""]
    assert type_of(field).scalars(field, answer) == {"family": "見本", "given": "花子"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("やまだ", "ヤマダ"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("ヤマダ", "ヤマダ"),
        ("ヴぃクトリあ", "ヴィクトリア"),
        ("ジャン　ピエール", "ジャン　ピエール"),
        ("ジャン・ピエ－ル", "ジャン・ピエール"),
        ("ｶﾞ" * 50, "ガ" * 50),
    ],
)
def test_readings_become_full_katakana(typed: str, kept: str) -> None:
    assert take(item("kana_name"), {"family": typed, "given": "ハナコ"}) == {"family": kept, "given": "ハナコ"}


@pytest.mark.parametrize("typed", ["山田", "Yamada", "ヤマダ1", "ヤマダ😀", "ー", "・"])
def test_readings_in_other_letters_are_refused(typed: str) -> None:
    refused = refusal(item("kana_name"), {"family": "ヤマダ", "given": typed})

    assert (refused.part, refused.message) == ("given", "メイはカタカナで入力してください（例：ヤマダ）。")


def test_a_reading_has_at_most_fifty_characters() -> None:
    for typed in ("ア" * 51, "ｱ" * 10_000):
        assert "50文字以内" in refusal(item("kana_name"), {"family": typed, "given": "ハナコ"}).message


def test_readings_are_exported_in_two_columns() -> None:
    field = item("kana_name", "フリガナ")

    assert type_of(field).headers(field) == ["フリガナ：セイ", "フリガナ：メイ"]
    assert cells(field, {"family": "ミホン", "given": "ハナコ"}) == ["ミホン", "ハナコ"]
    assert take(field, {"family": "", "given": ""}) is None
