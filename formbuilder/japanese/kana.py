"""Katakana for readings (フリガナ) and for bank files (全銀協規定形式)."""

import re
import unicodedata

import jaconv

from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import DASHES, clean_line
from formbuilder.japanese.wording import gettext as _

_SPACES = re.compile(r"\s+")
_FULL_KATAKANA = re.compile("[ァ-ヺー・\u3000]+")
# A hyphen or minus after a katakana is a mistyped long vowel. Wave dashes are left alone: they mean something else.
_LONG_VOWEL = re.compile(f"(?<=[ァ-ヺー])[{re.escape(DASHES)}]+")
_VOICED = re.compile("([ァ-ヺ])([\u3099\u309a゛゜ﾞﾟ])")
_COMBINING = {"\u3099": "\u3099", "゛": "\u3099", "ﾞ": "\u3099", "\u309a": "\u309a", "゜": "\u309a", "ﾟ": "\u309a"}

_BANK_LETTERS = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_BANK_ASCII = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ().-/"
_HINTS = {"ヲ": "オ", "ヰ": "イ", "ヱ": "エ"}
_SHOWN = 10


class KanaRefused(Refused):
    """`characters`: those that a bank file cannot hold, each once, in the order typed, katakana in full width."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        shown = "「" + "」「".join(characters[:_SHOWN]) + "」" + (_("など") if len(characters) > _SHOWN else "")
        hints = "".join(
            _("「%(old)s」は「%(new)s」と入力してください。") % {"old": old, "new": new}
            for old, new in _HINTS.items()
            if old in characters
        )
        super().__init__(
            _(
                "口座名義に使えない文字があります：%(shown)s。%(hints)s"
                "カタカナ、英数字、空白と記号 ( ) . - / で入力してください。"
            )
            % {"shown": shown, "hints": hints}
        )


def to_full_katakana(raw: str) -> str:
    """Hiragana and half-width kana become full-width katakana, spaces one full-width space; the rest stays."""
    text = jaconv.hira2kata(jaconv.h2z(_SPACES.sub("\u3000", clean_line(raw))))
    text = _VOICED.sub(_compose, text)
    return _LONG_VOWEL.sub(lambda dashes: "ー" * len(dashes[0]), text)


def _compose(match: re.Match[str]) -> str:
    composed = unicodedata.normalize("NFC", match[1] + _COMBINING[match[2]])
    return composed if len(composed) == 1 else match[0]


def is_full_katakana(text: str) -> bool:
    """Katakana with ー, ・ and full-width spaces only; not empty, and with at least one letter."""
    return _FULL_KATAKANA.fullmatch(text) is not None and text.strip("ー・\u3000") != ""


def _bank_table() -> dict[str, str]:
    table = {character: character for character in _BANK_ASCII + "ﾞﾟ"}
    table |= {character.lower(): character for character in _BANK_ASCII}
    table |= {chr(ord(character) + 0xFEE0): half for character, half in table.items() if "!" <= character <= "~"}
    for half in _BANK_LETTERS:
        full = unicodedata.normalize("NFKC", half)
        table[full] = half
        for mark, combining in ("ﾞ", "\u3099"), ("ﾟ", "\u309a"):
            voiced = unicodedata.normalize("NFC", full + combining)
            if len(voiced) == 1:
                table[voiced] = half + mark
    table |= {
        small: table[large] for small, large in zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True)
    }
    table |= dict.fromkeys("ー" + DASHES, "-")
    return table | {"\u3000": " ", "・": ".", "゛": "ﾞ", "゜": "ﾟ"}


_BANK = _bank_table()


def to_bank_kana(raw: str) -> str:
    """Half-width text as 全銀 allows it: large kana, `-` for ー, `.` for ・, capitals. Raises `KanaRefused`."""
    text = to_full_katakana(raw)
    refused = "".join(dict.fromkeys(character for character in text if character not in _BANK))
    if refused:
        raise KanaRefused(refused)
    return "".join(_BANK[character] for character in text)
