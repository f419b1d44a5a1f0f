"""数値. Kept as text, so that no digit is ever lost to a binary fraction."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import MAX_DIGITS, parse_number, plain
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler
from formbuilder.fields.reading import text_in
from formbuilder.japanese.text import to_number_line

MAX_DECIMALS = 6
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_HALF_DOTS = str.maketrans("。．、，", "..,,")  # what a Japanese keyboard gives for the two keys


def read_number(text: str) -> Decimal | None:
    """The number, in any width, with thousands separators or without; None when it is none."""
    line = to_number_line(text).translate(_HALF_DOTS).removeprefix("+")
    if _GROUPED.fullmatch(line):
        line = line.replace(",", "")
    return parse_number(line)


def with_unit(number: Decimal, unit: str, *, grouped: bool) -> str:
    text = plain(number)
    return f"{Decimal(text):,f}{unit}" if grouped else f"{text}{unit}"


class NumberType(FieldType):
    name = "number"
    label = "数値"
    has_box = True
    icon = "decimal"
    kind = "number"
    example = "3"

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            # not DecimalBlock: its value is no JSON, and a form travels as a JSON file
            ("min", blocks.CharBlock(required=False, max_length=30, label="最小の値")),
            ("max", blocks.CharBlock(required=False, max_length=30, label="最大の値")),
            ("unit", blocks.CharBlock(required=False, max_length=10, label="単位", help_text="例: 人、円、m²")),
            (
                "decimals",
                blocks.IntegerBlock(default=0, min_value=0, max_value=MAX_DECIMALS, label="小数点以下の桁数"),
            ),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        least, most = (_bound(value, name, compiler) for name in ("min", "max"))
        if least is not None and most is not None and least > most:
            compiler.problem(f"最小の値（{plain(least)}）が最大の値（{plain(most)}）より大きくなっています。")
        return {
            "min": None if least is None else plain(least),
            "max": None if most is None else plain(most),
            "unit": value["unit"] or "",
            "decimals": value["decimals"],
        }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        options = field.options
        text = to_number_line(text_in(raw))
        if not text:
            return None
        number = read_number(text.removesuffix(options.get("unit") or ""))
        if number is None:
            raise FieldRefused(
                _("%(label)sは%(max_digits)s桁までの数字で入力してください。")
                % {"label": field.label, "max_digits": MAX_DIGITS}
            )
        answer, decimals = plain(number), options.get("decimals") or 0
        if len(answer.partition(".")[2]) > decimals:
            if decimals:
                told = _("%(label)sは小数点以下%(decimals)s桁までの数字で入力してください。")
                raise FieldRefused(told % {"label": field.label, "decimals": decimals})
            raise FieldRefused(_("%(label)sは整数で入力してください。") % {"label": field.label})
        _check_range(field, number)
        return answer

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        """Amounts of money with separators; 年 and the like without."""
        unit = field.options.get("unit") or ""
        number = parse_number(answer) if isinstance(answer, str) else None
        return "" if number is None else with_unit(number, unit, grouped=unit.endswith("円"))

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return ["" if answer is None else str(answer)]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["number"]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        decimals = field.options.get("decimals") or 0
        fraction = rf"(\.[0-9]{{1,{decimals}}})?" if decimals else ""
        return {"type": "string", "title": field.label, "pattern": f"^-?[0-9]+{fraction}$"}


def _bound(value: Mapping[str, Any], name: str, compiler: FormulaCompiler) -> Decimal | None:
    text = str(value[name] or "").strip()
    number = read_number(text) if text else None
    if text and number is None:
        compiler.problem(f"{'最小' if name == 'min' else '最大'}の値「{text}」を数字で入力してください。")
    return number


def _check_range(field: FieldDef, number: Decimal) -> None:
    least, most = field.options.get("min"), field.options.get("max")
    too_small = least is not None and number < Decimal(least)
    if not too_small and (most is None or number <= Decimal(most)):
        return
    if least is not None and most is not None:
        raise FieldRefused(
            _("%(label)sは%(least)sから%(most)sまでの数字で入力してください。")
            % {"label": field.label, "least": least, "most": most}
        )
    if too_small:
        raise FieldRefused(
            _("%(label)sは%(least)s以上の数字で入力してください。") % {"label": field.label, "least": least}
        )
    raise FieldRefused(_("%(label)sは%(most)s以下の数字で入力してください。") % {"label": field.label, "most": most})
