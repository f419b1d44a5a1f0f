"""What an expression comes to. Expects well-typed trees (typecheck.check) and a scope made with `scalar`."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from formbuilder.expressions.kinds import ExpressionError, Kind, Scalar, parse_iso_date, parse_number
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS, Op

Scope = Mapping[str, Scalar]  # by "key" or "key.part"
Compiled = Callable[[Scope, date], Scalar]


def evaluate(expression: Expression, scope: Scope, *, today: date) -> Scalar:
    return _kept(expression)(scope, today)


def compile_expression(expression: Expression) -> Compiled:
    """The expression as a function of (scope, today); raises ExpressionError on an unknown operator."""
    match expression:
        case Value(value):
            return _constant(None if value == "" else value)
        case FieldRef():
            return _lookup(expression.address)
        case Call(name, args):
            op = OPS.get(name)
            if op is None or not op.takes(len(args)):
                raise ExpressionError(f"式の演算「{name}」か、その値の数が正しくありません。")
            return _call(op, [compile_expression(argument) for argument in args])


def scalar(raw: Any, kind: Kind) -> Scalar:
    """What an expression sees of a stored JSON answer; None when it is unanswered or not of the kind."""
    match kind:
        case "boolean":
            return raw if isinstance(raw, bool) else None
        case "texts" | "numbers":
            return _items(raw, kind)
    if not isinstance(raw, str):
        return None
    match kind:
        case "number":
            return parse_number(raw)
        case "date":
            return parse_iso_date(raw)
        case _:
            return raw or None


def _items(raw: Any, kind: Kind) -> Scalar:
    if not isinstance(raw, list) or not raw:
        return None
    given = [item for item in raw if isinstance(item, str) and item]
    if kind == "texts":
        return tuple(given) if len(given) == len(raw) else None
    numbers = tuple(number for item in given if (number := parse_number(item)) is not None)
    return numbers if len(numbers) == len(raw) else None


@lru_cache(maxsize=1024)
def _kept(expression: Expression) -> Compiled:
    return compile_expression(expression)


def _constant(value: Scalar) -> Compiled:
    return lambda _scope, _today: value


def _lookup(address: str) -> Compiled:
    return lambda scope, _today: scope.get(address)


def _call(op: Op, args: list[Compiled]) -> Compiled:
    if op.name == "if":
        return _choice(*args)
    if op.name in ("and", "or"):
        return _logic(args, stop=op.name == "or")
    if op.uses_today:
        return _dated(op, args)
    if op.blank == "seen":
        function = op.function
        return lambda scope, today: function(*(argument(scope, today) for argument in args))
    if len(args) == 2:
        return _pair(op, *args)
    return _strict(op, args)


def _choice(test: Compiled, yes: Compiled, no: Compiled | None = None) -> Compiled:
    if no is None:
        return lambda scope, today: yes(scope, today) if test(scope, today) else None
    return lambda scope, today: yes(scope, today) if test(scope, today) else no(scope, today)


def _logic(args: list[Compiled], *, stop: bool) -> Compiled:
    """`and` and `or`: ends at the first argument whose truth is `stop`."""

    def run(scope: Scope, today: date) -> bool:
        for argument in args:
            if bool(argument(scope, today)) is stop:
                return stop
        return not stop

    return run


def _pair(op: Op, left: Compiled, right: Compiled) -> Compiled:
    """Two arguments, by far the most common case, spared the list."""
    function, blank = op.function, False if op.blank == "false" else None

    def run(scope: Scope, today: date) -> Scalar:
        first = left(scope, today)
        if first is None:
            return blank
        second = right(scope, today)
        return blank if second is None else function(first, second)

    return run


def _strict(op: Op, args: list[Compiled]) -> Compiled:
    function, blank = op.function, False if op.blank == "false" else None

    def run(scope: Scope, today: date) -> Scalar:
        values = [argument(scope, today) for argument in args]
        return blank if None in values else function(*values)

    return run


def _dated(op: Op, args: list[Compiled]) -> Compiled:
    function = op.function

    def run(scope: Scope, today: date) -> Scalar:
        values = [argument(scope, today) for argument in args]
        return None if None in values else function(today, *values)

    return run
