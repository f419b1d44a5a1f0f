from decimal import Decimal

import pytest

from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of


def test_the_formula_is_kept_as_an_expression() -> None:
    assert item("computed", formula="=50000", unit="円").options == {
        "formula": {"value": "50000", "kind": "number"},
        "unit": "円",
    }


@pytest.mark.parametrize("formula", ["=", "=1+", "=［ない項目］", '="文字"', "=今日()", "=" + "(" * 200])
def test_a_formula_that_gives_no_number_cannot_be_published(formula: str) -> None:
    assert len(problems_of("computed", formula=formula)) == 1


def test_a_result_is_kept_as_text() -> None:
    field = item("computed")

    assert take(field, Decimal("50000.00")) == "50000"
    assert take(field, Decimal("1E+3")) == "1000"
    assert take(field, "1.5") == "1.5"
    assert take(field, None) is None
    assert take(field, "") is None


@pytest.mark.parametrize("raw", [Decimal("NaN"), Decimal("Infinity"), "五万", True, 3, [], {}])
def test_what_no_formula_gives_is_refused(raw: object) -> None:
    refusal(item("computed"), raw)


def test_a_result_is_shown_with_separators_and_its_unit() -> None:
    field = item("computed", unit="円")

    assert shown(field, "1234567.5") == "1,234,567.5円"
    assert shown(field, "-50000") == "-50,000円"
    assert shown(field, None) == ""
    assert cells(field, "1234567.5") == ["1234567.5"]


def test_nobody_is_asked_for_a_result() -> None:
    type_ = type_of(item("computed"))

    assert type_.is_input
    assert not type_.is_asked
    assert {"required", "rules"}.isdisjoint(type_.block().child_blocks)
    assert "<input" not in html_of(item("computed"))


def test_formulas_see_the_result() -> None:
    field = item("computed")

    assert type_of(field).scalars(field, "50000") == {"": Decimal(50000)}
