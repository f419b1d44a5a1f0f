"""QR codes (ISO/IEC 18004), as SVG, as PNG and for ReportLab. The only module that knows ReportLab's encoder.

ReportLab is here for every PDF, draws its codes into them as vectors, and gives the same modules for pictures; segno
would be a second encoder to keep.
"""

from io import BytesIO

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.pdfgen.canvas import Canvas

QUIET = 4  # modules of white around it
LONGEST = 1200  # bytes


class TooLong(Exception):
    """More than anybody's camera reads well."""


def modules_of(text: str) -> list[list[bool]]:
    """Rows of dark (True) and light modules, without the white around them. A quarter of it may be stained (Q)."""
    if len(text.encode()) > LONGEST:
        raise TooLong
    code = QRCode(None, QRErrorCorrectLevel.Q)
    code.addData(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.modules]


def svg_of(text: str) -> bytes:
    rows = modules_of(text)
    side = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * 8}" height="{side * 8}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    ).encode()


def png_of(text: str, scale: int = 12) -> bytes:
    """scale: pixels of a module."""
    rows = modules_of(text)
    side = len(rows) + 2 * QUIET
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET, y + QUIET), 0)
    file = BytesIO()
    image.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def draw(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """x, y: of the lower left corner, in points; side: with the white around it."""
    rows = modules_of(text)
    size = side / (len(rows) + 2 * QUIET)
    canvas.saveState()
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        top = y + side - (number + QUIET) * size
        for column, dark in enumerate(row):
            if dark:
                path.rect(x + (column + QUIET) * size, top - size, size, size)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
