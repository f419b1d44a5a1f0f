"""Conditions in Japanese words, for people who read a form's settings or why an item is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from formbuilder.expressions.kinds import plain
from formbuilder.expressions.nodes import Call, Constant, Expression, FieldRef, Value
from formbuilder.expressions.ops import OPS
from formbuilder.expressions.writing import INFIX, NameOf

ValueOf = Callable[[str, str | None, Constant], str]  # (key, part, value) -> what people see, e.g. an option's label


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a condition ends before とき, before かつ, and before または or a closing bracket."""

    when: str
    then: str
    rest: str


_NOUN = _Ending("の", "で", "")
_NOT = _Ending("でない", "でなく", "でない")
_Phrase = tuple[str, _Ending]


def _ending(stem: str, adnominal: str, connective: str) -> _Ending:
    return _Ending(stem + adnominal, stem + connective, stem + adnominal)


def _after(words: str) -> _Ending:
    return _Ending(f"{words}の", f"{words}で", words)


_COMPARED = {
    "eq": _NOUN,
    "ne": _NOT,
    "lt": _ending("より小さ", "い", "く"),
    "le": _after("以下"),
    "gt": _ending("より大き", "い", "く"),
    "ge": _after("以上"),
}
_COMPARED_DATES = _COMPARED | {
    "lt": _after("より前"),
    "le": _after("以前"),
    "gt": _after("より後"),
    "ge": _after("以後"),
}
_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
# op -> particle after the item, ending when it holds, ending when it does not
_FOUND = {
    "contains": ("に", _ending("を含", "む", "み"), _ending("を含ま", "ない", "ず")),
    "starts_with": ("が", _ending("で始ま", "る", "り"), _ending("で始まら", "ない", "ず")),
}
_FILLED = _ending("に入力が", "ある", "あり")
_SIGNS = {"add": "＋", "sub": "－", "mul": "×", "div": "÷", "concat": "＆"}
_TERMS = {
    ("today", 0): "今日",
    ("age_on", 1): "{0}の年齢",
    ("age_on", 2): "{1}の時点での{0}の年齢",
    ("length", 1): "{0}の文字数",
    ("days_between", 2): "{0}から{1}までの日数",
    ("add_days", 2): "{0}の{1}日後",
    ("add_months", 2): "{0}の{1}か月後",
    ("fiscal_year_start", 1): "{0}の年度初め",
    ("abs", 1): "{0}の絶対値",
    ("neg", 1): "－{0}",
}
_DATES = {"today", "add_days", "add_months", "fiscal_year_start"}


def describe(expression: Expression, name_of: NameOf, value_of: ValueOf | None = None) -> str:
    """A condition as 「多胎」が「はい」のとき; anything else as a calculation."""
    writer = _Writer(name_of, value_of)
    if isinstance(expression, Value) or (isinstance(expression, Call) and not _is_condition(expression)):
        return writer.term(expression)
    body, ending = writer.phrase(expression)
    return f"{body}{ending.when}とき"


def _is_condition(call: Call) -> bool:
    return OPS[call.op].signatures[0].result == "boolean" and call.op != "if"


def _is_date(expression: Expression) -> bool:
    match expression:
        case Value(date()):
            return True
        case Call(op):
            return op in _DATES
    return False


class _Writer:
    def __init__(self, name_of: NameOf, value_of: ValueOf | None) -> None:
        self.name_of, self.value_of = name_of, value_of

    def phrase(self, expression: Expression) -> _Phrase:
        """A condition without とき, and how it ends."""
        match expression:
            case Call("and" | "or", args):
                return self.joined(expression.op, args)
            case Call("not", (argument,)):
                return self.negated(argument)
        return self.simple(expression)

    def simple(self, expression: Expression) -> _Phrase:
        match expression:
            case Call(op, (left, right)) if op in _COMPARED:
                return self.compared(op, left, right)
            case Call(op, (left, right)) if op in _FOUND:
                particle, ending, _ = _FOUND[op]
                return self.about(left, particle, right), ending
            case Call("one_of", (item, *options)):
                return f"{self.term(item)}が{self.options(options, item)}のどれか", _NOUN
            case Call("blank", (argument,)):
                return f"{self.term(argument)}が空欄", _NOUN
        return f"{self.term(expression)}が「はい」", _NOUN

    def compared(self, op: str, left: Expression, right: Expression) -> _Phrase:
        """The item comes first, whichever way round the formula has it."""
        if isinstance(left, Value) and not isinstance(right, Value):
            op, left, right = _MIRRORED[op], right, left
        dated = _is_date(left) or _is_date(right)
        return self.about(left, "が", right), (_COMPARED_DATES if dated else _COMPARED)[op]

    def negated(self, expression: Expression) -> _Phrase:
        match expression:
            case Call("blank", (argument,)):
                return self.term(argument), _FILLED
            case Call(op, (left, right)) if op in _FOUND:
                particle, _, ending = _FOUND[op]
                return self.about(left, particle, right), ending
            case Call("one_of", (item, *options)):
                return f"{self.term(item)}が{self.options(options, item)}のどれでも", _ending("", "ない", "なく")
            case Call("eq") | FieldRef():
                return self.phrase(expression)[0], _NOT
        return self.group(expression), _NOT

    def joined(self, op: str, args: tuple[Expression, ...]) -> _Phrase:
        written: list[str] = []
        for index, argument in enumerate(args):
            body, ending = self.phrase(argument)
            if len(args) > 1 and isinstance(argument, Call) and argument.op in ("and", "or"):
                body, ending = f"（{body}{ending.rest}）", _NOUN
            if index == len(args) - 1:
                return "".join(written) + body, ending
            written.append(f"{body}{ending.then}、かつ" if op == "and" else f"{body}{ending.rest}、または")
        return "", _NOUN

    def group(self, expression: Expression) -> str:
        body, ending = self.phrase(expression)
        return f"（{body}{ending.rest}）"

    def about(self, left: Expression, particle: str, right: Expression) -> str:
        return f"{self.term(left, right)}{particle}{self.term(right, left)}"

    def options(self, options: list[Expression], item: Expression) -> str:
        return "、".join(self.term(option, item) for option in options)

    def term(self, expression: Expression, beside: Expression | None = None) -> str:
        """A value in words; `beside`: what it is compared with, which may know a better word for it."""
        match expression:
            case Value(value):
                return self.constant(value, beside)
            case FieldRef(key, part):
                name, part_name = self.name_of(key, part)
                return f"「{name}」" if part_name is None else f"「{name}」の「{part_name}」"
            case Call() if _is_condition(expression):
                return self.group(expression)
            case Call(op, args) if (op, len(args)) in _TERMS:
                return _TERMS[op, len(args)].format(*(self.operand(argument) for argument in args))
            case Call(op, (left, right)) if op in _SIGNS:
                return f"{self.operand(left)}{_SIGNS[op]}{self.operand(right)}"
            case Call(op, args):
                return f"{OPS[op].words[0]}（{'、'.join(map(self.inner, args))}）"

    def inner(self, expression: Expression) -> str:
        """An argument of a function: a condition there needs no brackets of its own."""
        text = self.term(expression)
        return text[1:-1] if isinstance(expression, Call) and _is_condition(expression) else text

    def operand(self, expression: Expression) -> str:
        text = self.term(expression)
        return f"（{text}）" if isinstance(expression, Call) and expression.op in INFIX else text

    def constant(self, value: Constant, beside: Expression | None) -> str:
        if isinstance(value, tuple):
            return "、".join(self.constant(item, beside) for item in value)
        if self.value_of and isinstance(beside, FieldRef) and isinstance(value, str | bool):
            return f"「{self.value_of(beside.key, beside.part, value)}」"
        match value:
            case bool():
                return "「はい」" if value else "「いいえ」"
            case Decimal():
                return plain(value)
            case date():
                return f"{value.year}年{value.month}月{value.day}日"
            case _:
                return f"「{value}」"
