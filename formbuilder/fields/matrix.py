"""表で選ぶ: several questions with the same options. An answer is {code of the question: value of the option}."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FormulaCompiler, Part
from formbuilder.fields.blocks import OptionBlock, options_of
from formbuilder.fields.choice import NOT_OFFERED, OptionsType
from formbuilder.fields.reading import lines_in
from formbuilder.fields.split import part_code, repeated

ROWS = [{"label": "窓口の対応", "code": ""}, {"label": "説明の分かりやすさ", "code": ""}]  # of a new item
CHOICES = [{"label": "満足", "code": ""}, {"label": "ふつう", "code": ""}, {"label": "不満", "code": ""}]


class MatrixType(OptionsType):
    name = "matrix"
    label = "表で選ぶ（質問×選択肢）"
    icon = "table"
    kind = None
    in_rows = False
    splits = True
    takes_default = False
    own_parts = "rows"
    example: ClassVar[Any] = {part_code("窓口の対応"): "満足", part_code("説明の分かりやすさ"): "ふつう"}

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            ("rows", blocks.ListBlock(OptionBlock(), default=ROWS, label="質問（行）")),
            ("choices", blocks.ListBlock(OptionBlock(), default=CHOICES, label="選択肢（列）")),
            (
                "every_row",
                blocks.BooleanBlock(required=False, default=True, label="一つ答えたら、すべての行に答えてもらう"),
            ),
        ]

    def editor_options(self, value: Mapping[str, Any]) -> list[dict[str, str]] | None:
        return options_of(value["choices"])

    def editor_parts(self, value: Mapping[str, Any]) -> Mapping[str, Part]:
        return {part_code(row["value"]): Part(row["label"]) for row in options_of(value["rows"])}

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        rows, choices = options_of(value["rows"]), options_of(value["choices"])
        for what, options in ("質問", rows), ("選択肢", choices):
            if not options:
                compiler.problem(f"{what}がありません。二つ以上入れてください。")
            for text in repeated(options):
                compiler.problem(f"{what}「{text}」が二つあります。一方を変えてください。")
        named = [{"value": part_code(row["value"]), "label": row["label"]} for row in rows]
        return {"rows": named, "choices": choices, "every_row": bool(value["every_row"])}

    def parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        return {row["value"]: Part(row["label"]) for row in field.options.get("rows", ())}

    def formula_parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        return self.parts_of(field)

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"choices": self.offered(field), "rows": field.options.get("rows", ())}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        parts, offered = self.parts_of(field), self.values(field)
        given = lines_in(raw, parts)
        for code, value in given.items():
            if value and value not in offered:
                raise FieldRefused(_(NOT_OFFERED).format(label=parts[code].label), code)
        chosen = {code: value for code, value in given.items() if value}
        if chosen and field.options.get("every_row") and len(chosen) < len(parts):
            missing = next(code for code in parts if code not in chosen)
            raise FieldRefused(_(ROW_MISSING).format(label=parts[missing].label), missing)
        return chosen or None

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        given = answer or {}
        return "\n".join(
            f"{part.label}：{self.labels(field, [given[code]])}"
            for code, part in self.parts_of(field).items()
            if code in given
        )

    def items(self, field: FieldDef) -> Iterator[FieldDef]:
        """A choice for each row: a column follows its question through the versions of a form."""
        for code, part in self.parts_of(field).items():
            name = f"{field.name}：{part.label}"
            yield FieldDef(f"{field.key}.{code}", "choice", name, part.label, options={"choices": self.offered(field)})

    def flat(self, field: FieldDef, answer: Answer | None) -> dict[str, Answer]:
        return {f"{field.key}.{code}": value for code, value in (answer or {}).items()}

    def headers(self, field: FieldDef) -> list[str]:
        return [item.name for item in self.items(field)]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        given = answer or {}
        return [self.labels(field, [given[code]]) if code in given else "" for code in self.parts_of(field)]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        row = {"type": "string", "enum": self.values(field)}
        parts = self.parts_of(field)
        needed = list(parts) if field.options.get("every_row") else []
        return {
            "type": "object",
            "title": field.label,
            "properties": {code: {**row, "title": part.label} for code, part in parts.items()},
            "required": needed,
            "additionalProperties": False,
            "minProperties": 1,
        }


ROW_MISSING = gettext_noop("「{label}」を選んでください。")
