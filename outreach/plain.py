"""Rich text as lines of plain text, for a mail."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.conf import settings

LISTS = frozenset({"ul", "ol"})
BLOCKS = LISTS | {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr", "blockquote"}
_SPACE = re.compile(r"[ \t\r\n\f]+")  # not the full-width one: a browser shows every one of those
_NO_SCHEME_NEEDED = re.compile(r"^(?:mailto|tel):", re.IGNORECASE)


def plain_text(html: str) -> str:
    """One line for each block, item or `<br>`; an address stands in （） behind the words that link to it.

    html: as a browser gets it, so of rich text what `expand_db_html` makes of it.
    """
    lines = _Lines()
    lines.feed(html)
    lines.close()
    return "\n".join(lines.done())


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._mark = ""  # before the next line: of the list item that has just begun
        self._counts: list[int | None] = []  # of each list around us the items so far; None: not numbered
        self._href = ""
        self._words = ""  # of the link so far

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._end_line()
        if tag in LISTS:
            self._counts.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._mark = self._next_mark()
        elif tag == "a":
            self._href, self._words = dict(attrs).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        if tag in BLOCKS:
            self._end_line()
        if tag == "li":
            self._mark = ""
        elif tag in LISTS and self._counts:
            self._counts.pop()

    def handle_data(self, data: str) -> None:
        self._line += data
        self._words += data

    def done(self) -> list[str]:
        self._end_line()
        return self._lines

    def _next_mark(self) -> str:
        indent = "　" * (len(self._counts) - 1)
        count = self._counts[-1] if self._counts else None
        if count is None:
            return f"{indent}・"
        self._counts[-1] = count + 1
        return f"{indent}{count + 1}. "

    def _end_link(self) -> None:
        address = _address(self._href)
        if address and address != self._words.strip():
            self._line = f"{self._line.rstrip(' ')}（{address}）"
        self._href = ""

    def _end_line(self) -> None:
        text = _SPACE.sub(" ", self._line).strip(" ")
        if text:
            self._lines.append((self._mark or "　" * len(self._counts)) + text)
            self._mark = ""
        self._line = ""


def _address(href: str) -> str:
    """As one can type it, from anywhere; empty when the link leads to a place on its own page."""
    if not href or href.startswith("#"):
        return ""
    if _NO_SCHEME_NEEDED.match(href):
        return href.partition(":")[2]
    try:
        return urljoin(f"{settings.BASE_URL}/", href)
    except ValueError:  # no address at all; the mail goes out with what the editor wrote
        return href
