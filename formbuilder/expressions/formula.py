"""The formulas that editors type, much as in a spreadsheet: =もし(［多胎］="はい", ［胎児の数］, 1) × 50000

A name in brackets is an item, ［住所.市区町村］ a part of one. `parse_formula` and `format_formula` are inverse.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from formbuilder.expressions.kinds import ExpressionError, Kind, parse_number
from formbuilder.expressions.nodes import MAX_DEPTH, MAX_ITEMS, MAX_NODES, MAX_TEXT, Call, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS, ArgumentError
from formbuilder.expressions.tokens import Token, TokenType, at, tokens
from formbuilder.expressions.wording import describe
from formbuilder.expressions.writing import INFIX, NameOf, format_formula

__all__ = ["NameOf", "Resolve", "Resolved", "describe", "format_formula", "parse_formula"]

MAX_FORMULA = 4000  # characters
MAX_NESTING = 40  # brackets within brackets


class Resolved(NamedTuple):
    """The item or part that a readable name stands for."""

    key: str
    part: str | None
    kind: Kind


Resolve = Callable[[str, str | None], Resolved]  # (item's name, part's name) -> Resolved, or raises ExpressionError

_OPERATORS = {sign: (op, level) for op, (sign, level) in INFIX.items()} | {
    "または": ("or", 1),
    "or": ("or", 1),
    "かつ": ("and", 2),
    "and": ("and", 2),
    "含む": ("contains", 3),
    "で始まる": ("starts_with", 3),
}
_FUNCTIONS = {word: op.name for op in OPS.values() for word in (*op.words, op.name)}
_CONSTANTS = {"はい": True, "true": True, "いいえ": False, "false": False}
_DATE_WORDS = {"日付", "date"}
_DATE = re.compile(r"([0-9]{4})(?:-|/|年)([0-9]{1,2})(?:-|/|月)([0-9]{1,2})日?")


def parse_formula(text: str, resolve: Resolve) -> Expression:
    """The expression, with every kind checked; raises ExpressionError that says where and what was expected."""
    if len(text) > MAX_FORMULA:
        raise ExpressionError(f"式が長すぎます。{MAX_FORMULA}文字以内にするか、計算項目に分けてください。")
    start = re.match(r"\s*[=＝]?", text)
    return _Parser(list(tokens(text, start.end() if start else 0)), resolve).formula()


@dataclass(frozen=True, slots=True)
class _Typed:
    """An expression with its kind, its levels, and the place where it starts in the formula."""

    expression: Expression
    kind: Kind
    at: int
    depth: int = 1

    def is_text(self, *wanted: str) -> bool:
        """Whether it is a text typed in quotes, one of `wanted` if given."""
        match self.expression:
            case Value(str() as text, "text"):
                return not wanted or text in wanted
        return False


class _Parser:
    """Precedence climbing. Every node is typed as it is made, so that an error knows its place."""

    def __init__(self, found: Sequence[Token], resolve: Resolve) -> None:
        self.tokens, self.resolve = found, resolve
        self.index = self.nesting = self.nodes = 0

    def formula(self) -> Expression:
        if self.ended():
            raise ExpressionError("式を入力してください。例: =［胎児の数］*50000")
        found = self.binary(1)
        if self.takes(","):
            raise at(self.tokens[self.index - 1].at, "ここに「,」は書けません。数は桁を区切らずに書いてください。")
        if not self.ended():
            raise self.unexpected("計算の記号（+ - * / など）")
        return found.expression

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ended(self) -> bool:
        return self.token.type == "end"

    def take(self) -> Token:
        token = self.token
        self.index += token.type != "end"
        return token

    def takes(self, sign: str) -> bool:
        """Whether the sign comes next; it is taken then."""
        found = self.token.type == "sign" and self.token.text == sign
        self.index += found
        return found

    def unexpected(self, wanted: str) -> ExpressionError:
        if self.ended():
            return ExpressionError(f"式の終わり: {wanted}が必要です。")
        return at(self.token.at, f"{wanted}が必要ですが、「{self.token.text}」があります。")

    def binary(self, floor: int) -> _Typed:
        """Operands joined by operators that bind at least as tightly as `floor`."""
        left = self.unary()
        while self.token.type in ("sign", "word") and self.token.text in _OPERATORS:
            op, level = _OPERATORS[self.token.text]
            if level < floor:
                break
            token = self.take()
            left = self.join(token, op, left, self.binary(level + 1))
        return left

    def unary(self) -> _Typed:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise at(self.token.at, "かっこの重なりが深すぎます。計算項目に分けてください。")
        token = self.token
        if self.takes("-"):
            if self.token.type == "number":
                found = self.number(self.take(), "-")
            else:
                found = self.call("neg", [self.unary()], token.at)
        else:
            self.takes("+")
            found = self.primary()
        self.nesting -= 1
        return found

    def primary(self) -> _Typed:
        token = self.token
        if token.type == "sign":
            return self.bracketed(token)
        read: dict[TokenType, Callable[[Token], _Typed]] = {
            "number": self.number,
            "text": self.text,
            "field": self.field,
            "word": self.word,
        }
        if token.type == "end":
            raise self.unexpected("項目（［項目名］）、数、文字、関数のどれか")
        return read[token.type](self.take())

    def bracketed(self, token: Token) -> _Typed:
        if self.takes("{"):
            return self.fixed_list(token)
        if not self.takes("("):
            raise self.unexpected("項目（［項目名］）、数、文字、関数のどれか")
        found = self.binary(1)
        if not self.takes(")"):
            raise self.unexpected("「)」")
        return found

    def number(self, token: Token, sign: str = "") -> _Typed:
        text = f"0{token.text}" if token.text.startswith(".") else token.text
        number = parse_number(sign + text)
        if number is None:
            raise at(token.at, f"「{token.text}」は数として読めません。桁数と小数点を確かめてください。")
        return _Typed(Value(number, "number"), "number", token.at)

    def text(self, token: Token) -> _Typed:
        if len(token.text) > MAX_TEXT:
            raise at(token.at, f"文字は{MAX_TEXT}文字以内にしてください。")
        return _Typed(Value(token.text, "text"), "text", token.at)

    def field(self, token: Token) -> _Typed:
        """［name］ or ［name.part］; a name with a point in it comes first."""
        name = token.text.strip()
        try:
            resolved = self.resolve(name, None)
        except ExpressionError as error:
            cut = max(name.rfind("."), name.rfind("．"))
            if cut < 1:
                raise _placed(error, token.at) from error
            resolved = self.part(name[:cut].strip(), name[cut + 1 :].strip(), token)
        return _Typed(FieldRef(resolved.key, resolved.part), resolved.kind, token.at)

    def part(self, name: str, part: str, token: Token) -> Resolved:
        try:
            return self.resolve(name, part)
        except ExpressionError as error:
            raise _placed(error, token.at) from error

    def fixed_list(self, token: Token) -> _Typed:
        items = self.arguments("}")
        kinds = {item.kind for item in items}
        if len(items) > MAX_ITEMS or not all(isinstance(item.expression, Value) for item in items):
            raise at(token.at, f"{{ }} の中には、値だけを{MAX_ITEMS}個まで書けます。")
        values: Any = tuple(item.expression.value for item in items if isinstance(item.expression, Value))
        if kinds == {"text"}:
            return _Typed(Value(values, "texts"), "texts", token.at)
        if kinds == {"number"}:
            return _Typed(Value(values, "numbers"), "numbers", token.at)
        raise at(token.at, "{ } の中には、文字だけか数だけを並べてください。")

    def arguments(self, closer: str) -> list[_Typed]:
        if self.takes(closer):
            return []
        found = [self.binary(1)]
        while self.takes(","):
            found.append(self.binary(1))
        if not self.takes(closer):
            raise self.unexpected(f"「,」か「{closer}」")
        return found

    def word(self, token: Token) -> _Typed:
        if token.text in _CONSTANTS:
            return _Typed(Value(_CONSTANTS[token.text], "boolean"), "boolean", token.at)
        op = _FUNCTIONS.get(token.text)
        if op is None and token.text not in _DATE_WORDS:
            raise at(
                token.at,
                f'「{token.text}」という関数はありません。項目は［ ］で、文字は「"」で囲んでください。',
            )
        if not self.takes("("):
            if op == "today":
                return self.call(op, [], token.at)
            raise self.unexpected(f"「{token.text}」の後に「(」")
        args = self.arguments(")")
        return self.call(op, args, token.at) if op else _fixed_date(args, token)

    def join(self, token: Token, op: str, left: _Typed, right: _Typed) -> _Typed:
        """Two operands around a sign, with what spreadsheet users expect of an empty text and of dates."""
        if op in ("eq", "ne") and (left.is_text("") or right.is_text("")):
            blank = self.call("blank", [right if left.is_text("") else left], token.at)
            return blank if op == "eq" else self.call("not", [blank], token.at)
        match op, left.kind, right.kind:
            case "add", "date", "number":
                return self.call("add_days", [left, right], token.at)
            case "add", "number", "date":
                return self.call("add_days", [right, left], token.at)
            case "sub", "date", "number":
                return self.call("add_days", [left, self.call("neg", [right], right.at)], token.at)
            case "sub", "date", "date":
                return self.call("days_between", [right, left], token.at)
        return self.call(op, [left, right], token.at)

    def call(self, name: str, args: list[_Typed], position: int) -> _Typed:
        self.nodes += 1 + len(args)
        depth = 1 + max((argument.depth for argument in args), default=0)
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise at(position, "式が長すぎます。計算項目に分けてください。")
        try:
            kind = OPS[name].result([argument.kind for argument in args])
        except ArgumentError as error:
            changed = _coerced(args, error)
            if changed is None:
                raise at(args[error.index].at, error.message) from error
            return self.call(name, changed, position)
        except ExpressionError as error:
            raise at(position, error.message) from error
        return _Typed(Call(name, tuple(argument.expression for argument in args)), kind, position, depth)


def _placed(error: ExpressionError, position: int) -> ExpressionError:
    placed = at(position, error.message)
    placed.key = error.key
    return placed


def _coerced(args: list[_Typed], error: ArgumentError) -> list[_Typed] | None:
    """The arguments with texts in quotes read as the kind that is needed; None when that does not help."""
    blamed = args[error.index]
    wanted = error.expected if blamed.is_text() else {blamed.kind}
    changed = [_as_kind(argument, wanted) if argument.is_text() else argument for argument in args]
    return None if changed == args else changed


def _as_kind(text: _Typed, wanted: frozenset[Kind] | set[Kind]) -> _Typed:
    value = text.expression.value if isinstance(text.expression, Value) else None
    if not isinstance(value, str):
        return text
    if "boolean" in wanted and value.strip().lower() in _CONSTANTS:
        return _Typed(Value(_CONSTANTS[value.strip().lower()], "boolean"), "boolean", text.at)
    day = _read_date(value) if "date" in wanted else None
    if day is not None:
        return _Typed(Value(day, "date"), "date", text.at)
    number = parse_number(value) if "number" in wanted else None
    return text if number is None else _Typed(Value(number, "number"), "number", text.at)


def _fixed_date(args: list[_Typed], token: Token) -> _Typed:
    """日付(2026, 4, 1) or 日付("2026-04-01"): a constant, so only constants within."""
    values = [argument.expression.value if isinstance(argument.expression, Value) else None for argument in args]
    match values:
        case [str() as text]:
            day = _read_date(text)
        case [Decimal() as year, Decimal() as month, Decimal() as number]:
            day = _read_date(f"{year:0>4}-{month}-{number}")
        case _:
            day = None
    if day is None:
        raise at(token.at, "日付は「日付(2026,4,1)」のように、ある年月日で書いてください。")
    return _Typed(Value(day, "date"), "date", token.at)


def _read_date(text: str) -> date | None:
    match = _DATE.fullmatch(text.strip())
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
