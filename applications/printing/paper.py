"""A4 of labels and texts, with a title and a number on every page: applications as they are printed and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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

MARGIN, HEADER = 18 * mm, 12 * mm
LABEL_WIDTH = 52 * mm
NARROW = 30  # full-width characters that surely fit into a line
TALLEST = 36  # lines of a row
LONGEST_LINE = 900  # characters

Lines = Sequence[tuple[str, str]]  # (label, text)


@dataclass(frozen=True, slots=True)
class Paper:
    """One application. body: a line without a text is a heading; note: below the title, "" for none."""

    title: str
    number: str
    facts: Lines
    body: Lines
    note: str = ""

    @property
    def heading(self) -> str:
        return f"{self.title} {self.number}".strip()

    @property
    def texts(self) -> str:
        return "".join([self.heading, self.note, *(text for pair in (*self.facts, *self.body) for text in pair)])


@dataclass(frozen=True, slots=True)
class Words:
    """What the paper says of itself. page: with {number}; printed: with {at}; missing: of 〓; lang: as in HTML."""

    page: str = "{number}ページ"
    printed: str = "{at} 印刷"
    missing: str = f"{GETA}は、この用紙の文字（フォント）にない字です。申請の画面で確かめてください。"
    lang: str = "ja-JP"


def pdf_of(papers: Sequence[Paper], words: Words | None = None) -> bytes:
    """Each one on pages of its own."""
    said = words or Words()
    own = [said.page, said.printed, said.missing, settings.WAGTAIL_SITE_NAME, "0123456789/-:　"]
    with embedded_font(printable("".join([*own, *(paper.texts for paper in papers)]))) as font:
        return _document(papers, said, font)


def _document(papers: Sequence[Paper], words: Words, font: str) -> bytes:
    file = BytesIO()
    title = printable(papers[0].heading)
    document = BaseDocTemplate(file, pagesize=A4, title=title, author="", lang=words.lang)
    width, height = A4
    box = (MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN - HEADER)
    templates = [
        PageTemplate(id=str(number), frames=[Frame(*box, 0, 0, 0, 0)], onPage=_Head(paper, words, font))
        for number, paper in enumerate(papers)
    ]
    document.addPageTemplates(templates)
    story: list[Any] = []
    for number, paper in enumerate(papers):
        if number:
            story += [NextPageTemplate(str(number)), PageBreak()]
        story += _flow(paper, words, font, width - 2 * MARGIN)
    document.build(story)
    return file.getvalue()


class _Head:
    """On every page of a paper: what it is, its number, and which of its pages."""

    def __init__(self, paper: Paper, words: Words, font: str) -> None:
        self.paper, self.words, self.font, self.page = paper, words, font, 0

    def __call__(self, canvas: Canvas, _: Any) -> None:
        self.page += 1
        width, height = A4
        canvas.setFont(self.font, 9)
        canvas.drawString(MARGIN, height - MARGIN, printable(self.paper.heading)[:70])
        canvas.drawRightString(width - MARGIN, height - MARGIN, printable(self.words.page.format(number=self.page)))
        at = self.words.printed.format(at=f"{timezone.localtime():%Y-%m-%d %H:%M}")
        canvas.drawRightString(width - MARGIN, MARGIN - 12, printable(f"{settings.WAGTAIL_SITE_NAME}　{at}"))


def _flow(paper: Paper, words: Words, font: str, width: float) -> list[Any]:
    plain = ParagraphStyle("plain", fontName=font, fontSize=10, leading=14, wordWrap="CJK")
    title = ParagraphStyle("title", parent=plain, fontSize=16, leading=22, spaceAfter=8)
    label = ParagraphStyle("label", parent=plain, textColor=colors.HexColor("#444444"), fontSize=9)
    note = ParagraphStyle("note", parent=plain, spaceAfter=8)
    rows: list[list[Any]] = [[_paragraph(name, label), _paragraph(text, plain)] for name, text in paper.facts]
    style: list[tuple[Any, ...]] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#999999")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    for name, text in _in_pieces(paper.body):
        if not text:
            style += [
                ("SPAN", (0, len(rows)), (1, len(rows))),
                ("BACKGROUND", (0, len(rows)), (1, len(rows)), colors.HexColor("#e8eef7")),
            ]
        rows.append([_paragraph(name, label if text else plain), _paragraph(text, plain)])
    table = LongTable(rows, colWidths=[LABEL_WIDTH, width - LABEL_WIDTH])
    table.setStyle(style)
    above = [_paragraph(paper.note, note)] if paper.note else []
    below = [_paragraph(words.missing, label)] if GETA in printable(paper.texts) else []
    return [_paragraph(paper.title, title), *above, table, *below]


def _in_pieces(body: Lines) -> Iterator[tuple[str, str]]:
    for label, text in body:
        for piece in _pieces(text):
            yield label, piece


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


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)
