"""A Japanese font inside the PDF: Noto Sans JP, cut down to the characters that the document uses.

ReportLab takes TrueType outlines and the font has PostScript ones, so the few glyphs that are needed are converted
(0.3 s for a thousand). What the font does not have is shown as 〓 and counted, never left out in silence.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any
from uuid import uuid4

import pylopdf_fonts_jp
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont as FontFile
from fontTools.ttLib import newTable
from reportlab.lib import fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

GETA = "〓"  # as printers have always marked a missing type
ALWAYS = "".join(map(chr, range(0x20, 0x7F))) + GETA
# Which variant of a character is meant (異体字セレクタ): no PDF writer draws it, and it would be a box of its own
_VARIANT = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_BEYOND = re.compile("<([0-9A-F]{5,6})>")
MAX_ERROR = 1.0  # of a curve, in thousandths of the type size


@cache
def _drawable() -> frozenset[int]:
    with FontFile(pylopdf_fonts_jp.sans_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> str:
    """The text as it can be drawn: 〓 for a character that the font lacks."""
    plain = _CONTROL.sub("", _VARIANT.sub("", text.replace("\t", " ")))
    return "".join(sign if ord(sign) in _drawable() or sign == "\n" else GETA for sign in plain)


class EmbeddedFont(TTFont):
    """ReportLab writes characters beyond U+FFFF into its table for copying and searching as nobody reads them."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - ReportLab's name
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                stream.content = _BEYOND.sub(lambda found: f"<{_utf16(int(found[1], 16))}>", stream.content)


def _utf16(code: int) -> str:
    return chr(code).encode("utf-16-be").hex().upper()


@contextmanager
def embedded_font(text: str) -> Iterator[str]:
    """The name of a font that has what the text needs, for one document; forgotten when that is done.

    ReportLab keeps fonts in tables of the process, by their name and by that of their face.
    """
    name = f"NotoSansJP-{uuid4().hex}"
    pdfmetrics.registerFont(EmbeddedFont(name, _true_type(text + ALWAYS, name)))
    try:
        yield name
    finally:
        # the types know none of these tables, and ReportLab has no function that forgets a font
        for table in (pdfmetrics._fonts, pdfmetrics._dynFaceNames, fonts._ps2tt_map):  # type: ignore[attr-defined]  # no stubs
            table.pop(name, None)
            table.pop(name.lower(), None)
        for bold, italic in product((0, 1), repeat=2):
            fonts._tt2ps_map.pop((name.lower(), bold, italic), None)  # type: ignore[attr-defined]  # as above


def _true_type(text: str, name: str) -> BytesIO:
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = options.recalc_bounds = True
    options.hinting = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE"]
    file = BytesIO()
    with subset.load_font(str(pylopdf_fonts_jp.sans_path()), options, lazy=True) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=text)
        subsetter.subset(font)
        _convert(font)
        font["name"].names = []
        font["name"].setName(name, 6, 3, 1, 0x409)  # PostScript name
        font.save(file)
    file.seek(0)
    return file


def _convert(font: FontFile) -> None:
    """PostScript outlines to TrueType ones, as fontTools' own otf2ttf does it."""
    shapes, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines = font["glyf"] = newTable("glyf")
    font["loca"] = newTable("loca")
    outlines.glyphOrder, outlines.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(shapes)
        shapes[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        outlines.glyphs[name] = pen.glyph()
    del font["CFF "]
    for name in order:
        shape = outlines[name]
        shape.recalcBounds(outlines)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(shape, "xMin", 0))
    font["maxp"].tableVersion = 0x00010000
    for value in (
        *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
        *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
    ):
        setattr(font["maxp"], value, 0)
    font["maxp"].maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
