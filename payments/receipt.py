"""納付確認書: that the fee was paid, on one page of A4. It is no 領収証書, and says so."""

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import timezone
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from applications.printing.font import embedded_font, printable
from payments.requirement import METHODS
from payments.standing import Standing

CONTENT_TYPE = "application/pdf"
FILE_NAME = "納付確認書_{number}.pdf"
TITLE = "納付確認書"
NOTE = "この書面は、手数料の納付を確認したことをお知らせするものです。領収証書ではありません。"
MARGIN = 22 * mm
COLUMNS = (42 * mm, A4[0] - 2 * MARGIN - 42 * mm)

Rows = list[tuple[str, str]]


def pdf_of(standing: Standing) -> bytes:
    rows, money, footer = facts_of(standing), money_of(standing), issuer_of(standing)
    words = [TITLE, NOTE, *footer, *(word for row in [*rows, *money] for word in row)]
    with embedded_font(printable("".join(words))) as font:
        return _document(standing, font, rows, money, footer)


def facts_of(standing: Standing) -> Rows:
    application, fee = standing.application, standing.fee
    rows = [
        ("納付番号", fee.number),
        ("受付番号", application.reference or ""),
        ("手続の名前", application.version.engine.definition.title),
        ("申請者", application.applicant),
        ("収入科目", fee.account),
    ]
    return [row for row in rows if row[1]]


def money_of(standing: Standing) -> Rows:
    """The lines of the fee, each payment and each refund with its day, and what remains."""
    rows = [(line.label, f"{line.price:,}円 × {line.quantity:,} ＝ {line.amount:,}円") for line in standing.lines]
    for payment in standing.payments:
        method = METHODS.get(payment.method, "オンライン")
        number = f"　領収番号 {payment.receipt_number}" if payment.receipt_number else ""
        rows.append(("納付", f"{payment.amount:,}円　{_moment(payment.paid_at)}　{method}{number}"))
    for refund in standing.refunds:
        state = _moment(refund.done_at) if refund.done_at and not refund.failed_at else refund.get_state_display()
        rows.append(("返金", f"{refund.amount:,}円　{state}　{refund.reason}"))
    return [*rows, ("納付額（返金を除く）", f"{standing.balance.net:,}円")]


def issuer_of(standing: Standing) -> list[str]:
    department = standing.application.department
    contact = "　".join(part for part in (department.phone, department.email) if part)
    today = timezone.localdate()
    issued = f"{today.year}年{today.month}月{today.day}日"
    return [line for line in (issued, f"{settings.WAGTAIL_SITE_NAME} {department.name}", contact) if line]


def _moment(at: Any) -> str:
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}時{local.minute:02}分"


def _document(standing: Standing, font: str, rows: Rows, money: Rows, footer: list[str]) -> bytes:
    plain = ParagraphStyle("plain", fontName=font, fontSize=10.5, leading=16, wordWrap="CJK")
    title = ParagraphStyle("title", parent=plain, fontSize=18, leading=26, alignment=1)
    right = ParagraphStyle("right", parent=plain, alignment=2)
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        title=f"{TITLE} {standing.fee.number}",
        author="",
        lang="ja-JP",
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    document.build(
        [
            _text(TITLE, title),
            Spacer(1, 8 * mm),
            _table(rows, plain),
            Spacer(1, 6 * mm),
            _table(money, plain),
            Spacer(1, 6 * mm),
            _text(NOTE, plain),
            Spacer(1, 12 * mm),
            *(_text(line, right) for line in footer),
        ]
    )
    return file.getvalue()


def _table(rows: Rows, style: ParagraphStyle) -> Table:
    table = Table([[_text(cell, style) for cell in row] for row in rows], colWidths=COLUMNS)
    table.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
            ("BACKGROUND", (0, 0), (0, -1), colors.HexColor("#f2f2f2")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
    return table


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(printable(text)), style)
