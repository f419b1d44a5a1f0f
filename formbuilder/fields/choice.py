"""一つ選ぶ and いくつでも選ぶ. An answer is the option's value: its code, or its text where it has none."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.blocks import OptionBlock, options_of
from formbuilder.fields.reading import list_in, text_in

FIRST = [{"label": "選択肢1", "code": ""}, {"label": "選択肢2", "code": ""}]  # of a new item
NOT_OFFERED = gettext_noop("{label}は、示された選択肢の中から選んでください。")


class OptionsType(FieldType):
    """Base of what is chosen from options: `[{"value", "label"}]`."""

    group = "選択"
    missing = gettext_noop("「{label}」を選んでください。")

    def offered(self, field: FieldDef) -> list[dict[str, str]]:
        return list(field.options.get("choices", ()))

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"choices": self.offered(field)}

    def values(self, field: FieldDef) -> list[str]:
        return [choice["value"] for choice in self.offered(field)]

    def named(self, field: FieldDef, text: str) -> str:
        """The value of the option with this label; the text itself where it is a value, or none of them."""
        return next((choice["value"] for choice in self.offered(field) if choice["label"] == text), text)

    def labels(self, field: FieldDef, values: Iterable[str]) -> str:
        known = {choice["value"]: choice["label"] for choice in self.offered(field)}
        return _("、").join(known.get(value, value) for value in values)

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [self.display(field, answer)]


class ChoiceType(OptionsType):
    name = "choice"
    label = "一つ選ぶ"
    icon = "radio-full"
    example: ClassVar[Any] = "選択肢1"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("choices", blocks.ListBlock(OptionBlock(), default=FIRST, label="選択肢")),
            (
                "widget",
                blocks.ChoiceBlock(
                    choices=[("radio", "すべて並べて示す"), ("select", "押すと開く一覧（6個以上のとき）")],
                    default="radio",
                    label="見せ方",
                ),
            ),
        ]

    def editor_options(self, value: Mapping[str, Any]) -> list[dict[str, str]] | None:
        return options_of(value["choices"])

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"choices": _choices(value, compiler), "widget": value["widget"]}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = text_in(raw)
        if not text:
            return None
        if text not in self.values(field):
            raise FieldRefused(_(NOT_OFFERED).format(label=field.label))
        return text

    def written(self, field: FieldDef, text: str) -> Any:
        return self.named(field, text)

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return "" if answer is None else self.labels(field, [answer])

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "enum": self.values(field)}


class FixedChoiceType(ChoiceType):
    """Its options are the program's, which says them in every language."""

    fixed: ClassVar[Mapping[str, str]]  # value -> label
    widget: ClassVar[str] = "radio"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return []

    def offered(self, field: FieldDef) -> list[dict[str, str]]:
        return [{"value": value, "label": _(label)} for value, label in self.fixed.items()]

    def editor_options(self, value: Mapping[str, Any]) -> list[dict[str, str]] | None:
        return [{"value": value, "label": label} for value, label in self.fixed.items()]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"widget": self.widget}

    def template(self) -> str:
        return "formbuilder/fields/choice.html"


class ChoicesType(OptionsType):
    name = "choices"
    label = "いくつでも選ぶ"
    icon = "list-ul"
    kind = "texts"
    multiple = True
    example: ClassVar[Any] = ["選択肢1"]

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("choices", blocks.ListBlock(OptionBlock(), default=FIRST, label="選択肢")),
            ("min", blocks.IntegerBlock(required=False, min_value=1, max_value=200, label="少なくとも選ぶ数")),
            ("max", blocks.IntegerBlock(required=False, min_value=1, max_value=200, label="多くても選べる数")),
        ]

    def editor_options(self, value: Mapping[str, Any]) -> list[dict[str, str]] | None:
        return options_of(value["choices"])

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        choices, least, most = _choices(value, compiler), value["min"], value["max"]
        if least and most and least > most:
            compiler.problem(f"少なくとも選ぶ数（{least}）が、多くても選べる数（{most}）より大きくなっています。")
        if (least or 0) > len(choices):
            compiler.problem(f"選択肢は{len(choices)}個なので、{least}個以上選ぶことはできません。")
        return {"choices": choices, "min": least, "max": most}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = set(list_in(raw)) - {""}
        if not given:
            return None
        chosen = [value for value in self.values(field) if value in given]
        if len(chosen) < len(given):
            raise FieldRefused(_(NOT_OFFERED).format(label=field.label))
        least, most = field.options.get("min"), field.options.get("max")
        if least and len(chosen) < least:
            raise FieldRefused(_("%(label)sは%(least)s個以上選んでください。") % {"label": field.label, "least": least})
        if most and len(chosen) > most:
            raise FieldRefused(
                _("%(label)sは%(most)s個まで選べます（今は%(chosen)s個です）。")
                % {"label": field.label, "most": most, "chosen": len(chosen)}
            )
        return chosen

    def written(self, field: FieldDef, text: str) -> Any:
        return [self.named(field, word) for word in text.split("、")]

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return self.labels(field, answer or [])

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        limits = {
            "minItems": field.options.get("min") or 1,
            "maxItems": field.options.get("max") or len(self.values(field)),
        }
        items = {"type": "string", "enum": self.values(field)}
        return {"type": "array", "title": field.label, "items": items, "uniqueItems": True, **limits}


def _choices(value: Mapping[str, Any], compiler: FormulaCompiler) -> list[dict[str, str]]:
    choices = options_of(value["choices"])
    if not choices:
        compiler.problem("選択肢がありません。二つ以上入れてください。")
    for what, name in ("選択肢", "label"), ("コード", "value"):
        for text in _repeated(choice[name] for choice in choices):
            compiler.problem(f"{what}「{text}」が二つあります。一方を変えてください。")
    return choices


def _repeated(texts: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
    return [text for text, times in seen.items() if times > 1]
