"""Applications on paper: A4, each one on pages of its own, with its number on every page."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import timezone
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, LongTable, NextPageTemplate, PageBreak, PageTemplate, Paragraph

from applications.printing.font import GETA, embedded_font, printable
from exports.cases import Case
from exports.rows import local

MARGIN, HEADER = 18 * mm, 12 * mm
LABEL_WIDTH = 52 * mm
BLANK = "（入力なし）"
MISSING = f"{GETA}は、この用紙の文字（フォント）にない字です。申請の画面で確かめてください。"
NARROW = 30  # full-width characters that surely fit into a line
TALLEST = 36  # lines of a row
LONGEST_LINE = 900  # characters


def pdf_of(cases: Sequence[Case]) -> bytes:
    pages = [(case, _facts(case), _body(case)) for case in cases]
    words = [MISSING, BLANK, settings.WAGTAIL_SITE_NAME, "0123456789/ページ印刷"]
    for case, facts, body in pages:
        words += [case.application.form.title, str(case.application)]
        words += [text for pair in (*facts, *body) for text in pair]
    with embedded_font(printable("".join(words))) as font:
        return _document(pages, font)


def _facts(case: Case) -> list[tuple[str, str]]:
    application = case.application
    assert application.received_at is not None
    return [
        ("受付番号", application.reference or ""),
        ("受付日時", local(application.received_at)),
        ("状態", application.get_status_display()),
        ("受付方法", application.get_channel_display()),
        ("所管課", application.department.name),
        ("版", str(application.version)),
        *case.facts,
    ]


def _body(case: Case) -> list[tuple[str, str]]:
    """(label, text); a title of a step has no text."""
    lines: list[tuple[str, str]] = []
    for section in case.sections:
        lines.append((section.title, ""))
        for item in section.items:
            text = item.text or BLANK
            label = item.field.definition.label
            lines += [(label, piece) for piece in _pieces(text)]
    return lines


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that fit on a page: no row of the table may be taller than one."""
    piece, height = "", 0
    for line in text.split("\n"):
        for at in range(0, max(len(line), 1), LONGEST_LINE):
            part = line[at : at + LONGEST_LINE]
            lines = 1 + len(part) // NARROW
            if height and height + lines > TALLEST:
                yield piece
                piece, height = "", 0
            piece += ("\n" if height else "") + part
            height += lines
    yield piece


def _document(pages: Sequence[tuple[Case, list[tuple[str, str]], list[tuple[str, str]]]], font: str) -> bytes:
    file = BytesIO()
    document = BaseDocTemplate(file, pagesize=A4, title=printable(_title(pages[0][0])), author="", lang="ja-JP")
    width, height = A4
    box = (MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN - HEADER)
    templates = [
        PageTemplate(id=str(number), frames=[Frame(*box, 0, 0, 0, 0)], onPage=_Head(case, font))
        for number, (case, _, _) in enumerate(pages)
    ]
    document.addPageTemplates(templates)
    story: list[Any] = []
    for number, (case, facts, body) in enumerate(pages):
        if number:
            story += [NextPageTemplate(str(number)), PageBreak()]
        story += _flow(case, facts, body, font, width - 2 * MARGIN)
    document.build(story)
    return file.getvalue()


def _title(case: Case) -> str:
    return f"{case.application.form.title} {case.application.reference or ''}"


class _Head:
    """On every page of a case: what it is, its number, and which of its pages."""

    def __init__(self, case: Case, font: str) -> None:
        self.case, self.font, self.page = case, font, 0

    def __call__(self, canvas: Canvas, _: Any) -> None:
        self.page += 1
        width, height = A4
        canvas.setFont(self.font, 9)
        canvas.drawString(MARGIN, height - MARGIN, printable(_title(self.case))[:70])
        canvas.drawRightString(width - MARGIN, height - MARGIN, f"{self.page}ページ")
        printed = f"{settings.WAGTAIL_SITE_NAME}　{timezone.localtime():%Y-%m-%d %H:%M} 印刷"
        canvas.drawRightString(width - MARGIN, MARGIN - 12, printable(printed))


def _flow(case: Case, facts: list[tuple[str, str]], body: list[tuple[str, str]], font: str, width: float) -> list[Any]:
    plain = ParagraphStyle("plain", fontName=font, fontSize=10, leading=14, wordWrap="CJK")
    title = ParagraphStyle("title", parent=plain, fontSize=16, leading=22, spaceAfter=8)
    label = ParagraphStyle("label", parent=plain, textColor=colors.HexColor("#444444"), fontSize=9)
    rows: list[list[Any]] = [[_paragraph(name, label), _paragraph(text, plain)] for name, text in facts]
    style: list[tuple[Any, ...]] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#999999")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    for name, text in body:
        if not text:
            style += [
                ("SPAN", (0, len(rows)), (1, len(rows))),
                ("BACKGROUND", (0, len(rows)), (1, len(rows)), colors.HexColor("#e8eef7")),
            ]
        rows.append([_paragraph(name, label if text else plain), _paragraph(text, plain)])
    table = LongTable(rows, colWidths=[LABEL_WIDTH, width - LABEL_WIDTH])
    table.setStyle(style)
    lost = any(GETA in printable(text) for pair in (*facts, *body) for text in pair)
    note = [_paragraph(MISSING, label)] if lost else []
    return [_paragraph(case.application.form.title, title), table, *note]


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)
