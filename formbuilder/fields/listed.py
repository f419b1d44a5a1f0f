"""一覧から探す: one of a long list that the editor pastes from a sheet. Only what is found goes to the page."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from cms.folding import search_key
from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler, Part
from formbuilder.fields.reading import lines_in
from formbuilder.japanese.text import clean_line

MOST_ROWS = 5000
MOST_TOLD = 5  # names that are there twice
LONGEST = 100  # characters of a name
SHOWN = 20  # of what was found
EXAMPLE = "101,みほん小学校,みほん\n102,見本北小学校,みほんきた\n201,見本中学校,みほん"

Row = tuple[str, str, str]  # code, name, what it is found by


class SheetBlock(blocks.TextBlock):
    """Cells copied from a sheet are parted by tabs, which a text of ours does not keep: they become commas."""

    def clean(self, value: str | None) -> str | None:
        cleaned: str | None = super().clean(value)
        if not cleaned or "\t" not in cleaned:
            return cleaned
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(line.split("\t") for line in cleaned.splitlines())
        return text.getvalue().rstrip("\n")


def rows_in(text: str) -> Iterator[Row]:
    """Of 「コード,名前,よみ」, 「コード,名前」 or 「名前」 a line."""
    for line in text.splitlines():
        cells = _cells(line)
        code, name, *others = [*map(clean_line, cells)] if len(cells) > 1 else ["", clean_line("".join(cells))]
        if name:
            yield code, name, search_key("".join([code, name, *others]))


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:  # far too long for a cell
        return [line]


class ListedType(FieldType):
    name = "listed"
    label = "長い一覧から探す"
    icon = "search"
    group = "選択"
    assists = True
    assist_boxes = ("name", "name")
    scripts = ("formbuilder/js/listed.js",)
    parts: ClassVar = {"name": Part(gettext_noop("名前の一部"))}
    example: ClassVar[Any] = "見本中学校"
    not_found = gettext_noop("当てはまるものがありません。言葉を短くするか、変えて探してください。")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return [
            (
                "table",
                SheetBlock(
                    default=EXAMPLE,
                    rows=8,
                    label="一覧",
                    help_text=(
                        "Excelの表やCSVの中身を、見出しの行をのぞいて貼り付けてください。1行に一つで、"
                        f"「コード、名前、よみ」の順です（名前だけでもかまいません）。{MOST_ROWS:,}行まで。"
                    ),
                ),
            )
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        rows = list(rows_in(value["table"] or ""))
        names = Counter(name for _, name, _ in rows)
        if not rows:
            compiler.problem("一覧がありません。表を貼り付けてください。")
        if len(rows) > MOST_ROWS:
            compiler.problem(f"一覧は{MOST_ROWS:,}行までです（今は{len(rows):,}行です）。")
        for name in [name for name, times in names.items() if times > 1][:MOST_TOLD]:
            compiler.problem(f"一覧に「{name}」が二つあります。区別できる名前にしてください。")
        for name in [name for name in names if len(name) > LONGEST][:1]:
            compiler.problem(f"一覧の名前は{LONGEST}文字までです（「{name[:20]}…」）。")
        return {"table": [list(row) for row in rows]}

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        """The name, of which a part is enough where nothing else has it."""
        text = lines_in(raw, self.parts)["name"]
        if not text:
            return None
        found = self.found(field, text)
        if len(found) != 1:
            told = _("「%(text)s」に当てはまるものが%(count)s件あります。「探す」を押して選んでください。")
            message = told % {"text": text[:30], "count": len(found)} if found else _(self.not_found)
            raise FieldRefused(message, "name")
        return found[0]

    def found(self, field: FieldDef, text: str) -> list[str]:
        """The names that a text stands for: the one that is called so, else all that have it in them, or in a code."""
        rows = _rows(field)
        if any(name == text for _, name, _ in rows):
            return [text]
        key = search_key(text)
        return [name for _, name, words in rows if key in words] if key else []

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        return {"name": answer} if answer else {}

    def written(self, field: FieldDef, text: str) -> Any:
        return {"name": text}

    def assist(self, field: FieldDef, boxes: Mapping[str, str]) -> dict[str, str]:
        found = self.found(field, boxes.get("name", "").strip()[:LONGEST])
        return {"name": found[0]} if len(found) == 1 else {}

    def offers(self, field: FieldDef, boxes: Mapping[str, str]) -> list[dict[str, str]]:
        found = self.found(field, boxes.get("name", "").strip()[:LONGEST])
        return [{"name": name} for name in found[:SHOWN]] if len(found) > 1 else []

    def headers(self, field: FieldDef) -> list[str]:
        return [field.name, f"{field.name}：コード"]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return [answer or "", next((code for code, name, _ in _rows(field) if name == answer), "")]

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "minLength": 1, "maxLength": LONGEST}


def _rows(field: FieldDef) -> list[Row]:
    return [(row[0], row[1], row[2]) for row in field.options.get("table", ())]
