"""チラシ: one page of A4 that leads to a procedure."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, SimpleDocTemplate, Spacer, Table

from applications.printing import qr
from applications.printing.font import embedded_font, printable

MARGIN = 20 * mm
WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN
QR_SIDE = 70 * mm
HOW = "スマートフォンのカメラで読み取るか、次のアドレスを開いてください。"
FILLS = "QRコードから開くと、次の内容が入ります。アドレスから開いたときは、申請の画面で入力してください。"
HEAD = "インターネットで申請できます"


@dataclass(frozen=True, slots=True)
class Flyer:
    """facts: (label, text), such as 受付期間; link: in the code; address: to read and type; filled: (label, answer) of
    what the link brings along."""

    title: str
    summary: str
    link: str
    address: str
    filled: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]
    contact: Sequence[str]


class _Code(Flowable):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.width, self.height, self.hAlign = text, QR_SIDE, QR_SIDE, "CENTER"

    def draw(self) -> None:
        qr.draw(self.canv, self.text, 0, 0, QR_SIDE)


def pdf_of(flyer: Flyer) -> bytes:
    """Raises qr.TooLong."""
    said = [
        HOW,
        FILLS,
        HEAD,
        "お問い合わせ",
        settings.WAGTAIL_SITE_NAME,
        flyer.title,
        flyer.summary,
        flyer.address,
        "：",
    ]
    said += [word for pair in (*flyer.facts, *flyer.filled) for word in pair] + list(flyer.contact)
    with embedded_font(printable("".join(said))) as font:
        file = BytesIO()
        document = SimpleDocTemplate(
            file,
            pagesize=A4,
            title=printable(flyer.title),
            author=settings.WAGTAIL_SITE_NAME,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN,
        )
        # a name or a summary of any length: the page shrinks, and stays one
        document.build([KeepInFrame(WIDTH - 12, HEIGHT - 12, _story(flyer, font), mode="shrink")])
        return file.getvalue()


def _story(flyer: Flyer, font: str) -> list[Any]:
    def style(size: float, **more: Any) -> ParagraphStyle:
        return ParagraphStyle("", fontName=font, fontSize=size, leading=size * 1.5, wordWrap="CJK", **more)

    def words(text: str, how: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(printable(text)).replace("\n", "<br/>"), how)

    middle = style(13, alignment=TA_CENTER)
    grey = style(11, textColor=colors.HexColor("#4d4d4d"))
    facts = [[words(label, grey), words(text, style(12))] for label, text in flyer.facts]
    flush = [("LEFTPADDING", (0, 0), (0, -1), 0)]
    columns = [36 * mm, WIDTH - 48 * mm]
    table = Table(facts, colWidths=columns, hAlign="LEFT", style=flush) if facts else Spacer(0, 0)
    return [
        words(settings.WAGTAIL_SITE_NAME, style(13)),
        Spacer(0, 6 * mm),
        words(flyer.title, style(32)),
        Spacer(0, 4 * mm),
        words(flyer.summary, style(14)) if flyer.summary else Spacer(0, 0),
        Spacer(0, 8 * mm),
        words(HEAD, style(18, alignment=TA_CENTER)),
        Spacer(0, 2 * mm),
        _Code(flyer.link),
        words(HOW, middle),
        words(flyer.address, middle),
        *([words(FILLS, middle)] if flyer.filled else []),
        *(words(f"{label}：{answer}", middle) for label, answer in flyer.filled),
        Spacer(0, 8 * mm),
        table,
        Spacer(0, 6 * mm),
        words("お問い合わせ", grey),
        *(words(line, style(13)) for line in flyer.contact),
    ]
