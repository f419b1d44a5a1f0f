"""The day sheet for Excel: a sheet for each venue, every cell text, ready to print."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from applications.sheets.cells import excel_cell, sheet_title
from applications.sheets.excel_file import CONTENT_TYPE, TEXT
from reservations.ledger.sheet import FIXED, LAST, DaySheet, Sheet

__all__ = ["CONTENT_TYPE", "excel_of"]

WIDTHS = dict(zip((*FIXED, *LAST), (8, 14, 18, 20, 16, 8, 10), strict=True))
ITEM_WIDTH = 9
HEAD = 3  # rows above the first person
LINE, THICK = Side(style="thin"), Side(style="medium")


def excel_of(day: DaySheet) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    taken: set[str] = set()
    for sheet in day.sheets or (Sheet("枠がありません", (), 0),):
        _write(workbook.create_sheet(sheet_title(sheet.venue, taken)), day, sheet)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def _write(page: Worksheet, day: DaySheet, sheet: Sheet) -> None:
    _cell(page, 1, 1, f"{day.title}　{sheet.venue}").font = Font(bold=True, size=14)
    _cell(page, 2, 1, f"{day.subtitle}　{sheet.people}人")
    for number, heading in enumerate(day.headings, start=1):
        cell = _cell(page, HEAD, number, heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
        cell.border = Border(top=THICK, bottom=THICK)
        page.column_dimensions[get_column_letter(number)].width = WIDTHS.get(heading, ITEM_WIDTH)
    for row, line in enumerate(sheet.lines, start=HEAD + 1):
        for number, text in enumerate(line.cells, start=1):
            cell = _cell(page, row, number, text)
            cell.border = Border(top=THICK if line.is_first else LINE, bottom=LINE)
            centred = len(FIXED) < number <= len(FIXED) + len(day.items)
            cell.alignment = Alignment(horizontal="center" if centred else None, vertical="center", wrap_text=True)
    _lay_out(page, day, len(sheet.lines))


def _cell(page: Worksheet, row: int, column: int, text: str) -> Cell:
    """openpyxl guesses what a text is, a formula or an error value: it is none of them."""
    cell = page.cell(row, column, excel_cell(text))
    assert isinstance(cell, Cell)  # nothing is merged
    cell.data_type, cell.number_format = "s", TEXT
    return cell


def _lay_out(page: Worksheet, day: DaySheet, lines: int) -> None:
    page.freeze_panes = f"D{HEAD + 1}"
    page.auto_filter.ref = f"A{HEAD}:{get_column_letter(len(day.headings))}{HEAD + lines}"
    page.print_title_rows = f"1:{HEAD}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    assert page.oddFooter is not None
    page.oddFooter.center.text = "&P / &N"
