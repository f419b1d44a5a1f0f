"""Excel files: every cell is text, so that 00123 stays 00123 and =1+1 stays what was typed.

openpyxl makes the file with its headings; the rows are written into it as they come. openpyxl's own write-only mode
needs ten times as long for a row, and has no byte to send before the last one is written.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
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
END = b"</sheetData>"


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: read once, while the file is sent; count: how many there will be."""

    title: str
    headings: tuple[str, ...]
    rows: Iterable[Iterable[str]]
    count: int


class _Pipe:
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
    empty, style = _without_rows(sheets)
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    pipe = _Pipe()
    with zipfile.ZipFile(empty) as source, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            with target.open(name, "w", force_zip64=name in parts) as part:
                if name not in parts:
                    part.write(source.read(name))
                    continue
                for line in _sheet(source.read(name), parts[name], style):
                    part.write(line)
                    if len(pipe.held) >= PIECE:
                        yield pipe.take()
    yield pipe.take()


def _without_rows(sheets: list[Sheet]) -> tuple[BytesIO, int]:
    """(the file with its headings alone, number of its text style)."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    taken: set[str] = set()
    for sheet in sheets:
        _dress(workbook.create_sheet(sheet_title(sheet.title, taken)), sheet)
    file = BytesIO()
    workbook.save(file)
    return file, workbook.worksheets[0].column_dimensions["A"].style_id


def _dress(worksheet: Worksheet, sheet: Sheet) -> None:
    """Headings, widths, filter arrows, and what stays in sight while one scrolls."""
    for number, heading in enumerate(sheet.headings, start=1):
        column = worksheet.column_dimensions[get_column_letter(number)]
        column.width = min(max(len(heading) * 2 + 4, NARROWEST), WIDEST)
        column.number_format = TEXT
        cell = worksheet.cell(1, number, excel_cell(heading))
        cell.data_type = "s"  # openpyxl has just guessed: a formula, or an error value
        cell.font, cell.alignment = Font(bold=True), Alignment(vertical="top", wrap_text=True)
        cell.number_format = TEXT
    worksheet.freeze_panes = "B2"
    worksheet.auto_filter.ref = _area(sheet)


def _area(sheet: Sheet) -> str:
    return f"A1:{get_column_letter(len(sheet.headings))}{sheet.count + 1}"


def _sheet(empty: bytes, sheet: Sheet, style: int) -> Iterator[bytes]:
    """The sheet's XML with the rows in their place."""
    before, after = empty.split(END)
    yield re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{_area(sheet)}"'.encode(), before, count=1)
    for line in _lines(sheet, style):
        yield line.encode()
    yield END + after


def _lines(sheet: Sheet, style: int) -> Iterator[str]:
    letters = [get_column_letter(number) for number in range(1, len(sheet.headings) + 1)]
    for number, row in enumerate(sheet.rows, start=2):
        cells = [
            f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(excel_cell(text))}</t></is></c>"
            for letter, text in zip(letters, row, strict=True)
            if text
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'
