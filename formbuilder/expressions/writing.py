"""Expression to formula: the inverse of formula.parse_formula."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from formbuilder.expressions.kinds import plain
from formbuilder.expressions.nodes import Call, Constant, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS

NameOf = Callable[[str, str | None], tuple[str, str | None]]  # (key, part) -> (item's name, part's name)

# op -> its sign, and how tightly it binds (1 and 2 are the words または and かつ between two conditions)
INFIX = {
    "eq": ("=", 3),
    "ne": ("<>", 3),
    "lt": ("<", 3),
    "le": ("<=", 3),
    "gt": (">", 3),
    "ge": (">=", 3),
    "concat": ("&", 4),
    "add": ("+", 5),
    "sub": ("-", 5),
    "mul": ("*", 6),
    "div": ("/", 6),
}
_TIGHTEST = 7


def format_formula(expression: Expression, name_of: NameOf) -> str:
    """The formula that parses to the expression."""
    return "=" + _write(expression, name_of, 0)


def _write(expression: Expression, name_of: NameOf, floor: int) -> str:
    """`floor`: how tightly the place binds; what binds less tightly goes into brackets."""
    match expression:
        case Value(value):
            return _constant(value)
        case FieldRef(key, part):
            name, part_name = name_of(key, part)
            return _field(name if part_name is None else f"{name}.{part_name}")
        case Call("neg", (argument,)):
            inner = _write(argument, name_of, _TIGHTEST)
            return f"-({inner})" if isinstance(argument, Value) else f"-{inner}"
        case Call(op, (left, right)) if op in INFIX and not _is_about_empty(expression):
            sign, level = INFIX[op]
            text = f"{_write(left, name_of, level)}{sign}{_write(right, name_of, level + 1)}"
            return f"({text})" if level < floor else text
        case Call(op, args):
            word = OPS[op].words[0] if OPS[op].words else op
            return f"{word}({','.join(_write(argument, name_of, 0) for argument in args)})"


def _is_about_empty(call: Call) -> bool:
    """x="" means 空欄(x) in a formula, so a comparison with the empty text itself is written as a function."""
    return call.op in ("eq", "ne") and Value("", "text") in call.args


def _constant(value: Constant) -> str:
    match value:
        case bool():
            return "はい" if value else "いいえ"
        case Decimal():
            return plain(value)
        case date():
            return f"日付({value.year},{value.month},{value.day})"
        case str():
            return '"' + _doubled(value, '"＂“”') + '"'
        case tuple():
            return "{" + ",".join(_constant(item) for item in value) + "}"


def _field(name: str) -> str:
    return f"［{_doubled(name, ']］')}］"


def _doubled(text: str, signs: str) -> str:
    return "".join(character * 2 if character in signs else character for character in text)
