import pytest

from tests.formbuilder.fields.making import cells, item, problems_of, refusal, shown, take


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  みほん  ", "みほん"),
        ("𠮷田と髙﨑", "𠮷田と髙﨑"),
        ("葛\U000e0100城", "葛\U000e0100城"),  # a variant of 葛
        ("いい\x00ね👍", "いいね👍"),
        ("一行\nに\tなる", "一行 に なる"),
        ("   ", None),
        ("\x00\u200b", None),
    ],
)
def test_a_line_is_kept_as_typed_without_what_nobody_sees(typed: str, kept: str | None) -> None:
    assert take(item("text"), typed) == kept


def test_characters_are_counted_as_people_see_them() -> None:
    field = item("text", max_length=3)

    assert take(field, "葛\U000e0100葛\U000e0100葛\U000e0100") == "葛\U000e0100葛\U000e0100葛\U000e0100"
    assert refusal(field, "あいうえ").message == "項目は3文字以内で入力してください（今は4文字です）。"


def test_ten_thousand_characters_are_refused_with_their_number() -> None:
    assert (
        refusal(item("text", "備考"), "あ" * 10_000).message
        == "備考は200文字以内で入力してください（今は10000文字です）。"
    )


def test_a_text_of_a_million_characters_is_not_even_looked_at() -> None:
    assert (
        refusal(item("textarea"), "あ" * 1_000_000).message
        == "入力が長すぎます（1000000文字）。短くして入力してください。"
    )


def test_marks_piled_on_one_letter_do_not_slip_through() -> None:
    refusal(item("text"), "a" + "\u0301" * 5_000)


def test_a_line_may_have_to_be_long_enough() -> None:
    field = item("text", "会員番号", min_length=4, max_length=4)

    assert take(field, "A001") == "A001"
    assert refusal(field, "A01").message == "会員番号は4文字以上で入力してください。"
    assert take(field, "") is None


def test_limits_that_contradict_each_other_cannot_be_published() -> None:
    assert problems_of("text", min_length=5, max_length=3) == [
        "最小の文字数（5）が最大の文字数（3）より大きくなっています。"
    ]


def test_a_long_text_keeps_its_lines() -> None:
    field = item("textarea")

    assert take(field, "\r\n  一行目\r\n\r\n二行目\x00\r\n\r\n") == "  一行目\n\n二行目"
    assert take(field, " \r\n ") is None
    assert shown(field, "一行目\n二行目") == "一行目\n二行目"
    assert cells(field, None) == [""]


def test_a_long_text_has_a_limit_too() -> None:
    assert "2000文字以内" in refusal(item("textarea"), "あ" * 10_000).message
    assert take(item("textarea", max_length=10_000), "あ" * 10_000) == "あ" * 10_000


def test_the_settings_of_a_line_reach_the_form() -> None:
    field = item("text", width="s", placeholder="例", autocomplete="organization")

    assert field.options == {
        "max_length": 200,
        "min_length": None,
        "width": "s",
        "placeholder": "例",
        "autocomplete": "organization",
    }
