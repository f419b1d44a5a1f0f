"""Excel files: a cell is text, so that 00123 stays 00123 and =1+1 stays what was typed, unless its column is one of
numbers or of dates.

openpyxl makes the file with its headings; the rows are written into it as they come. openpyxl's own write-only mode
needs ten times as long for a row, and has no byte to send before the last one is written.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from itertools import islice
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from applications.sheets.cells import excel_cell, sheet_title

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "@"  # Excel's number format for text
NARROWEST, WIDEST = 10, 40  # of a column, in characters
MOST_ROWS = 1_048_575  # of a sheet, without the headings
PIECE = 64 * 1024  # bytes sent at once, about
LINES = 100  # compressed at once
END = b"</sheetData>"
LEVEL = 1  # of compression: a file larger by a fifth, written in half the time
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no time zones
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?")
EXACT = 15  # digits that a number in Excel has


class Kind(StrEnum):
    """What a column holds; a cell that is not written like that stays text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # 2026-04-01
    MOMENT = "moment"  # 2026-04-01 09:05:00


class SheetFull(Exception):
    """A sheet has more rows than Excel opens."""


FORMATS = {Kind.TEXT: TEXT, Kind.NUMBER: "General", Kind.DATE: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm:ss"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: read once, while the file is sent; kinds: of the columns, () for texts.

    count: how many rows there will be, None when nobody knows yet; more than MOST_ROWS raise SheetFull.
    """

    title: str
    headings: tuple[str, ...]
    rows: Iterable[Iterable[str]]
    count: int | None
    kinds: tuple[Kind, ...] = ()

    def kind(self, number: int) -> Kind:
        """Of a column, from 0."""
        return self.kinds[number] if self.kinds else Kind.TEXT


class Pipe:
    """A file that is read from its front while zipfile writes to its end."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, data: bytes) -> int:
        self.held += data
        return len(data)

    def flush(self) -> None:
        """Nothing lies anywhere else."""

    def close(self) -> None:
        """What is left is still to be taken."""

    def take(self) -> bytes:
        piece = bytes(self.held)
        self.held.clear()
        return piece


def excel_pieces(sheets: list[Sheet]) -> Iterator[bytes]:
    """The file, piece by piece; no more than a piece and a row is ever in memory."""
    empty, styles = _without_rows(sheets)
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    pipe = Pipe()
    with (
        zipfile.ZipFile(empty) as source,
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
    ):
        for name in source.namelist():
            with target.open(name, "w", force_zip64=name in parts) as part:
                if name not in parts:
                    part.write(source.read(name))
                    continue
                for lines in _sheet(source.read(name), parts[name], styles[list(parts).index(name)]):
                    part.write(lines)
                    if len(pipe.held) >= PIECE:
                        yield pipe.take()
    yield pipe.take()


def _without_rows(sheets: list[Sheet]) -> tuple[BytesIO, list[list[int]]]:
    """(the file with its headings alone, of each sheet the numbers of its columns' styles)."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    taken: set[str] = set()
    for sheet in sheets:
        _dress(workbook.create_sheet(sheet_title(sheet.title, taken)), sheet)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file, [_styles(worksheet, sheet) for worksheet, sheet in zip(workbook.worksheets, sheets, strict=True)]


def _styles(worksheet: Worksheet, sheet: Sheet) -> list[int]:
    letters = map(get_column_letter, range(1, len(sheet.headings) + 1))
    return [worksheet.column_dimensions[letter].style_id for letter in letters]


def _dress(worksheet: Worksheet, sheet: Sheet) -> None:
    """Headings, widths, filter arrows, and what stays in sight while one scrolls."""
    for number, heading in enumerate(sheet.headings, start=1):
        column = worksheet.column_dimensions[get_column_letter(number)]
        column.width = min(max(len(heading) * 2 + 4, NARROWEST), WIDEST)
        column.number_format = FORMATS[sheet.kind(number - 1)]
        cell = worksheet.cell(1, number, excel_cell(heading))
        cell.data_type = "s"  # openpyxl has just guessed: a formula, or an error value
        cell.font, cell.alignment = Font(bold=True), Alignment(vertical="top", wrap_text=True)
        cell.number_format = TEXT
    worksheet.freeze_panes = "B2"
    worksheet.auto_filter.ref = _area(sheet)


def _area(sheet: Sheet) -> str:
    last = MOST_ROWS if sheet.count is None else sheet.count
    return f"A1:{get_column_letter(len(sheet.headings))}{last + 1}"


def _sheet(empty: bytes, sheet: Sheet, styles: list[int]) -> Iterator[bytes]:
    """The sheet's XML with the rows in their place."""
    before, after = empty.split(END)
    area = b"" if sheet.count is None else f'<dimension ref="{_area(sheet)}"/>'.encode()
    yield re.sub(rb'<dimension ref="[^"]*" ?/>', area, before, count=1)
    lines = _lines(sheet, styles)
    while piece := list(islice(lines, LINES)):
        yield "".join(piece).encode()
    yield END + after


def _lines(sheet: Sheet, styles: list[int]) -> Iterator[str]:
    heads = [
        (f'<c r="{get_column_letter(number + 1)}', f'" s="{style}', WRITERS[sheet.kind(number)])
        for number, style in enumerate(styles)
    ]
    for number, row in enumerate(sheet.rows, start=2):
        if number > MOST_ROWS + 1:
            raise SheetFull(sheet.title)
        cells = [
            f"{head}{number}{style}{write(text)}" for (head, style, write), text in zip(heads, row, strict=True) if text
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'


def _text(text: str) -> str:
    text = excel_cell(text)
    if "&" in text or "<" in text or ">" in text:
        text = escape(text)
    return f'" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _number(text: str) -> str:
    """A number that Excel keeps to its last digit; a longer one would lose some, and stays text."""
    exact = _NUMBER.fullmatch(text) and len(text.strip("-0").replace(".", "")) <= EXACT
    return f'"><v>{text}</v></c>' if exact else _text(text)


def _date(text: str) -> str:
    try:
        return _day(datetime.fromisoformat(text)) if len(text) == len("2026-04-01") else _text(text)
    except ValueError:
        return _text(text)


def _moment(text: str) -> str:
    try:
        return _day(datetime.fromisoformat(text))
    except ValueError:
        return _text(text)


def _day(moment: datetime) -> str:
    """Days since Excel's first one; before March 1900 Excel counts a day that never was."""
    since = moment - DAY_ZERO
    if since.days <= FEBRUARY_1900:
        return _text(f"{moment:%Y-%m-%d}")
    whole = f"{since.days}" if not since.seconds else f"{since.days + since.seconds / 86_400:.9f}"
    return f'"><v>{whole}</v></c>'


FEBRUARY_1900 = 60
WRITERS: dict[Kind, Callable[[str], str]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
}
