"""CSV: as Japanese Excel opens it with a double click (UTF-8 with a mark at its beginning), without the mark, or in
CP932 for systems that know nothing else; CRLF."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from itertools import chain, islice

from applications.sheets.cells import csv_cells

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff".encode()
GETA = "〓"  # as printers have always marked a missing type
LINES = 200  # written at once


class Encoding(StrEnum):
    UTF8_BOM = "utf8_bom"
    UTF8 = "utf8"
    CP932 = "cp932"

    @property
    def content_type(self) -> str:
        return "text/csv; charset=Shift_JIS" if self == Encoding.CP932 else CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class Replaced:
    """A character that CP932 lacks or gives back as another. line: 1 is the line of headings; written: in its place."""

    line: int
    column: int
    character: str
    written: str


Tell = Callable[[Replaced, Sequence[str]], None]


def csv_pieces(
    headings: Iterable[str],
    rows: Iterable[Iterable[str]],
    encoding: Encoding = Encoding.UTF8_BOM,
    tell: Tell | None = None,
) -> Iterator[bytes]:
    """The file, piece by piece; no more than a piece is ever in memory.

    tell: called for every replaced character of CP932, with the line's cells.
    """
    if encoding == Encoding.UTF8_BOM:
        yield BOM
    lines = map(csv_cells, chain([headings], rows))
    number = 1
    while piece := list(islice(lines, LINES)):
        yield _cp932(piece, number, tell) if encoding == Encoding.CP932 else _text(piece).encode("utf-8", "replace")
        number += len(piece)


def line_pieces(
    headings: Iterable[str],
    lines: Iterable[bytes],
    encoding: Encoding = Encoding.UTF8_BOM,
    tell: Tell | None = None,
) -> Iterator[bytes]:
    """`csv_pieces` of lines that are written already, in UTF-8 and without their ends."""
    yield from csv_pieces(headings, (), encoding, tell)
    found, number = iter(lines), 2
    while piece := list(islice(found, LINES)):
        whole = b"\r\n".join(piece) + b"\r\n"
        yield whole if encoding != Encoding.CP932 else _cp932_again(whole.decode(), number, tell)
        number += len(piece)


def _cp932_again(text: str, number: int, tell: Tell | None) -> bytes:
    return _made(text) or _cp932(list(csv.reader(StringIO(text, newline=""))), number, tell)


def _text(lines: Iterable[Sequence[str]]) -> str:
    file = StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(lines)
    return file.getvalue()


def _cp932(lines: list[list[str]], number: int, tell: Tell | None) -> bytes:
    if made := _made(_text(lines)):
        return made
    kept = [
        [_cell(cell, cells, line, column, tell) for column, cell in enumerate(cells)]
        for line, cells in enumerate(lines, start=number)
    ]
    return _text(kept).encode("cp932")


def _made(text: str) -> bytes:
    """The text in CP932, nothing when some character has to be looked at."""
    try:
        made = text.encode("cp932")
        return made if made.decode("cp932") == text else b""
    except UnicodeError:
        return b""


def _cell(text: str, cells: list[str], line: int, column: int, tell: Tell | None) -> str:
    """The text as CP932 has it, 〓 for what it lacks."""
    signs = []
    for sign in text:
        written = in_cp932(sign)
        if written != sign and tell is not None:
            tell(Replaced(line, column, sign, written), cells)
        signs.append(written)
    return "".join(signs)


def in_cp932(sign: str) -> str:
    """What comes back when the character is written in CP932 and read again; 〓 when it cannot be written."""
    try:
        return sign.encode("cp932").decode("cp932")
    except UnicodeError:
        return GETA
