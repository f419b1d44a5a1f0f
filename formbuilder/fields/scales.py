"""評価 and 公金受取口座の利用: one of a few answers that are always the same."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.choice import NOT_OFFERED, FixedChoiceType
from formbuilder.fields.reading import text_in

REGISTERED, NAMED = "registered", "named"


class RatingType(FieldType):
    """Kept as a number: averages are what it is asked for."""

    name = "rating"
    label = "評価（5段階など）"
    icon = "pick"
    group = "選択"
    kind = "number"
    example = "3"
    missing = gettext_noop("「{label}」を選んでください。")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("steps", blocks.IntegerBlock(default=5, min_value=2, max_value=10, label="段階の数")),
            ("low", blocks.CharBlock(default="不満", max_length=20, label="いちばん低い評価の言葉")),
            ("high", blocks.CharBlock(default="満足", max_length=20, label="いちばん高い評価の言葉")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        return {"steps": value["steps"], "low": value["low"], "high": value["high"]}

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        most, options = _steps(field), field.options
        words = {1: options.get("low", ""), most: options.get("high", "")}
        return {"choices": [(str(n), f"{n}　{words.get(n, '')}".strip()) for n in range(1, most + 1)]}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = text_in(raw)
        if not text:
            return None
        if text not in {str(number) for number in range(1, _steps(field) + 1)}:
            raise FieldRefused(_(NOT_OFFERED).format(label=field.label))
        return text

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if not answer:
            return ""
        return _("%(answer)s（%(steps)s段階のうち）") % {"answer": answer, "steps": _steps(field)}

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [answer or ""]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["number"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "enum": [str(n) for n in range(1, _steps(field) + 1)]}


def _steps(field: FieldDef) -> int:
    return int(field.options.get("steps") or 5)


class RefundAccountType(FixedChoiceType):
    """Whether the account that the resident has registered with the state is to be used. The number is not asked:
    the department gets it from 情報連携, and shows 振込先の口座 where 「口座を指定する」 was chosen."""

    name = "refund_account"
    label = "公金受取口座の利用"
    icon = "clipboard-list"
    group = "口座・計算"
    example = REGISTERED
    fixed: ClassVar = {
        REGISTERED: gettext_noop("公金受取口座を利用する（口座の情報を国から受け取ることに同意します）"),
        NAMED: gettext_noop("口座を指定する"),
    }
