"""Cuts what an editor types into tokens; full-width and half-width signs are the same."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from formbuilder.expressions.kinds import ExpressionError

TokenType = Literal["number", "text", "field", "word", "sign", "end"]

_SAME = {
    "=": "＝",
    "<": "＜",
    ">": "＞",
    "<=": "≦≤",
    ">=": "≧≥",
    "<>": "≠",
    "+": "＋",
    "-": "－−‐–—ー",  # the long vowel mark too: IMEs give it for the minus key
    "*": "＊×✕",
    "/": "／÷",
    "&": "＆",
    "(": "（",
    ")": "）",
    "{": "｛",
    "}": "｝",
    ",": "，、",
    "!": "！",
}
_SIGNS = {variant: sign for sign, variants in _SAME.items() for variant in (sign, *variants)}
_PAIRS = {"<=": "<=", "=<": "<=", ">=": ">=", "=>": ">=", "<>": "<>", "!=": "<>"}
_QUOTES = '"＂“”'
_CLOSERS = {"「": "」", "[": "]］", "［": "]］"} | dict.fromkeys(_QUOTES, _QUOTES)
_POINTS = ".．"
_DIGITS = "0123456789０１２３４５６７８９"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is normalised: half-width signs and digits, lower-case words, contents without quotes or brackets."""

    type: TokenType
    text: str
    at: int  # index in the formula


def at(position: int, message: str) -> ExpressionError:
    """An error that says where it is, counting characters from 1 as people do."""
    return ExpressionError(f"{position + 1}文字目: {message}")


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a formula from `start` on, with the end as the last; raises ExpressionError."""
    position = start
    while position < len(text):
        token, position = _next(text, position)
        if token is not None:
            yield token
    yield Token("end", "", position)


def _next(text: str, start: int) -> tuple[Token | None, int]:
    first = text[start]
    if first.isspace():
        return None, start + 1
    if first in _CLOSERS:
        return _enclosed(text, start)
    if first in _DIGITS or first in _POINTS:
        end = _run(text, start, lambda character: character in _DIGITS or character in _POINTS)
        return Token("number", unicodedata.normalize("NFKC", text[start:end]), start), end
    if first in _SIGNS:
        return _sign(text, start)
    if _in_word(first):
        end = _run(text, start, _in_word)
        return Token("word", unicodedata.normalize("NFKC", text[start:end]).lower(), start), end
    raise at(start, f"「{first}」は式に使えません。")


def _sign(text: str, start: int) -> tuple[Token, int]:
    sign, following = _SIGNS[text[start]], _SIGNS.get(text[start + 1 : start + 2])
    if following and sign + following in _PAIRS:
        return Token("sign", _PAIRS[sign + following], start), start + 2
    if sign == "!":
        raise at(start, "「!」は「!=」の形で使ってください。")
    return Token("sign", sign, start), start + 1


def _enclosed(text: str, start: int) -> tuple[Token, int]:
    """A text in quotes or an item's name in brackets; a doubled closing sign stands for the sign itself."""
    closers = _CLOSERS[text[start]]
    kept, position = "", start + 1
    while position < len(text):
        character = text[position]
        if character in closers:
            if text[position + 1 : position + 2] != character:
                return Token("field" if "］" in closers else "text", kept, start), position + 1
            position += 1
        kept += character
        position += 1
    raise at(
        start, f"「{text[start]}」を閉じる「{closers[-1] if text[start] in '［「' else closers[0]}」がありません。"
    )


def _in_word(character: str) -> bool:
    return (character.isalnum() or character == "_") and character not in _SIGNS


def _run(text: str, start: int, belongs: Callable[[str], bool]) -> int:
    end = start
    while end < len(text) and belongs(text[end]):
        end += 1
    return end
