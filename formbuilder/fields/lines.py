"""One line of a certain form: ホームページのアドレス, フリガナ, 法人番号."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType
from formbuilder.fields.reading import check_length, text_in
from formbuilder.japanese.kana import is_full_katakana, to_full_katakana
from formbuilder.japanese.text import clean_line, to_half_width, to_number_line

LONGEST_URL = 500
LONGEST_KANA = 100
_HOST = re.compile(r"(?:[^\s./:@]+\.)+[^\s./:@]{2,}")
_HOW_TO_URL = gettext_noop("アドレスを https:// から入力してください（例：https://www.example.jp/）。")
_CORPORATE_DIGITS = 13
_HOW_TO_CORPORATE = gettext_noop("法人番号は13桁の数字で入力してください（例：7000012050002）。")


class UrlType(FieldType):
    name = "url"
    label = "ホームページのアドレス（URL）"
    icon = "link"
    has_box = True
    example = "https://www.example.jp/"

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = clean_line(text_in(raw))
        if not text:
            return None
        check_length(text, LONGEST_URL, field.label)
        text = to_half_width(text) if text[:1] in "ｈＨ" else text
        if not text.lower().startswith(("http://", "https://")):
            text = f"https://{text}" if _HOST.match(text) else text
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
        except ValueError:
            raise FieldRefused(_(_HOW_TO_URL)) from None
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or parts.username or " " in text:
            raise FieldRefused(_(_HOW_TO_URL))
        return text

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://", "minLength": 10}


class KanaType(FieldType):
    """The reading of a firm, a building or a title: in one box."""

    name = "kana"
    label = "フリガナ（1行）"
    icon = "edit"
    has_box = True
    example = "ミホンショウテン"

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = clean_line(text_in(raw))
        if not text:
            return None
        check_length(text, 2 * LONGEST_KANA, field.label)  # half-width ｶﾞ is two characters and becomes one
        kana = to_full_katakana(text)
        if not is_full_katakana(kana):
            raise FieldRefused(
                _("%(label)sはカタカナで入力してください（例：ミホンショウテン）。") % {"label": field.label}
            )
        check_length(kana, LONGEST_KANA, field.label)
        return kana

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "minLength": 1}


class CorporateNumberType(FieldType):
    """Public, and checked by its first digit."""

    name = "corporate_number"
    label = "法人番号"
    icon = "group"
    group = "本人"
    has_box = True
    example = "7000012050002"

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        line = to_number_line(text_in(raw))
        if not line:
            return None
        digits = re.sub("[ -]", "", line)
        if not re.fullmatch(f"[0-9]{{{_CORPORATE_DIGITS}}}", digits):
            raise FieldRefused(_(_HOW_TO_CORPORATE))
        if digits[0] != corporate_check_digit(digits[1:]):
            raise FieldRefused(
                _("法人番号に誤りがあります。国税庁の通知や法人番号公表サイトで確かめて入力してください。")
            )
        return digits

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "pattern": f"^[1-9][0-9]{{{_CORPORATE_DIGITS - 1}}}$"}


def corporate_check_digit(rest: str) -> str:
    """The first digit, from the other twelve: 9 less the remainder of their sum, every other one doubled, by 9."""
    total = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(rest)))
    return str(9 - total % 9)
