"""氏名 and フリガナ: a family name and a given name."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FormulaCompiler, Part
from formbuilder.fields.group import GroupType
from formbuilder.fields.reading import check_length, lines_in
from formbuilder.japanese.kana import is_full_katakana, to_full_katakana

LONGEST = 50
# Emoji, arrows, dingbats and the marks that make emoji of other characters. ㈱ and 〇 lie elsewhere.
_PICTURES = re.compile("[\u20e3\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")


class NameType(GroupType):
    """Both boxes are needed, unless the editor lets people pass who have one name only."""

    group = "本人"
    icon = "user"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "single",
                blocks.BooleanBlock(
                    required=False,
                    label="一方だけでもよい",
                    help_text="姓と名の区別がない方（外国籍の方など）も、そのまま申請できます。",
                ),
            )
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"single": bool(value["single"])}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = {part: self.read(text, part) for part, text in lines_in(raw, self.parts).items()}
        if not any(given.values()):
            return None
        if not field.options.get("single"):
            self.check_given(given)
        return given

    def read(self, text: str, part: str) -> str:
        """The name to keep; raises FieldRefused."""
        check_length(text, LONGEST, self.parts[part].label, part)
        return text

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return " ".join(
            name for part in self.parts if (name := (answer or {}).get(part))
        )  # a database may reorder keys

    def part_schema(self, name: str) -> dict[str, Any]:
        return {"type": "string", "title": self.parts[name].label}  # either may be empty


class FullNameType(NameType):
    """Written as the person writes it: 𠮷, variation selectors and spaces inside stay."""

    name = "full_name"
    label = "氏名"
    parts: ClassVar = {"family": Part(gettext_noop("姓")), "given": Part(gettext_noop("名"))}
    example: ClassVar = {"family": "見本", "given": "花子"}

    def read(self, text: str, part: str) -> str:
        if _PICTURES.search(text):
            raise FieldRefused(
                _("%(label)sに絵文字や記号は使えません。文字だけで入力してください。")
                % {"label": _(self.parts[part].label)},
                part,
            )
        if any(unicodedata.category(character) == "Co" for character in text):
            raise FieldRefused(
                _("%(label)sに、ほかの機器では表示できない文字（外字）があります。近い字で入力してください。")
                % {"label": _(self.parts[part].label)},
                part,
            )
        return super().read(text, part)


class KanaNameType(NameType):
    name = "kana_name"
    label = "氏名のフリガナ"
    parts: ClassVar = {"family": Part(gettext_noop("セイ")), "given": Part(gettext_noop("メイ"))}
    example: ClassVar = {"family": "ミホン", "given": "ハナコ"}

    def read(self, text: str, part: str) -> str:
        if len(text) > 2 * LONGEST:  # half-width ｶﾞ is two characters and becomes one
            return super().read(text, part)
        kana = to_full_katakana(text)
        if kana and not is_full_katakana(kana):
            raise FieldRefused(
                _("%(label)sはカタカナで入力してください（例：ヤマダ）。") % {"label": _(self.parts[part].label)}, part
            )
        return super().read(kana, part)
