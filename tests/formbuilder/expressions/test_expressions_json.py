from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from formbuilder.expressions.formula import parse_formula
from formbuilder.expressions.kinds import ExpressionError
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value, from_json, references, to_json

from .items import resolve

ONE: dict[str, Any] = {"value": "1", "kind": "number"}


@pytest.mark.parametrize(
    ("expression", "data"),
    [
        (Value(Decimal("1.50"), "number"), {"value": "1.5", "kind": "number"}),
        (Value(Decimal("5E+4"), "number"), {"value": "50000", "kind": "number"}),
        (Value(date(2026, 4, 1), "date"), {"value": "2026-04-01", "kind": "date"}),
        (Value(False, "boolean"), {"value": False, "kind": "boolean"}),
        (Value(("a", "b"), "texts"), {"value": ["a", "b"], "kind": "texts"}),
        (Value((Decimal(1),), "numbers"), {"value": ["1"], "kind": "numbers"}),
        (FieldRef("k"), {"field": "k"}),
        (FieldRef("k", "city"), {"field": "k", "part": "city"}),
        (Call("not", (FieldRef("k"),)), {"op": "not", "args": [{"field": "k"}]}),
    ],
)
def test_the_json_is_as_documented_and_reads_back(expression: Expression, data: dict[str, Any]) -> None:
    assert to_json(expression) == data
    assert from_json(data) == expression


def test_a_part_of_null_means_the_whole_item() -> None:
    assert from_json({"field": "k", "part": None}) == FieldRef("k")


def test_references_name_every_item_and_part_once() -> None:
    formula = "=もし(［多胎］=はい, ［胎児の数］+［胎児の数］, 1) * 文字数(［住所.市区町村］)"

    assert references(parse_formula(formula, resolve)) == {("twins", None), ("babies", None), ("address", "city")}


@pytest.mark.parametrize(
    "data",
    [
        None,
        "=1",
        1,
        [],
        [ONE],
        {},
        {"value": "1"},
        {"kind": "number"},
        {"value": "1", "kind": "number", "more": 1},
        {"value": "1", "kind": "integer"},
        {"value": "1", "kind": ["number"]},
        {"value": None, "kind": "text"},
        {"value": 1, "kind": "number"},
        {"value": 1.5, "kind": "number"},
        {"value": "NaN", "kind": "number"},
        {"value": "1e9", "kind": "number"},
        {"value": "9" * 29, "kind": "number"},
        {"value": "2026-02-30", "kind": "date"},
        {"value": "20260401", "kind": "date"},
        {"value": "true", "kind": "boolean"},
        {"value": 1, "kind": "text"},
        {"value": "x" * 2001, "kind": "text"},
        {"value": [], "kind": "texts"},
        {"value": [1], "kind": "texts"},
        {"value": ["1", None], "kind": "numbers"},
        {"value": ["1"] * 501, "kind": "numbers"},
        {"value": {"a": 1}, "kind": "texts"},
        {"field": ""},
        {"field": None},
        {"field": 3},
        {"field": "k", "part": ""},
        {"field": "k", "part": 1},
        {"field": "k", "op": "not"},
        {"op": "eval", "args": []},
        {"op": "__import__", "args": []},
        {"op": None, "args": []},
        {"op": ["not"], "args": []},
        {"op": "not"},
        {"op": "not", "args": None},
        {"op": "not", "args": {"0": ONE}},
        {"op": "not", "args": []},
        {"op": "not", "args": [ONE, ONE]},
        {"op": "and", "args": []},
        {"op": "not", "args": [None]},
        {1: 2},
        {None: 1, "op": 2},
    ],
)
def test_anything_else_is_refused_with_words_for_the_editor(data: Any) -> None:
    with pytest.raises(ExpressionError) as refused:
        from_json(data)

    assert refused.value.message.endswith("。")


def test_a_tree_that_is_too_deep_is_refused() -> None:
    data: dict[str, Any] = {"value": True, "kind": "boolean"}
    for _ in range(5000):
        data = {"op": "not", "args": [data]}

    with pytest.raises(ExpressionError, match="深すぎます"):
        from_json(data)


def test_a_tree_that_is_too_large_is_refused() -> None:
    with pytest.raises(ExpressionError, match="長すぎる"):
        from_json({"op": "sum", "args": [ONE] * 1000})


def test_what_is_refused_is_a_value_error_for_readers_of_whole_definitions() -> None:
    with pytest.raises(ValueError, match="形が正しくありません"):
        from_json(3)
