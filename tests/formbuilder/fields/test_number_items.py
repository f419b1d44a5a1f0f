from decimal import Decimal

import pytest

from tests.formbuilder.fields.making import cells, item, problems_of, refusal, shown, take, type_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("3", "3"),
        ("３", "3"),
        (" +007 ", "7"),
        ("1,234,567", "1234567"),
        ("１，２３４", "1234"),
        ("－５", "-5"),
        ("-0", "0"),
        ("2.0", "2"),
        ("", None),
        ("　", None),
    ],
)
def test_numbers_are_taken_however_they_are_typed(typed: str, kept: str | None) -> None:
    assert take(item("number"), typed) == kept


@pytest.mark.parametrize(
    "typed", ["三", "1e5", "NaN", "Infinity", "1,2", "1..2", "0x10", "１２a", "9" * 29, "9" * 10_000, "--1"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert refusal(item("number", "人数"), typed).message == "人数は28桁までの数字で入力してください。"


def test_a_unit_typed_after_the_number_does_no_harm() -> None:
    assert take(item("number", unit="人"), "３人") == "3"
    refusal(item("number", unit="人"), "3名")


def test_decimals_are_taken_as_far_as_the_editor_allows() -> None:
    assert take(item("number", decimals=1), "1．5") == "1.5"
    assert (
        refusal(item("number", "面積", decimals=1), "1.55").message
        == "面積は小数点以下1桁までの数字で入力してください。"
    )
    assert refusal(item("number", "人数"), "1.5").message == "人数は整数で入力してください。"


def test_a_number_must_lie_in_its_range() -> None:
    both, least, most = (
        item("number", "数", min="2", max="5"),
        item("number", "数", min="2"),
        item("number", "数", max="0.5"),
    )

    assert take(both, "2") == "2"
    assert refusal(both, "6").message == refusal(both, "1").message == "数は2から5までの数字で入力してください。"
    assert refusal(least, "1").message == "数は2以上の数字で入力してください。"
    assert refusal(most, "1").message == "数は0.5以下の数字で入力してください。"


def test_a_range_that_is_none_cannot_be_published() -> None:
    assert problems_of("number", min="5", max="２") == ["最小の値（5）が最大の値（2）より大きくなっています。"]
    assert problems_of("number", min="五") == ["最小の値「五」を数字で入力してください。"]
    assert problems_of("number", max="たくさん") == ["最大の値「たくさん」を数字で入力してください。"]


def test_money_is_shown_with_separators_and_exported_without() -> None:
    yen, year = item("number", unit="円"), item("number", unit="年")

    assert shown(yen, "1234567") == "1,234,567円"
    assert shown(year, "2026") == "2026年"
    assert cells(yen, "1234567") == ["1234567"]
    assert shown(yen, None) == ""


def test_formulas_see_a_decimal() -> None:
    field = item("number", decimals=2)

    assert type_of(field).scalars(field, "1.25") == {"": Decimal("1.25")}
    assert type_of(field).scalars(field, None) == {"": None}
