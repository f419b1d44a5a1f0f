"""Kinds of values, and how a value is read from and written as text."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

Kind = Literal["text", "number", "boolean", "date", "texts", "numbers"]
Scalar = str | Decimal | bool | date | tuple[str, ...] | tuple[Decimal, ...] | None  # None = unanswered

KINDS: tuple[Kind, ...] = get_args(Kind)
KIND_LABELS: Mapping[Kind, str] = {
    "text": "文字",
    "number": "数",
    "boolean": "はい・いいえ",
    "date": "日付",
    "texts": "文字の一覧",
    "numbers": "数の一覧",
}

MAX_DIGITS = 28  # significant digits of a number, and digits before its decimal point
MAX_DECIMALS = 54  # the smallest step of the arithmetic context in ops.py is 10^-54

_NUMBER = re.compile(rf"-?([0-9]{{1,{MAX_DIGITS}}})(?:\.([0-9]{{1,{MAX_DECIMALS}}}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class ExpressionError(ValueError):
    """An expression that cannot be used. `message` is for the editor; `key` is the item that causes it, if one does."""

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.message, self.key = message, key


def parse_number(text: str) -> Decimal | None:
    """A plain decimal such as "-1.50" of at most 28 significant digits, else None: no exponent, no separators."""
    match = _NUMBER.fullmatch(text)
    if match is None or len((match[1] + (match[2] or "")).strip("0")) > MAX_DIGITS:
        return None
    return Decimal(text)


def parse_iso_date(text: str) -> date | None:
    """A real date written YYYY-MM-DD, else None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def plain(number: Decimal) -> str:
    """The one way a number is written: no exponent, no trailing zeros, no minus zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def fits(number: Decimal) -> bool:
    """Whether the number can be written and read back exactly."""
    return number.is_finite() and abs(number.adjusted()) <= MAX_DECIMALS and parse_number(plain(number)) is not None


def is_of_kind(value: object, kind: Kind) -> bool:
    """Whether a literal holds what its kind says; lists are tuples and not empty."""
    match kind:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, Decimal) and fits(value)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return type(value) is date
        case "texts":
            return isinstance(value, tuple) and value != () and all(isinstance(item, str) for item in value)
        case "numbers":
            return isinstance(value, tuple) and value != () and all(is_of_kind(item, "number") for item in value)
