"""Cleaning, width, length and search keys. Names and addresses are never normalised: 𠮷, IVS and U+FA19 survive."""

import re
import unicodedata
from itertools import pairwise

import jaconv

# What people type for a hyphen: hyphens, dashes, the minus sign, the ruled line.
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\ufe58\ufe63\uff0d"

_BREAKS = "\n\v\f\r\x85\u2028\u2029"
# Control characters, lone surrogates, bidirectional controls, zero-width spaces and noncharacters (XML refuses those).
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)
_LINE_SPACE = re.compile(f"[\t{_BREAKS}]+")
_LINE_END = re.compile(f"\r\n|[{_BREAKS}]")
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")
# Joiners, variation selectors, tags and fillers: nothing is seen when nothing else stands there.
_INVISIBLE = re.compile(
    "[\\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]*"
)
_SELECTORS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff]")
_SEPARATORS = re.compile(r"[\W_]+")

# No mark, joiner or emoji lies in these blocks, so there one code point is one character.
_PLAIN = re.compile("[\x00-\u02ff\u2010-\u2027\u3000-\u3029\u3030-\u3098\u309b-\u9fff\uf900-\ufaff\uff00-\uffef]*")
_ZWJ = "\u200d"

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x301C: 0x7E}
_HALF_WIDTH |= {ord(dash): ord("-") for dash in DASHES}
_LONG_VOWELS = str.maketrans("ーｰ", "--")

# Kanji that stand for one another in names: in each word the first is what most people type, the others are how a
# register may write the same name. For searching only, and not complete: a missing one is added to its word, or as a
# new word. Each kanji once. What NFKC already makes one (神 and U+FA19, 塚 and U+FA10) needs no word.
VARIANTS = tuple(
    """
    吉𠮷 高髙 崎﨑嵜 辺邉邊 斉斎齊齋 浜濱 沢澤 広廣 桜櫻 島嶋嶌 国國 竜龍 恵惠 真眞 栄榮 芦蘆 富冨 黒黑 穂穗
    寿壽 関關 滝瀧 館舘 峰峯 徳德 瀬瀨 万萬 与與 宝寶 弥彌 亀龜 桧檜 実實 円圓 曽曾 条條 薮藪 鉄鐵 橋槗 船舩
    塩鹽 増增 戸戶 凛凜 遥遙 尭堯 槙槇 岳嶽 学學
    """.split()  # noqa: SIM905 - a list of strings would be one word a line, or unreadable
)
_ONE_KANJI = str.maketrans({other: word[0] for word in VARIANTS for other in word[1:]})


def clean_line(raw: str) -> str:
    """One line without surrounding space and without what cannot be seen; the letters stay as typed."""
    return _seen(_LINE_SPACE.sub(" ", _UNWANTED.sub("", raw)).strip())


def clean_block(raw: str) -> str:
    """Like `clean_line`, with line ends kept as LF. An indented first line keeps its indent."""
    text = _LINE_END.sub("\n", _UNWANTED.sub("", raw)).replace("\t", " ").rstrip()
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


def search_key(text: str) -> str:
    """The same key for every way of writing a text: width, case, hiragana or katakana, spaces, variants of kanji."""
    plain = unicodedata.normalize("NFKC", _UNWANTED.sub("", text))
    joined = "".join(_SELECTORS.sub("", plain).split())  # before the last NFKC: what the gaps parted may compose
    return unicodedata.normalize("NFKC", jaconv.hira2kata(joined.casefold())).translate(_ONE_KANJI)


def bigrams(text: str) -> str:
    """The search key's letters and digits in pairs, joined by spaces; a single one stays alone.

    Index and query must both go through this: the databases' word search finds no Japanese substring.
    """
    letters = _SEPARATORS.sub("", search_key(text))
    return " ".join(a + b for a, b in pairwise(letters)) or letters
