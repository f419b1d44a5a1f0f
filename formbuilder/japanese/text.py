"""Cleaning, width and length. Names and addresses are never normalised: 𠮷, IVS and U+FA19 survive."""

import re
import unicodedata

from cms.folding import UNWANTED

# What people type for a hyphen: hyphens, dashes, the minus sign, the ruled line.
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63\uff0d"

_BREAKS = "\n\v\f\r\x85\u2028\u2029"
_LINE_SPACE = re.compile(f"[\t{_BREAKS}]+")
_LINE_END = re.compile(f"\r\n|[{_BREAKS}]")
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")
# Joiners, variation selectors, tags and fillers: nothing is seen when nothing else stands there.
_INVISIBLE = re.compile(
    "[\\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]*"
)

# No mark, joiner or emoji lies in these blocks, so there one code point is one character.
_PLAIN = re.compile("[\x00-\u02ff\u2010-\u2027\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uf900-\ufaff\uff00-\uffef]*")
_ZWJ = "\u200d"

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x301C: 0x7E}
_HALF_WIDTH |= {ord(dash): ord("-") for dash in DASHES}
_LONG_VOWELS = str.maketrans("ーｰ", "--")


def clean_line(raw: str) -> str:
    """One line without surrounding space and without what cannot be seen; the letters stay as typed."""
    return _seen(_LINE_SPACE.sub(" ", UNWANTED.sub("", raw)).strip())


def clean_block(raw: str) -> str:
    """Like `clean_line`, with line ends kept as LF. An indented first line keeps its indent."""
    text = _LINE_END.sub("\n", UNWANTED.sub("", raw)).replace("\t", " ").rstrip()
    blank = _BLANK_LINES.match(text)
    return _seen(text[blank.end() :] if blank else text)


def _seen(text: str) -> str:
    return "" if _INVISIBLE.fullmatch(text) else text


def to_half_width(raw: str) -> str:
    """One line with half-width ASCII letters, digits, symbols and hyphens. For e-mail and numbers, never for names."""
    return clean_line(raw).translate(_HALF_WIDTH)


def to_number_line(raw: str) -> str:
    """`to_half_width` for digits with separators: ー is what a kana keyboard gives for a hyphen."""
    return to_half_width(raw).translate(_LONG_VOWELS)


def visible_length(text: str) -> int:
    """How many characters a person counts: IVS pairs, combining marks, flags and joined emoji are one each."""
    if _PLAIN.fullmatch(text):
        return len(text)
    count, before, half_flag = 0, "", False
    for character in text:
        flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        if flag and half_flag:
            half_flag = False
        else:
            half_flag = flag
            count += count == 0 or not _extends(character, before)
        before = character
    return count


def _extends(character: str, before: str) -> bool:
    category = unicodedata.category(character)
    if category.startswith("M") or character in "\u200c\u200d":
        return True
    if before == _ZWJ and category == "So":
        return True
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"
