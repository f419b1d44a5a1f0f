"""A table that somebody has filled in: Excel or CSV, whatever is in it read as text, and nothing trusted."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import islice
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from formbuilder.japanese.text import clean_line

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ROWS = 5_000
MOST_SEEN = 20_000  # lines of a sheet that are looked at, empty ones too
MOST_COLUMNS = 100
EXCEL = b"PK\x03\x04"


class Unreadable(Exception):
    """The file is no such table; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Line:
    """number: as the spreadsheet program counts, the headings are 1; formulas: headings of cells that calculate."""

    number: int
    cells: dict[str, str]
    formulas: frozenset[str] = frozenset()


Row = Sequence[tuple[str, bool]]  # (text, whether it is a formula) of each cell


def read_table(content: bytes, wanted: Sequence[str], needed: Iterable[str]) -> list[Line]:
    """The lines that have something in one of the wanted columns. needed: headings that must be there.

    Raises Unreadable.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(f"ファイルが{MOST_BYTES // 1024 // 1024}MBを超えています。件数を分けてください。")
    rows = _excel(content) if content.startswith(EXCEL) else _csv(content)
    headings: list[str] = []
    lines: list[Line] = []
    for number, row in rows:
        if number == 1:
            headings = [text for text, _ in row]
            _check(headings, wanted, needed)
            continue
        found = {name: cell for name, cell in zip(headings, row, strict=False) if name in wanted}
        if not any(text for text, _ in found.values()):
            continue
        if len(lines) == MOST_ROWS:
            raise Unreadable(f"一度に読み取れるのは{MOST_ROWS:,}件までです。ファイルを分けてください。")
        cells = {name: found[name][0] if name in found else "" for name in wanted}
        lines.append(Line(number, cells, frozenset(name for name, (_, calculates) in found.items() if calculates)))
    _check(headings, wanted, needed)
    return lines


def _check(headings: Sequence[str], wanted: Sequence[str], needed: Iterable[str]) -> None:
    if missing := [name for name in needed if name not in headings]:
        raise Unreadable(
            f"1行目に「{'」「'.join(missing)}」の見出しがありません。記入用のファイルに書き込んで使ってください。"
        )
    if twice := [name for name in wanted if headings.count(name) > 1]:
        raise Unreadable(f"1行目に「{twice[0]}」の見出しが2つあります。1つにしてください。")


def _csv(content: bytes) -> Iterator[tuple[int, Row]]:
    """In UTF-8, or in CP932 as Excel saves it."""
    text = _decoded(content).replace("\x00", "")
    reader = csv.reader(StringIO(text, newline=""))
    number = 0
    try:
        for row in reader:
            number += 1
            yield number, [(clean_line(cell), cell.startswith("=")) for cell in row[:MOST_COLUMNS]]
    except csv.Error as broken:
        raise Unreadable("CSVとして読めません。記入用のファイルに書き込んで使ってください。") from broken


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字コードが分かりません。ExcelかCSV（UTF-8またはシフトJIS）で保存してください。")


def _excel(content: bytes) -> Iterator[tuple[int, Row]]:
    """The first sheet. Of what the file says it holds, not one byte more is unpacked."""
    try:
        with ZipFile(BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size <= MOST_UNPACKED:
            sheet = load_workbook(BytesIO(content), read_only=True).worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS), MOST_SEEN + 1)
            found = [(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    except Exception as error:  # openpyxl and zipfile raise whatever they stumble over
        raise Unreadable("Excelファイル（.xlsx）として読めません。Excelで開いて、保存し直してください。") from error
    if size > MOST_UNPACKED or len(found) > MOST_SEEN:
        raise Unreadable("シートの中身が大きすぎます。使っていない行と書式を消すか、CSVで保存してください。")
    yield from found


def _cell(cell: Any) -> tuple[str, bool]:
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        value = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return clean_line("" if value is None else str(value)), getattr(cell, "data_type", "") == "f"
