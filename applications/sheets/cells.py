"""Texts that a spreadsheet program shows as they were written: nothing is calculated, nothing is lost in silence."""

import re
from collections.abc import Iterable

# What Excel, LibreOffice or Google Sheets may take for the beginning of a formula, in full width too: a Japanese
# Excel reads ＝ as =. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[\s\u3000]*[=+\-@＝＋－＠\u2212]|[\t\r\n]")
# A negative number is calculated to itself. A telephone number is not left alone: Excel makes 81-90-1234 a subtraction
# of +81-90-1234, and 8.19E+11 of +819012345678.
_HARMLESS = re.compile(r"-[0-9]+(?:\.[0-9]+)?|-[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[-－\u2212]")

# What a text begins with that _FORMULA may match, or that is dropped before it looks
SUSPECT = frozenset("=+-@＝＋－＠\u2212\u3000\x00" + "".join(filter(str.isspace, map(chr, range(0x3001)))))

# Everything that XML 1.0 does not allow, https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a text needs to have before excel_cell looks closer; most have nothing of it
_ODD = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_x")
# Excel reads _x0041_ in a file as "A"
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
EXCEL_MOST = 32_767  # UTF-16 units in a cell
CUT = "……（長いため、ここまで。全文は申請の画面で確かめてください）"

TITLE_MOST = 31  # UTF-16 units in the name of a sheet
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def csv_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet program would calculate."""
    text = text.replace("\x00", "")
    return f"'{text}" if _FORMULA.match(text) and not _HARMLESS.fullmatch(text) else text


def csv_cells(row: Iterable[str]) -> list[str]:
    """`csv_cell` of each: most texts need no look at what follows their first character."""
    return [text if not text or (text[0] not in SUSPECT and "\x00" not in text) else csv_cell(text) for text in row]


def excel_cell(text: str) -> str:
    """The text as the string of an Excel cell."""
    if len(text) * 2 <= EXCEL_MOST and not _ODD.search(text):
        return text
    text = _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ESCAPE.sub("_x005F_", _shortened(text, EXCEL_MOST, CUT))


def _shortened(text: str, most: int, mark: str) -> str:
    """At most so many UTF-16 units, the mark at the end when something had to go."""
    if len(text) * 2 <= most or _units(text) <= most:
        return text
    return text.encode("utf-16-le")[: (most - _units(mark)) * 2].decode("utf-16-le", "ignore") + mark


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def sheet_title(text: str, taken: set[str]) -> str:
    """A name that Excel allows and that no other sheet has; it is added to `taken`, in lower case."""
    plain = _NOT_XML.sub("", _NOT_IN_TITLE.sub(" ", text)).strip(" '") or "申請"
    if plain.lower() == "history":  # Excel keeps this name for itself
        plain = "申請 history"
    title, number = _shortened(plain, TITLE_MOST, "…"), 1
    while title.lower() in taken:
        number += 1
        mark = f"（{number}）"
        title = _shortened(plain, TITLE_MOST - _units(mark), "…") + mark
    taken.add(title.lower())
    return title
