"""Whatever is well typed works; whatever is not is refused with an ExpressionError and nothing else."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import example, given
from hypothesis import strategies as st

from formbuilder.expressions.evaluate import evaluate, scalar
from formbuilder.expressions.formula import describe, format_formula, parse_formula
from formbuilder.expressions.kinds import KINDS, ExpressionError, Kind, Scalar, is_of_kind, parse_number, plain
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value, from_json, to_json
from formbuilder.expressions.ops import OPS
from formbuilder.expressions.typecheck import check

from .items import ALL, name_of, resolve
from .items import KINDS as KINDS_OF_ITEMS

Result = TypeVar("Result")

numbers = st.one_of(
    st.integers(-100, 100).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    st.from_regex(r"\A-?[0-9]{1,28}(\.[0-9]{1,54})?\Z").map(parse_number).filter(lambda number: number is not None),
)
texts = st.one_of(st.sampled_from(["", "はい", "2026-04-01", "3", "a"]), st.text(max_size=8))
values: dict[Kind, st.SearchStrategy[Any]] = {
    "text": texts,
    "number": numbers,
    "boolean": st.booleans(),
    "date": st.dates(),
    "texts": st.lists(texts, min_size=1, max_size=3).map(tuple),
    "numbers": st.lists(numbers, min_size=1, max_size=3).map(tuple),
}
SIGNATURES = {
    kind: [(op.name, signature) for op in OPS.values() for signature in op.signatures if signature.result == kind]
    for kind in KINDS
}


@st.composite
def trees(draw: st.DrawFn, wanted: Kind | None = None, depth: int = 4) -> Expression:
    """A well-typed expression over the items of items.py."""
    kind = draw(st.sampled_from(KINDS)) if wanted is None else wanted
    shape = draw(st.integers(0, 4)) if depth else draw(st.integers(0, 1))
    if shape == 0:
        return Value(draw(values[kind]), kind)
    if shape == 1:
        item = draw(st.sampled_from([item for item in ALL if item.kind == kind]))
        return FieldRef(item.key, item.part)
    op, signature = draw(st.sampled_from(SIGNATURES[kind]))
    count = len(signature.params) + (draw(st.integers(0, 2)) if signature.repeat else 0)
    kinds = [draw(st.sampled_from(sorted(signature.param(index)))) for index in range(count)]
    return Call(op, tuple(draw(trees(one, depth - 1)) for one in kinds))


answers = st.fixed_dictionaries(
    {}, optional={address: st.one_of(st.none(), values[kind]) for address, kind in KINDS_OF_ITEMS.items()}
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.sampled_from([*OPS, *KINDS])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(["op", "args", "value", "kind", "field", "part"]), texts), inner),
        st.fixed_dictionaries({"op": st.sampled_from(list(OPS)), "args": st.lists(inner, max_size=4)}),
        st.fixed_dictionaries({"value": inner, "kind": st.sampled_from(KINDS)}),
        st.fixed_dictionaries({"field": st.sampled_from(list(KINDS_OF_ITEMS))}),
    ),
    max_leaves=20,
)
WORDS = [word for op in OPS.values() for word in (*op.words, op.name)]
PIECES = [
    *WORDS,
    *'=＝<>≧+-ー*×/÷&(（)）{},、"”「」［］[]!0123.．年 \n',
    "［胎児の数］",
    "［住所.市区町村］",
    "はい",
    "日付",
]
formulas = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


def _unless_refused(run: Callable[[], Result]) -> Result | None:
    try:
        return run()
    except ExpressionError:
        return None


@given(trees(), answers, st.dates())
def test_a_well_typed_tree_is_always_evaluated_to_its_kind(
    tree: Expression, scope: dict[str, Scalar], today: date
) -> None:
    kind = check(tree, KINDS_OF_ITEMS)
    result = evaluate(tree, scope, today=today)

    assert result is None or is_of_kind(result, kind)
    if isinstance(result, Decimal):
        assert scalar(plain(result), "number") == result


@given(trees())
def test_a_tree_survives_its_json(tree: Expression) -> None:
    assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


@given(trees())
def test_a_tree_survives_being_written_as_a_formula(tree: Expression) -> None:
    assert parse_formula(format_formula(tree, name_of), resolve) == tree


@given(trees())
def test_any_tree_can_be_put_in_words(tree: Expression) -> None:
    assert describe(tree, name_of)


@given(json_values)
@example({"op": "if", "args": [{"value": True, "kind": "boolean"}, {"field": "x"}, {"field": "y"}]})
def test_any_json_is_read_and_checked_or_refused(data: Any) -> None:
    tree = _unless_refused(lambda: from_json(data))
    if tree is not None:
        assert from_json(to_json(tree)) == tree
        kind = _unless_refused(lambda: check(tree, KINDS_OF_ITEMS))
        result = evaluate(tree, {}, today=date(2026, 11, 22)) if kind else None
        assert result is None or (kind and is_of_kind(result, kind))


@given(formulas)
@example("=" + "-" * 3000 + "1")
@example("=" + "もし(" * 1000)
@example("²")
@example("=日付(9999999999999999999999999999,1,1)")
@example("=日付(1.5,-1,1)")
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    tree = _unless_refused(lambda: parse_formula(text, resolve))
    if tree is not None:
        assert check(tree, KINDS_OF_ITEMS) in KINDS
        assert from_json(to_json(tree)) == tree


@given(json_values, st.sampled_from(KINDS))
def test_any_stored_answer_is_of_its_kind_or_unanswered(raw: Any, kind: Kind) -> None:
    value = scalar(raw, kind)

    assert value is None or is_of_kind(value, kind)
