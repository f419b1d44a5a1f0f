"""The day sheet on paper: A4 landscape, a new page for each venue, the headings on every page, page numbers."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, LongTable, NextPageTemplate, PageBreak, PageTemplate, Paragraph

from applications.printing.font import GETA, embedded_font, printable
from reservations.ledger.sheet import FIXED, DaySheet, Sheet

CONTENT_TYPE = "application/pdf"
PAGE = landscape(A4)
MARGIN, HEADER, FOOTER = 10 * mm, 16 * mm, 8 * mm
PADDING = 2
CHECK = "確認"  # an empty box, for the pen at the desk
WIDTHS = (13, 28, 34, 36, 28)  # of the fixed columns, in mm
CHECK_WIDTH, CHANNEL_WIDTH, MARK_WIDTH, ITEM_MOST = 11, 14, 12, 18
NOBODY = "この日の予約はありません。"
MISSING = f"{GETA}は、この名簿の文字（フォント）にない字です。受付番号から申請の画面で確かめてください。"


def pdf_of(day: DaySheet) -> bytes:
    words = [day.title, day.subtitle, *day.headings, CHECK, NOBODY, MISSING, "　人印刷"]
    for sheet in day.sheets:
        words += [sheet.venue, *(cell for line in sheet.lines for cell in line.cells)]
    with embedded_font(printable("".join(words))) as font:
        return _document(day, font)


def _document(day: DaySheet, font: str) -> bytes:
    file = BytesIO()
    document = BaseDocTemplate(
        file, pagesize=PAGE, title=printable(f"{day.title} {day.subtitle}"), author="", lang="ja-JP"
    )
    width, height = PAGE
    frame = (MARGIN, MARGIN + FOOTER, width - 2 * MARGIN, height - 2 * MARGIN - HEADER - FOOTER)
    sheets = day.sheets or (Sheet("", (), 0),)
    templates = [
        PageTemplate(id=str(number), frames=[Frame(*frame, 0, 0, 0, 0)], onPage=_head(day, sheet, font))
        for number, sheet in enumerate(sheets)
    ]
    document.addPageTemplates(templates)
    story: list[Any] = []
    for number, sheet in enumerate(sheets):
        if number:
            story += [NextPageTemplate(str(number)), PageBreak()]
        story += _body(day, sheet, font, width - 2 * MARGIN)
    document.build(story, canvasmaker=_numbered(font))
    return file.getvalue()


def _head(day: DaySheet, sheet: Sheet, font: str) -> Callable[[Canvas, Any], None]:
    def draw(canvas: Canvas, _: Any) -> None:
        width, height = PAGE
        canvas.setFont(font, 13)
        canvas.drawString(MARGIN, height - MARGIN - 10, printable(f"{day.title}　{sheet.venue}"))
        canvas.setFont(font, 9)
        canvas.drawString(MARGIN, height - MARGIN - 26, printable(f"{day.subtitle}　{sheet.people}人"))
        printed = f"{timezone.localtime():%Y-%m-%d %H:%M} 印刷"
        canvas.drawRightString(width - MARGIN, height - MARGIN - 26, printed)

    return draw


def _numbered(font: str) -> type[Canvas]:
    """How many pages there are is known when the last one is done."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self.pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # what showPage does besides writing the page

        def save(self) -> None:
            for number, page in enumerate(self.pages, start=1):
                self.__dict__.update(page)
                self.setFont(font, 9)
                self.drawCentredString(PAGE[0] / 2, MARGIN, f"{number} / {len(self.pages)}")
                super().showPage()
            super().save()

    return Numbered


def _body(day: DaySheet, sheet: Sheet, font: str, width: float) -> list[Any]:
    small = ParagraphStyle("small", fontName=font, fontSize=8, leading=9.5, wordWrap="CJK")
    plain = ParagraphStyle("plain", parent=small, fontSize=9, leading=11)
    if not sheet.lines:
        return [Paragraph(NOBODY, plain)]
    widths = _widths(len(day.items), width)
    rows: list[list[Any]] = [[_paragraph(text, small) for text in _with_check(day.headings, CHECK)]]
    for line in sheet.lines:
        cells = zip(_with_check(line.cells, ""), widths, strict=True)
        rows.append([_cell(text, most - 2 * PADDING, plain) for text, most in cells])
    table = LongTable(rows, colWidths=widths, repeatRows=1)
    table.setStyle([("FONT", (0, 1), (-1, -1), font, plain.fontSize, plain.leading), *_rules(day, sheet)])
    lost = any(GETA in printable(cell) for line in sheet.lines for cell in line.cells)
    return [table, *([Paragraph(MISSING, small)] if lost else [])]


def _with_check(cells: tuple[str, ...], check: str) -> tuple[str, ...]:
    return (cells[0], check, *cells[1:])


def _cell(text: str, width: float, style: ParagraphStyle) -> Any:
    """The text as it is where it fits into a line: a paragraph takes ten times as long."""
    plain = printable(text)
    fits = "\n" not in plain and stringWidth(plain, style.fontName, style.fontSize) <= width
    return plain if fits else _paragraph(text, style)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)


def _widths(items: int, width: float) -> list[float]:
    first, *others = WIDTHS
    ends = (CHANNEL_WIDTH, MARK_WIDTH)
    left = width / mm - first - CHECK_WIDTH - sum(others) - sum(ends)
    each = min(ITEM_MOST, left / items) if items else 0
    name = others[1] + (left - each * items) / 2  # what the items leave is for names
    kana = others[2] + (left - each * items) / 2
    return [part * mm for part in (first, CHECK_WIDTH, others[0], name, kana, others[3], *[each] * items, *ends)]


def _rules(day: DaySheet, sheet: Sheet) -> list[tuple[Any, ...]]:
    """Lines between people, thicker ones between slots, and a box to tick."""
    items = len(FIXED) + 1, len(FIXED) + len(day.items)
    firsts = [number for number, line in enumerate(sheet.lines, start=1) if line.is_first]
    return [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        *([("ALIGN", (items[0], 1), (items[1], -1), "CENTER")] if day.items else []),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eeeeee")),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#666666")),
        ("LINEAFTER", (0, 0), (-2, -1), 0.25, colors.HexColor("#999999")),
        ("BOX", (0, 0), (-1, -1), 0.75, colors.black),
        ("LEFTPADDING", (0, 0), (-1, -1), PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        *(("LINEABOVE", (0, number), (-1, number), 1, colors.black) for number in firsts),
    ]
