"""How types read boxes and settings: whatever a browser sent becomes text, or a FieldRefused that says what to do."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.fields.base import FieldRefused
from formbuilder.japanese import Refused
from formbuilder.japanese.text import clean_line, visible_length

UNREADABLE = gettext_noop("入力された内容を読み取れませんでした。もう一度入力してください。")
LONGEST_BOX = 20_000  # code points of one box; beyond that nothing is worth the time of looking at it
LONGEST_CHARACTER = 20  # code points; a joined family of four has 11


def text_in(raw: Any, part: str = "") -> str:
    """The text of one box; a tampered request may send anything."""
    if not isinstance(raw, str):
        raise FieldRefused(_(UNREADABLE), part)
    if len(raw) > LONGEST_BOX:
        raise FieldRefused(_("入力が長すぎます（%(raw)s文字）。短くして入力してください。") % {"raw": len(raw)}, part)
    return raw


def lines_in(raw: Any, parts: Iterable[str]) -> dict[str, str]:
    """One clean line for each part; a box that was not sent is empty."""
    if not isinstance(raw, Mapping):
        raise FieldRefused(_(UNREADABLE))
    return {part: clean_line(text_in(raw.get(part, ""), part)) for part in parts}


def list_in(raw: Any) -> list[str]:
    """Several values under one name."""
    if not isinstance(raw, list) or not all(isinstance(value, str) for value in raw):
        raise FieldRefused(_(UNREADABLE))
    return raw


def taken(read: Callable[[str], str], text: str, part: str = "") -> str:
    """`read(text)`; its refusal is put at the part."""
    try:
        return read(text)
    except Refused as refused:
        raise FieldRefused(refused.message, part) from refused


def check_length(text: str, most: int, what: str, part: str = "") -> None:
    """Refuse more than `most` characters as people count them."""
    if len(text) > most and (count := _count(text, most)) > most:
        raise FieldRefused(
            _("%(what)sは%(most)s文字以内で入力してください（今は%(count)s文字です）。")
            % {"what": what, "most": most, "count": count},
            part,
        )


def _count(text: str, most: int) -> int:
    """Characters as people count them; of what is far too long, code points, which take no time to count."""
    return len(text) if len(text) > most * LONGEST_CHARACTER else visible_length(text)
