"""The expression tree, and its JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from formbuilder.expressions.kinds import (
    KINDS,
    ExpressionError,
    Kind,
    Scalar,
    is_of_kind,
    parse_iso_date,
    parse_number,
    plain,
)
from formbuilder.expressions.ops import OPS

__all__ = [
    "Call",
    "Constant",
    "Expression",
    "ExpressionError",
    "FieldRef",
    "Kind",
    "Scalar",
    "Value",
    "from_json",
    "references",
    "to_json",
]

MAX_DEPTH = 100  # levels of a tree; a sum of 99 terms written with + is that deep
MAX_NODES = 1000
MAX_TEXT = 2000  # characters of a text value or of a key
MAX_ITEMS = 500  # values of a list

Constant = str | Decimal | bool | date | tuple[str, ...] | tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A fixed value. The empty text is the same as unanswered."""

    value: Constant
    kind: Kind


@dataclass(frozen=True, slots=True)
class FieldRef:
    """The answer to an item, or one part of it."""

    key: str
    part: str | None = None

    @property
    def address(self) -> str:
        """Where a scope keeps it: "key" or "key.part"."""
        return f"{self.key}.{self.part}" if self.part else self.key


@dataclass(frozen=True, slots=True)
class Call:
    """An operator of ops.OPS on its arguments."""

    op: str
    args: tuple["Expression", ...]


Expression = Value | FieldRef | Call


def to_json(expression: Expression) -> dict[str, Any]:
    match expression:
        case Value(value, kind):
            return {"value": _raw(value), "kind": kind}
        case FieldRef(key, None):
            return {"field": key}
        case FieldRef(key, part):
            return {"field": key, "part": part}
        case Call(op, args):
            return {"op": op, "args": [to_json(argument) for argument in args]}


def from_json(data: Any) -> Expression:
    """The inverse of `to_json`; raises ExpressionError on anything else."""
    return _Reader().read(data, 1)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all below it."""
    waiting = [expression]
    while waiting:
        found = waiting.pop()
        yield found
        if isinstance(found, Call):
            waiting += found.args


def references(expression: Expression) -> set[tuple[str, str | None]]:
    """(key, part) of every answer that the expression looks at."""
    return {(found.key, found.part) for found in walk(expression) if isinstance(found, FieldRef)}


def _raw(value: Constant) -> Any:
    match value:
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case tuple():
            return [_raw(item) for item in value]
        case _:
            return value


class _Reader:
    def __init__(self) -> None:
        self.nodes = 0

    def read(self, data: Any, depth: int) -> Expression:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ExpressionError("式が長すぎるか、かっこの重なりが深すぎます。計算項目に分けてください。")
        if not isinstance(data, Mapping):
            raise ExpressionError("式の形が正しくありません（値・項目・演算のどれでもないものがあります）。")
        match sorted(map(str, data)):
            case ["kind", "value"]:
                return _read_value(data["value"], data["kind"])
            case ["field"] | ["field", "part"]:
                return _read_field(data["field"], data.get("part"))
            case ["args", "op"]:
                return self._call(data["op"], data["args"], depth)
        raise ExpressionError("式の形が正しくありません（値・項目・演算のどれでもないものがあります）。")

    def _call(self, name: Any, args: Any, depth: int) -> Call:
        op = OPS.get(name) if isinstance(name, str) else None
        if op is None:
            raise ExpressionError("式の中に、知らない演算があります。")
        if not isinstance(args, list) or not op.takes(len(args)):
            raise ExpressionError(f"「{op.label}」に渡す値の数が正しくありません。")
        return Call(op.name, tuple(self.read(argument, depth + 1) for argument in args))


def _read_field(key: Any, part: Any) -> FieldRef:
    if not _is_short(key) or not key or not (part is None or (_is_short(part) and part)):
        raise ExpressionError("式が使う項目の識別番号が正しくありません。")
    return FieldRef(key, part)


def _read_value(raw: Any, kind: Any) -> Value:
    if not isinstance(kind, str) or kind not in KINDS:
        raise ExpressionError("式の中の値の種類が正しくありません。")
    value = _literal(raw, kind)
    if not is_of_kind(value, kind):
        raise ExpressionError("式の中の値が、その種類（文字・数・日付など）に合っていません。")
    return Value(value, kind)


def _literal(raw: Any, kind: str) -> Any:
    """The value, or anything that is not of the kind."""
    match kind, raw:
        case "number", str():
            return parse_number(raw)
        case "date", str():
            return parse_iso_date(raw)
        case "texts" | "numbers", list() if len(raw) <= MAX_ITEMS:
            return tuple(_literal(item, kind.removesuffix("s")) for item in raw)
        case "text", str() if not _is_short(raw):
            return None
        case "text" | "boolean", _:
            return raw
    return None


def _is_short(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= MAX_TEXT
