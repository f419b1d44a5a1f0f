"""CSV as Japanese Excel opens it with a double click: UTF-8 with a mark at its beginning, CRLF."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from applications.sheets.cells import csv_cell

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff".encode()
PIECE = 64 * 1024  # bytes sent at once, about


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_pieces(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """The file, piece by piece; no more than a piece is ever in memory."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    piece = bytearray(BOM)
    for row in chain([headings], rows):
        line: str = writer.writerow([csv_cell(cell) for cell in row])
        piece += line.encode("utf-8", "replace")
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
