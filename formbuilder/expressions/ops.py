"""The one table of operators. Adding one = one line here, one in expressions.js, and cases in the shared vectors.

Numbers: decimals of 28 significant digits, ties away from zero (四捨五入), steps of 10^-54 at the finest.
What has no result is None (unanswered): division by zero, 10^28 and beyond, a date outside the years 1 to 9999.
"""

import calendar
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any, Literal, cast

from formbuilder.expressions.kinds import KIND_LABELS, KINDS, MAX_DIGITS, ExpressionError, Kind, Scalar, plain

CONTEXT = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=1 - MAX_DIGITS,
    Emax=MAX_DIGITS - 1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
_WIDE = Context(prec=300, Emin=-999, Emax=999)  # rounding to a place must not meet the limits above half-way
_FURTHEST_PLACE = 99

Function = Callable[..., Scalar]
Blank = Literal["blank", "false", "seen"]


class ArgumentError(ExpressionError):
    """The argument at `index` is of the wrong kind; one of `expected` is needed there."""

    def __init__(self, message: str, index: int, expected: frozenset[Kind]) -> None:
        super().__init__(message)
        self.index, self.expected = index, expected


@dataclass(frozen=True, slots=True)
class Signature:
    """Kinds that are taken together, and the kind that comes out. `repeat`: the last may come any number of times."""

    params: tuple[frozenset[Kind], ...]
    result: Kind
    repeat: bool = False

    def takes(self, count: int) -> bool:
        return count == len(self.params) or (self.repeat and count > len(self.params))

    def param(self, index: int) -> frozenset[Kind]:
        return self.params[min(index, len(self.params) - 1)]


@dataclass(frozen=True, slots=True)
class Op:
    """An operator.

    words: how a formula spells it as a function, the usual one first.
    blank: what an unanswered argument does: "blank" and "false" are the result, "seen" leaves it to the function.
    """

    name: str
    label: str
    words: tuple[str, ...]
    signatures: tuple[Signature, ...]
    function: Function
    blank: Blank = "blank"
    uses_today: bool = False  # the function takes today's date first

    def takes(self, count: int) -> bool:
        return any(signature.takes(count) for signature in self.signatures)

    def result(self, kinds: Sequence[Kind]) -> Kind:
        """The kind of the result; raises ExpressionError, ArgumentError where one argument is to blame."""
        matching = [signature for signature in self.signatures if signature.takes(len(kinds))]
        if not matching:
            raise ExpressionError(f"「{self.label}」に渡す値の数（{len(kinds)}個）が違います。{self._counts()}")
        for index, kind in enumerate(kinds):
            expected = frozenset[Kind]().union(*(signature.param(index) for signature in matching))
            matching = [signature for signature in matching if kind in signature.param(index)]
            if not matching:
                wanted = "か".join(KIND_LABELS[one] for one in KINDS if one in expected)
                place, given = f"「{self.label}」の{index + 1}番目", KIND_LABELS[kind]
                raise ArgumentError(f"{place}には{wanted}を指定してください（いまは{given}です）。", index, expected)
        return matching[0].result

    def _counts(self) -> str:
        exact = sorted({len(signature.params) for signature in self.signatures})
        if any(signature.repeat for signature in self.signatures):
            return f"{exact[0]}個以上にしてください。"
        return "か".join(f"{count}個" for count in exact) + "にしてください。"


def _to(result: Kind, *params: str, repeat: bool = False) -> Signature:
    """Signature from kinds such as "number|numbers"."""
    return Signature(tuple(frozenset(cast(list[Kind], param.split("|"))) for param in params), result, repeat)


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    """Values with lists opened and unanswered ones left out."""
    for value in values:
        if isinstance(value, tuple):
            yield from value
        elif value is not None:
            yield value


def _within(function: Function) -> Function:
    """None where the arithmetic or the calendar has no result."""

    def run(*values: Any) -> Scalar:
        try:
            return function(*values)
        except (ArithmeticError, ValueError):
            return None

    return run


def _sum(*values: Any) -> Scalar:
    total = Decimal(0)
    for value in _flat(values):
        total = CONTEXT.add(total, value)
    return total


def _whole(number: Decimal) -> int:
    """The number as an int; ValueError when it has a fraction."""
    if number != number.to_integral_value():
        raise ValueError(number)
    return int(number)


def _rounding(mode: str) -> Function:
    def run(number: Decimal, digits: Decimal = Decimal(0)) -> Scalar:
        place = max(-_FURTHEST_PLACE, min(_FURTHEST_PLACE, _whole(digits)))
        rounded = number.quantize(Decimal(1).scaleb(-place, _WIDE), rounding=mode, context=_WIDE)
        return CONTEXT.plus(rounded)

    return _within(run)


def _fiscal_year_start(day: date) -> date:
    return date(day.year - (day.month < 4), 4, 1)


def _add_months(day: date, months: Decimal) -> date:
    """The same day of another month, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + _whole(months), 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _age_on(today: date, birth: date, on: date | None = None) -> Scalar:
    """Full years, one more from each birthday on; born on 29 February: from 1 March in other years."""
    day = on or today
    age = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return Decimal(age) if birth <= day else None


def as_text(value: Scalar) -> str:
    """A text, number or date as it appears inside a text."""
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _one_of(value: Scalar, *options: Scalar) -> bool:
    return value is not None and value in _flat(options)


_SCALARS: tuple[Kind, ...] = ("text", "number", "boolean", "date")
_ANY = "|".join(KINDS)
_ALIKE = tuple(_to("boolean", kind, kind) for kind in _SCALARS)
_ORDERED = (_to("boolean", "number", "number"), _to("boolean", "date", "date"))
_LOGIC = (_to("boolean", "boolean", repeat=True),)
_TWO_NUMBERS = (_to("number", "number", "number"),)
_NUMBER = (_to("number", "number"),)
_ROUND = (_to("number", "number"), _to("number", "number", "number"))
_EXTREME = (_to("number", "number|numbers", repeat=True), _to("date", "date", repeat=True))
_IF = tuple(signature for kind in KINDS for signature in (_to(kind, "boolean", kind), _to(kind, "boolean", kind, kind)))
_ONE_OF = (
    *(_to("boolean", kind, kind, repeat=True) for kind in _SCALARS),
    _to("boolean", "text", "texts"),
    _to("boolean", "number", "numbers"),
)
_CONTAINS = (
    _to("boolean", "text", "text"),
    _to("boolean", "texts", "text"),
    _to("boolean", "numbers", "number"),
)

_TABLE = (
    Op("and", "かつ", ("かつ",), _LOGIC, lambda *values: all(values), "seen"),
    Op("or", "または", ("または",), _LOGIC, lambda *values: any(values), "seen"),
    Op("not", "ではない", ("ではない",), (_to("boolean", "boolean"),), operator.not_, "seen"),
    Op("eq", "等しい（=）", (), _ALIKE, operator.eq, "false"),
    Op("ne", "等しくない（<>）", (), _ALIKE, operator.ne, "seen"),
    Op("lt", "より小さい（<）", (), _ORDERED, operator.lt, "false"),
    Op("le", "以下（<=）", (), _ORDERED, operator.le, "false"),
    Op("gt", "より大きい（>）", (), _ORDERED, operator.gt, "false"),
    Op("ge", "以上（>=）", (), _ORDERED, operator.ge, "false"),
    Op("one_of", "いずれか", ("いずれか", "どれか"), _ONE_OF, _one_of, "seen"),
    Op("contains", "含む", ("含む",), _CONTAINS, operator.contains, "false"),
    Op("starts_with", "で始まる", ("で始まる",), (_to("boolean", "text", "text"),), str.startswith, "false"),
    Op("blank", "空欄", ("空欄",), (_to("boolean", _ANY),), lambda value: value in (None, "", ()), "seen"),
    Op("add", "足す（+）", (), _TWO_NUMBERS, _within(CONTEXT.add)),
    Op("sub", "引く（-）", (), _TWO_NUMBERS, _within(CONTEXT.subtract)),
    Op("mul", "かける（×）", (), _TWO_NUMBERS, _within(CONTEXT.multiply)),
    Op("div", "割る（÷）", (), _TWO_NUMBERS, _within(CONTEXT.divide)),
    Op("neg", "符号の反転（-）", (), _NUMBER, _within(CONTEXT.minus)),
    Op("abs", "絶対値", ("絶対値",), _NUMBER, _within(CONTEXT.abs)),
    Op("min", "最小", ("最小",), _EXTREME, _within(lambda *values: min(_flat(values)))),
    Op("max", "最大", ("最大",), _EXTREME, _within(lambda *values: max(_flat(values)))),
    Op("round_down", "切り捨て", ("切り捨て", "切捨て"), _ROUND, _rounding(ROUND_DOWN)),
    Op("round_up", "切り上げ", ("切り上げ", "切上げ"), _ROUND, _rounding(ROUND_UP)),
    Op("round_half_up", "四捨五入", ("四捨五入",), _ROUND, _rounding(ROUND_HALF_UP)),
    Op("if", "もし", ("もし",), _IF, lambda test, yes, no=None: yes if test else no, "seen"),
    Op("today", "今日", ("今日",), (_to("date"),), lambda today: today, uses_today=True),
    Op(
        "fiscal_year_start", "年度初め", ("年度初め", "年度はじめ"), (_to("date", "date"),), _within(_fiscal_year_start)
    ),
    Op("days_between", "日数", ("日数",), (_to("number", "date", "date"),), lambda a, b: Decimal((b - a).days)),
    Op(
        "add_days",
        "日後",
        ("日後",),
        (_to("date", "date", "number"),),
        _within(lambda day, days: day + timedelta(_whole(days))),
    ),
    Op("add_months", "か月後", ("か月後", "ヶ月後", "カ月後"), (_to("date", "date", "number"),), _within(_add_months)),
    Op("age_on", "年齢", ("年齢",), (_to("number", "date"), _to("number", "date", "date")), _age_on, uses_today=True),
    Op("length", "文字数", ("文字数",), (_to("number", "text"),), lambda text: Decimal(len(text))),
    Op(
        "concat",
        "連結（&）",
        ("連結",),
        (_to("text", "text|number|date", repeat=True),),
        lambda *values: "".join(map(as_text, _flat(values))) or None,
        "seen",
    ),
    Op("sum", "合計", ("合計",), (_to("number", "number|numbers", repeat=True),), _within(_sum), "seen"),
    Op(
        "count",
        "件数",
        ("件数",),
        (_to("number", _ANY, repeat=True),),
        lambda *values: Decimal(sum(1 for _ in _flat(values))),
        "seen",
    ),
)

OPS: Mapping[str, Op] = {op.name: op for op in _TABLE}
