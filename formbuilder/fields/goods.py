"""品目と数量: things at a price, of which the resident says how many. An answer is {code of the thing: how many}."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import Scalar, plain
from formbuilder.fields.base import Answer, CellKind, FieldRefused, FieldType, FormulaCompiler, Part
from formbuilder.fields.blocks import options_of
from formbuilder.fields.number import read_number
from formbuilder.fields.reading import lines_in
from formbuilder.fields.split import part_code, repeated

MOST = 999  # of one thing
TOTAL = "total"  # no code of a thing is this: see `_items`
FIRST = [
    {"label": "品目1", "code": "", "price": 500, "most": 10},
    {"label": "品目2", "code": "", "price": 800, "most": 10},
]


class ThingBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=100, label="品目")
    code = blocks.CharBlock(
        required=False, max_length=40, label="コード", help_text="APIで使う値です。空欄なら品目の名前から決まります。"
    )
    price = blocks.IntegerBlock(default=0, min_value=0, max_value=10_000_000, label="1つの金額（円）")
    most = blocks.IntegerBlock(default=10, min_value=1, max_value=MOST, label="多くても選べる数")

    class Meta:
        label = "品目"
        icon = "tag"


class GoodsType(FieldType):
    name = "goods"
    label = "品目と数量（金額つき）"
    icon = "list-ul"
    group = "口座・計算"
    kind = None
    in_rows = False
    splits = True
    takes_default = False
    scripts = ("formbuilder/js/goods.js",)
    example: ClassVar[Any] = {part_code("品目1"): "2"}

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        return {TOTAL: Part("合計金額", "number"), "count": Part("合計数", "number")}

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("things", blocks.ListBlock(ThingBlock(), default=FIRST, label="品目")),
            (
                "most",
                blocks.IntegerBlock(
                    required=False,
                    min_value=1,
                    max_value=MOST,
                    label="全部で多くても選べる数",
                    help_text="例: 1回に5点まで",
                ),
            ),
            ("counter", blocks.CharBlock(default="個", max_length=10, label="数え方", help_text="例: 個、枚、通、点")),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        named = options_of(value["things"])
        if not named:
            compiler.problem("品目がありません。一つ以上入れてください。")
        for text in repeated(named):
            compiler.problem(f"品目「{text}」が二つあります。一方を変えてください。")
        things = [
            {"value": _code(each["value"]), "label": each["label"], "price": row["price"], "most": row["most"]}
            for each, row in zip(named, value["things"], strict=True)
        ]
        return {"things": things, "most": value["most"], "unit": value["counter"]}

    def parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        return {thing["value"]: Part(thing["label"], "number") for thing in field.options.get("things", ())}

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"things": [{**thing, "price_text": f"{thing['price']:,}"} for thing in field.options.get("things", ())]}

    def reading(self, field: FieldDef) -> dict[str, Any]:
        return {"prices": _prices(field)}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = lines_in(raw, self.parts_of(field))
        answer = {code: plain(number) for code, text in given.items() if (number := self._read(field, code, text))}
        most, count = field.options.get("most"), sum(map(int, answer.values()))
        if most and count > most:
            told = _("%(label)sは全部で%(most)s%(counter)sまでです（今は%(count)s%(counter)sです）。")
            counter = field.options.get("unit", "")
            first = next(iter(answer))
            raise FieldRefused(told % {"label": field.label, "most": most, "count": count, "counter": counter}, first)
        return answer or None

    def _read(self, field: FieldDef, code: str, text: str) -> Decimal | None:
        """How many; None and 0 are none."""
        thing = next(each for each in field.options["things"] if each["value"] == code)
        number = read_number(text.removesuffix(field.options.get("unit", ""))) if text else Decimal(0)
        if number is None or number != int(number) or not 0 <= number <= thing["most"]:
            told = _("%(label)sの数は0から%(most)sまでの数字で入力してください。")
            raise FieldRefused(told % {"label": thing["label"], "most": thing["most"]}, code)
        return number

    def scalars(self, field: FieldDef, answer: Answer | None) -> dict[str, Scalar]:
        """Nothing chosen is a sum of 0, not an unknown one."""
        given, prices = answer or {}, _prices(field)
        total = sum((Decimal(number) * prices.get(code, 0) for code, number in given.items()), Decimal(0))
        return {TOTAL: total, "count": sum(map(Decimal, given.values()), Decimal(0))}

    def total(self, field: FieldDef, answer: Answer | None) -> str:
        """In yen."""
        return plain(Decimal(str(self.scalars(field, answer)[TOTAL])))

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if not answer:
            return ""
        counter = field.options.get("unit", "")
        lines = [
            _("%(label)s：%(number)s%(counter)s（%(sum)s円）")
            % {
                "label": thing["label"],
                "number": answer[thing["value"]],
                "counter": counter,
                "sum": f"{int(answer[thing['value']]) * thing['price']:,}",
            }
            for thing in field.options.get("things", ())
            if thing["value"] in answer
        ]
        return "\n".join([*lines, _("合計：%(sum)s円") % {"sum": f"{int(self.total(field, answer)):,}"}])

    def items(self, field: FieldDef) -> Iterator[FieldDef]:
        """A number for each thing and an amount: a column follows its thing through the versions of a form."""
        for code, part in self.parts_of(field).items():
            yield FieldDef(f"{field.key}.{code}", "quantity", f"{field.name}：{part.label}", part.label)
        yield FieldDef(f"{field.key}.{TOTAL}", "money", f"{field.name}：合計金額", "合計金額")

    def flat(self, field: FieldDef, answer: Answer | None) -> dict[str, Answer]:
        if not answer:
            return {}
        return {f"{field.key}.{code}": number for code, number in {**answer, TOTAL: self.total(field, answer)}.items()}

    def headers(self, field: FieldDef) -> list[str]:
        return [item.name for item in self.items(field)]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        given = self.flat(field, answer)
        return [given.get(item.key, "") for item in self.items(field)]

    def cell_kinds(self, field: FieldDef) -> list[CellKind]:
        return ["number"] * len(self.headers(field))

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        number = {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"}
        return {
            "type": "object",
            "title": field.label,
            "properties": {code: {**number, "title": part.label} for code, part in self.parts_of(field).items()},
            "additionalProperties": False,
            "minProperties": 1,
        }


def _code(value: str) -> str:
    code = part_code(value)
    return f"{code}_" if code in (TOTAL, "count") else code


def _prices(field: FieldDef) -> dict[str, int]:
    return {thing["value"]: thing["price"] for thing in field.options.get("things", ())}
