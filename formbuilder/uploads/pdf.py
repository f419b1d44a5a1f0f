"""Refuses a PDF that is damaged, locked, or does something when it is opened. The file itself stays as it came.

There is no PDF parser here on purpose: a parser follows the file's own index and sees what that index shows, while
readers rebuild broken files each in their own way. Every dangerous feature must be called by its name somewhere
(`/JavaScript`, `/Launch`, …), either in the plain bytes or inside a compressed *object stream*. So all bytes are
searched, and all object streams are unpacked, within a budget, and searched. What cannot be unpacked is refused.

Names: ISO 32000-2, 7.3.5 (a name may spell any character as #xx), 12.6.4 (actions), 7.11.4 (embedded files).
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from formbuilder.japanese.wording import gettext as _
from formbuilder.uploads.refused import UploadRefused, broken

# Runs code, opens a program or another document, sends or reads data, carries other files. Rendition can run code
# without the name JavaScript; a file may be embedded without the name EmbeddedFile but never without /EF.
_ACTIVE = (
    b"JavaScript",
    b"Launch",
    b"Rendition",
    b"RichMedia",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
    b"GoToE",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"FileAttachment",
)

_SPACE = rb"\x00\t\n\x0c\r "
_NAME_CHARACTER = rb"[^" + _SPACE + rb"()<>\[\]{}/%]"
_END_OF_NAME = rb"(?!" + _NAME_CHARACTER + rb")"

_ACTIVE_NAME = re.compile(rb"/(?:" + b"|".join(_ACTIVE) + rb")" + _END_OF_NAME)
# Two letters turn up by chance in compressed bytes (once in 16 MB): only with what may stand around them, which is a
# dictionary, a reference or a comment.
_EMBEDDED = re.compile(
    rb"(?<=[\t-\r -~\x00])/EF" + _END_OF_NAME + rb"[" + _SPACE + rb"]*(?:<<|%|\d+[" + _SPACE + rb"%])"
)
_ENCRYPTED = re.compile(rb"/Encrypt" + _END_OF_NAME)
_ROOT = re.compile(rb"/Root" + _END_OF_NAME)

# Long enough for the longest name above with every character written as #xx.
_RESPELLED = re.compile(rb"/(?:(?!#)" + _NAME_CHARACTER + rb"){0,14}#[0-9A-Fa-f]{2}" + _NAME_CHARACTER + rb"{0,42}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")

_HEADER = re.compile(rb"%PDF-[12]\.\d")
_TAIL = re.compile(rb"startxref[" + _SPACE + rb"]+(\d{1,10})[" + _SPACE + rb"]+%%EOF[" + _SPACE + rb"]*\Z")
_TAIL_SIZE = 2048


def check(data: bytes) -> None:
    """Raises UploadRefused. Time and memory are bounded by the size of `data`."""
    tail = _TAIL.search(data, max(0, len(data) - _TAIL_SIZE))
    names = _with_plain_names(data)
    if not _HEADER.match(data) or not tail or int(tail[1]) >= len(data) or not _ROOT.search(names):
        raise broken()
    if _ENCRYPTED.search(names):
        raise _locked()
    if zipfile.is_zipfile(BytesIO(data)):
        raise _mixed()
    if _is_active(names) or any(_is_active(_with_plain_names(content)) for content in _object_streams(data)):
        raise _active()


def _with_plain_names(data: bytes) -> bytes:
    return _RESPELLED.sub(lambda name: _plain_name(name[0]), data)


def _plain_name(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name)


def _is_active(data: bytes) -> bool:
    return bool(_ACTIVE_NAME.search(data) or _EMBEDDED.search(data))


# --- object streams ---

_OBJECT = re.compile(rb"(?<![A-Za-z])obj(?=[<%" + _SPACE + rb"])")
_GAP = re.compile(rb"[" + _SPACE + rb"]+|%[^\r\n]*")
_TOKEN = re.compile(
    rb"(?P<open><<)|(?P<close>>>)|/(?P<name>" + _NAME_CHARACTER + rb"*)|(?P<string>\()"
    rb"|%[^\r\n]*|<[^<>]*>|[^()<>/%]+"
)
_STRING_EDGE = re.compile(rb"\\.|[()]", re.DOTALL)
_STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)?")
# A dictionary without anything nested that is the whole object: no stream follows.
_FLAT = re.compile(rb"[^<>()%]*>>[" + _SPACE + rb"]*endobj")

# /First belongs to object streams alone, and readers that do not ask for the /Type still need it.
_MARKS = frozenset({b"ObjStm", b"First"})
# More than this in the dictionary (another filter, a predictor, outside data) and the stream cannot be searched.
_PLAIN = frozenset({b"Type", b"ObjStm", b"N", b"First", b"Length", b"Filter", b"FlateDecode", b"Extends"})

_PIECE = 16 * 1024


@dataclass(slots=True)
class _Budget:
    """What may still be spent on one file. Objects inside objects would otherwise cost the square of its size."""

    read: int
    # About a second. Counted are nested dictionaries and those before a stream: a book of 1,000 pages has 100,000.
    tokens: int = 1_000_000
    # Object streams hold dictionaries, not pictures: those of a whole book stay below a few MB.
    unpacked: int = 32 * 1024 * 1024

    def spend(self, *, read: int = 0, tokens: int = 0, unpacked: int = 0) -> None:
        self.read -= read
        self.tokens -= tokens
        self.unpacked -= unpacked
        if min(self.read, self.tokens, self.unpacked) < 0:
            raise _unsearchable()


def _object_streams(data: bytes) -> Iterator[bytes]:
    """The unpacked content of every object stream that any reader might find."""
    budget = _Budget(read=4 * len(data) + 1024 * 1024)
    for found in _OBJECT.finditer(data):
        start = _after_gap(data, found.end(), budget)
        if not data.startswith(b"<<", start):
            continue
        if flat := _FLAT.match(data, start + 2):
            budget.spend(read=flat.end() - start)
            continue
        names, end = _dictionary(data, start + 2, budget)
        stream = _STREAM.match(data, _after_gap(data, end, budget))
        if not stream or not _MARKS & set(names):
            continue
        filters = names.count(b"Filter")
        if not set(names) <= _PLAIN or filters > 1 or names.count(b"FlateDecode") != filters:
            raise _unsearchable()
        if filters:
            yield _unpacked(data, stream.end(), budget)


def _after_gap(data: bytes, position: int, budget: _Budget) -> int:
    while gap := _GAP.match(data, position):
        budget.spend(read=gap.end() - position, tokens=1)
        position = gap.end()
    return position


def _dictionary(data: bytes, start: int, budget: _Budget) -> tuple[list[bytes], int]:
    """The names directly in the dictionary that opens before `start`, as keys or values, and where it ends."""
    names: list[bytes] = []
    position, depth = start, 1
    while depth:
        token = _TOKEN.match(data, position)
        if not token:
            raise broken()
        position = _string_end(data, token.end(), budget) if token["string"] else token.end()
        budget.spend(read=position - token.start(), tokens=1)
        depth += bool(token["open"]) - bool(token["close"])
        if depth == 1 and token["name"]:
            names.append(_plain_name(token["name"]))
    return names, position


def _string_end(data: bytes, start: int, budget: _Budget) -> int:
    depth = 1
    for edge in _STRING_EDGE.finditer(data, start):
        budget.spend(tokens=1)
        depth += {b"(": 1, b")": -1}.get(edge[0], 0)
        if not depth:
            return edge.end()
    raise broken()


def _unpacked(data: bytes, start: int, budget: _Budget) -> bytes:
    unpacker, content, position = zlib.decompressobj(), bytearray(), start
    try:
        while not unpacker.eof:
            piece = unpacker.unconsumed_tail
            if not piece:
                piece = data[position : position + _PIECE]
                position += _PIECE
                budget.spend(read=_PIECE)
            if not piece:
                raise broken()
            output = unpacker.decompress(piece, _PIECE)
            budget.spend(unpacked=len(output))
            content += output
    except zlib.error:
        raise broken() from None
    return bytes(content)


# --- what the applicant is told ---


def _locked() -> UploadRefused:
    return UploadRefused(
        "encrypted",
        _("このPDFには、パスワードまたは編集や印刷の制限がかかっています。制限を外したPDFを選んでください。"),
    )


def _active() -> UploadRefused:
    return UploadRefused(
        "active",
        _(
            "このPDFには、プログラムや別のファイルが含まれています。"
            "PDFを開いて「印刷」から「PDFとして保存」で作り直したものを選んでください。"
        ),
    )


def _mixed() -> UploadRefused:
    return UploadRefused(
        "mixed", _("このPDFには、ほかの種類のファイルが混ざっています。PDFだけのファイルを選んでください。")
    )


def _unsearchable() -> UploadRefused:
    return UploadRefused(
        "unsearchable",
        _(
            "このPDFは中身を確認できませんでした。"
            "PDFを開いて「印刷」から「PDFとして保存」で作り直したものを選んでください。"
        ),
    )
