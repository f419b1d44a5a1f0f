"""Python's half of the agreement with the browser: test_expressions_browser_twin.py runs the same file."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formbuilder.expressions.evaluate import evaluate, scalar
from formbuilder.expressions.kinds import is_of_kind
from formbuilder.expressions.nodes import Value, from_json, to_json, walk
from formbuilder.expressions.ops import OPS

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "expressions.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_python_gives_the_result_of_the_vector(vector: dict[str, Any]) -> None:
    scope = {address: scalar(raw, kind) for address, (raw, kind) in vector["scope"].items()}
    result = evaluate(from_json(vector["expression"]), scope, today=date.fromisoformat(vector["today"]))

    if vector["result"] is None:
        assert result is None
    else:
        kind, raw = vector["result"]
        assert is_of_kind(result, kind) or kind == "number"  # a result may have more digits than a literal
        assert to_json(Value(result, kind)) == {"value": raw, "kind": kind}  # type: ignore[arg-type]  # not None here


def test_no_two_vectors_have_the_same_name() -> None:
    assert len({vector["case"] for vector in VECTORS}) == len(VECTORS) >= 150


def test_every_operator_has_vectors_with_and_without_an_unanswered_argument() -> None:
    used = Counter(op for vector in VECTORS for op in _ops(vector["expression"]))
    unanswered = {vector["expression"]["op"] for vector in VECTORS if {"field": "unanswered"} in _args(vector)}

    assert {name for name in OPS if used[name] < 2} == set()
    assert set(OPS) - unanswered == {"today"}


def _args(vector: dict[str, Any]) -> list[Any]:
    args: list[Any] = vector["expression"].get("args", [])
    return args


def _ops(expression: dict[str, Any]) -> Iterator[str]:
    for node in walk(from_json(expression)):
        op = getattr(node, "op", None)
        if op is not None:
            yield op
