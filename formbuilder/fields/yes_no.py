"""はい・いいえ, and the check box of consent."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.reading import text_in

YES, NO = "yes", "no"  # what the boxes send


class YesNoType(FieldType):
    name = "yes_no"
    label = "はい・いいえ"
    icon = "check"
    group = "選択"
    kind = "boolean"
    example = True
    missing = gettext_noop("「{label}」のどちらかを選んでください。")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("yes_label", blocks.CharBlock(default="はい", max_length=40, label="「はい」の文字")),
            ("no_label", blocks.CharBlock(default="いいえ", max_length=40, label="「いいえ」の文字")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        yes, no = value["yes_label"], value["no_label"]
        if yes == no:
            compiler.problem(f"二つの選択肢がどちらも「{yes}」です。一方を変えてください。")
        return {"yes_label": yes, "no_label": no}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        match text_in(raw):
            case "":
                return None
            case "yes":
                return True
            case "no":
                return False
        raise FieldRefused(self.missing_message(field))

    def written(self, field: FieldDef, text: str) -> Any:
        return {self.display(field, True): YES, self.display(field, False): NO}.get(text, text)

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        return "" if answer is None else YES if answer else NO

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if answer is None:
            return ""
        name, usual = ("yes_label", _("はい")) if answer else ("no_label", _("いいえ"))
        return str(field.options.get(name) or usual)

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "boolean", "title": field.label}


class ConsentType(FieldType):
    """Ticked or unanswered: nobody keeps a refusal."""

    takes_default = False  # nobody agrees by leaving a tick where it is
    name = "consent"
    label = "同意"
    icon = "circle-check"
    group = "選択"
    kind = "boolean"
    example = True
    missing = gettext_noop("「同意する」にチェックを入れてください。")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "statement",
                blocks.CharBlock(
                    default="同意する",
                    max_length=200,
                    label="チェックの文字",
                    help_text="同意する内容は、前に「説明文」を置いて示してください。",
                ),
            )
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"statement": value["statement"]}

    def missing_message(self, field: FieldDef) -> str:
        return _("「%(field)s」にチェックを入れてください。") % {"field": _statement(field)}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        match text_in(raw):
            case "":
                return None
            case "yes":
                return True
        raise FieldRefused(self.missing_message(field))

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        return YES if answer else ""

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return _statement(field) if answer else ""

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"const": True, "title": field.label}


def _statement(field: FieldDef) -> str:
    return str(field.options.get("statement") or _("同意する"))
