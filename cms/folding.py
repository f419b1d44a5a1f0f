"""One key for every way of writing a Japanese text. For searching only: what people wrote is never changed.

Plain Python, in the lowest app that searches; the apps above use it too.
"""

import re
import unicodedata

import jaconv

# Control characters, lone surrogates, bidirectional controls, zero-width spaces and noncharacters (XML refuses those).
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)
_SELECTORS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e0fff]")

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


def search_key(text: str) -> str:
    """The same key for every way of writing a text: width, case, hiragana or katakana, spaces, variants of kanji."""
    plain = unicodedata.normalize("NFKC", UNWANTED.sub("", text))
    joined = "".join(_SELECTORS.sub("", plain).split())  # before the last NFKC: what the gaps parted may compose
    return unicodedata.normalize("NFKC", jaconv.hira2kata(joined.casefold())).translate(_ONE_KANJI)
