"""繰り返し: rows of persons or things, each with the same items. The answer is a list of rows, a row {key: answer}."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.definition import FieldDef
from formbuilder.expressions.kinds import Kind, Scalar
from formbuilder.fields.base import Answer, FieldRefused, FieldType, FormulaCompiler, Part
from formbuilder.fields.reading import UNREADABLE
from formbuilder.japanese import Refused

MOST_ROWS = 20
MOST_READ = 2 * MOST_ROWS  # rows of one request; what is beyond is no person's typing
COUNT = "#"  # the part that is the number of rows; no key of an item looks like this
COUNT_LABEL = "件数"
COUNTERS = ("人", "件", "個", "点", "台", "枚", "匹", "冊")
# What formulas outside a row see of an item: its answers in all the rows. There are no lists of dates.
LISTED: Mapping[Kind, Kind] = {
    "text": "texts",
    "texts": "texts",
    "boolean": "texts",
    "number": "numbers",
    "numbers": "numbers",
}
_ROW = re.compile("[0-9]{1,4}")

Row = dict[str, Answer]


class RowsRefused(FieldRefused):
    """Some boxes of the rows cannot be taken."""

    def __init__(self, refusals: Sequence[FieldRefused]) -> None:
        super().__init__(refusals[0].message)
        self.refusals = refusals

    @property
    def each(self) -> Sequence[FieldRefused]:
        return self.refusals


def row_item(group: FieldDef, row: int | str, inner: FieldDef) -> FieldDef:
    """The item as it stands in one row: an item with a key of its own."""
    return replace(inner, key=f"{group.key}.{row}.{inner.key}")


def rows_in_post(data: Any, name: str) -> list[str]:
    """The numbers of a group's rows, in their order; a page may have lost some on the way.

    A row says that it is there with a hidden box of the group's own name.
    """
    sent = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [row for row in dict.fromkeys(sent) if isinstance(row, str) and _ROW.fullmatch(row)][:MOST_READ]


def next_row(rows: Sequence[str]) -> str:
    """A number that none of the rows has."""
    return str(min(set(range(len(rows) + 1)) - {int(row) for row in rows}))


def listed(label: str, kind: Kind | None) -> Part | None:
    """An item of the rows as formulas outside see it; None of one that they cannot use."""
    found = LISTED.get(kind) if kind else None
    return Part(label, found) if found else None


class RepeatType(FieldType):
    name = "repeat"
    label = "繰り返し（人・品目など）"
    icon = "list-ol"
    group = "繰り返し"
    kind = None
    has_rows = True
    splits = True
    scripts = ("formbuilder/js/rows.js",)
    in_rows = False
    multiple = True
    example: ClassVar[Any] = [{"inner": "見本"}]
    missing = gettext_noop("{label}を入力してください。")

    def __init__(self, types: Mapping[str, FieldType]) -> None:
        self.types = types  # that a row may have

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        counters = [(word, word) for word in COUNTERS]
        items = blocks.StreamBlock(
            [(name, type_.block()) for name, type_ in self.types.items()],
            required=False,
            collapsed=True,
            label="1回分の項目",
            form_classname="mg-items",
        )
        return [
            ("word", blocks.CharBlock(default="ご家族", max_length=30, label="1回分の呼び名", help_text=WORD_HELP)),
            ("counter", blocks.ChoiceBlock(choices=counters, default="人", label="数え方")),
            ("min", _count_block("少なくとも入力する数", 0)),
            ("max", _count_block("多くても入力できる数", 4)),
            (
                "add_label",
                blocks.CharBlock(
                    required=False,
                    max_length=40,
                    label="足すボタンの文字",
                    help_text="空欄なら「（呼び名）を追加する」になります。",
                ),
            ),
            ("fields", items),
        ]

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        least, most = value["min"], value["max"]
        if most < 1:
            compiler.problem("多くても入力できる数を1以上にしてください。")
        elif least > most:
            compiler.problem(
                f"少なくとも入力する数（{least}）が、多くても入力できる数（{most}）より大きくなっています。"
            )
        word = value["word"]
        return {
            "word": word,
            "counter": value["counter"],
            "min": least,
            "max": most,
            "add_label": value["add_label"] or f"{word}を追加する",
        }

    # --- its rows

    def most(self, field: FieldDef) -> int:
        return int(field.options.get("max") or 1)

    def least(self, field: FieldDef) -> int:
        """How many rows an answer has at the least."""
        return max(int(field.options.get("min") or 0), 1)

    def shown_at_first(self, field: FieldDef) -> int:
        """How many rows are there to be filled in before anybody has asked for one."""
        return self.least(field) if field.required is True else 0

    def type_of(self, inner: FieldDef) -> FieldType:
        return self.types[inner.type]

    def asked(self, field: FieldDef) -> Iterator[FieldDef]:
        """The items of a row that the resident answers."""
        return (inner for inner in field.fields if self.type_of(inner).is_input and self.type_of(inner).is_asked)

    def answered(self, field: FieldDef) -> Iterator[FieldDef]:
        """The items of a row that have an answer, calculated ones too."""
        return (inner for inner in field.fields if self.type_of(inner).is_input)

    def nth(self, field: FieldDef, row: int) -> str:
        """1人目."""
        return _("%(number)s%(counter)s目") % {"number": row + 1, "counter": field.options.get("counter") or _("件")}

    def items(self, field: FieldDef) -> Iterator[FieldDef]:
        """The items of every row that there may be, each with a key and a name of its own."""
        for row in range(self.most(field)):
            for inner in self.answered(field):
                yield replace(row_item(field, row, inner), name=f"{field.name}{row + 1}：{inner.name}")

    # --- formulas

    @property
    def formula_parts(self) -> Mapping[str, Part]:
        return {COUNT: Part(COUNT_LABEL, "number")}

    def formula_parts_of(self, field: FieldDef) -> Mapping[str, Part]:
        parts = ((inner.key, listed(inner.name, self.type_of(inner).kind)) for inner in self.answered(field))
        return {**self.formula_parts, **{key: part for key, part in parts if part}}

    def scalars(self, field: FieldDef, answer: Answer | None) -> dict[str, Scalar]:
        rows = _rows_in(answer)
        found: dict[str, Scalar] = {COUNT: Decimal(len(rows))}
        for inner in self.answered(field):
            type_ = self.type_of(inner)
            if type_.kind in LISTED:
                found[inner.key] = _listed(type_.scalars(inner, row.get(inner.key))[""] for row in rows)
        return found

    # --- resident

    def template_context(self, field: FieldDef) -> dict[str, Any]:
        return {"most": self.most(field), "counter": field.options.get("counter") or _("件")}

    def posted(self, field: FieldDef, data: Any, files: Any, name: str) -> Any:
        asked = [(inner, self.type_of(inner)) for inner in self.asked(field)]
        return [
            {inner.key: type_.posted(inner, data, files, f"{name}.{row}.{inner.key}") for inner, type_ in asked}
            for row in rows_in_post(data, name)
        ]

    def read(self, field: FieldDef, raw: Any) -> tuple[list[Row], list[FieldRefused]]:
        """The answers of each row that can be taken, and what cannot; rows keep their places, untouched ones too."""
        if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
            raise FieldRefused(_(UNREADABLE))
        rows: list[Row] = []
        refusals: list[FieldRefused] = []
        for number, boxes in enumerate(raw):
            row: Row = {}
            for inner in self.asked(field):
                type_ = self.type_of(inner)
                try:
                    answer = type_.normalise(inner, boxes[inner.key]) if inner.key in boxes else None
                except Refused as refused:
                    part = getattr(refused, "part", "")
                    refusals.append(self.at(field, number, inner, refused.message, part))
                else:
                    if answer is not None:
                        row[inner.key] = answer
            rows.append(row)
        return rows, refusals

    def at(self, field: FieldDef, row: int, inner: FieldDef, message: str, part: str = "") -> FieldRefused:
        """What is wrong with an item of a row; in the summary it says which row."""
        names = (inner.label, f"「{inner.label}", *(_(each.label) for each in self.type_of(inner).parts.values()))
        nth = self.nth(field, row)
        told = _("%(nth)sの%(message)s") if message.startswith(names) else _("%(nth)sの%(label)s：%(message)s")
        told %= {"nth": nth, "label": inner.label, "message": message}
        return FieldRefused(told, part, (row, inner.key), message)

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        """A row in which nothing was entered is no row."""
        rows, refusals = self.read(field, raw)
        touched = {refused.place[0] for refused in refusals if refused.place}
        given = [row for number, row in enumerate(rows) if row or number in touched]
        refusals = [*self._count_refused(field, len(given)), *refusals]
        if refusals:
            raise RowsRefused(refusals)
        return given or None

    def _count_refused(self, field: FieldDef, count: int) -> Iterator[FieldRefused]:
        word, counter = field.options.get("word") or field.label, field.options.get("counter") or _("件")
        if count > self.most(field):
            yield FieldRefused(
                _(
                    "%(word)sは%(most)s%(counter)sまでです（今は%(count)s%(counter)sです）。いらないものを削除してください。"
                )
                % {"word": word, "most": self.most(field), "counter": counter, "count": count}
            )
        if 0 < count < self.least(field):
            yield FieldRefused(
                _("%(word)sは%(least)s%(counter)s以上入力してください（今は%(count)s%(counter)sです）。")
                % {"word": word, "least": self.least(field), "counter": counter, "count": count}
            )

    def boxes(self, field: FieldDef, answer: Answer | None) -> Any:
        asked = list(self.asked(field))
        return [
            {inner.key: self.type_of(inner).boxes(inner, row.get(inner.key)) for inner in asked}
            for row in _rows_in(answer)
        ]

    # --- everybody else

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        return self.display_with(field, answer, lambda inner, given: self.type_of(inner).display(inner, given))

    def display_with(self, field: FieldDef, answer: Answer | None, show: Callable[[FieldDef, Answer], str]) -> str:
        """`display`, each answer shown as the reader may see it."""
        rows = []
        for number, row in enumerate(_rows_in(answer)):
            lines = [
                f"{inner.label}：{show(inner, row[inner.key])}".replace("\n", "\n　")
                for inner in self.answered(field)
                if inner.key in row
            ]
            rows.append("\n".join([f"【{self.nth(field, number)}】", *lines]))
        return "\n\n".join(rows)

    def headers(self, field: FieldDef) -> list[str]:
        return [heading for item in self.items(field) for heading in self.type_of(item).headers(item)]

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        given = self.flat(field, answer)
        return [cell for item in self.items(field) for cell in self.type_of(item).cells(item, given.get(item.key))]

    def given(self, field: FieldDef, answer: Answer | None) -> Iterator[tuple[FieldDef, Answer]]:
        """Every answer of every row, beside its item as it stands there."""
        for number, row in enumerate(_rows_in(answer)):
            for inner in self.answered(field):
                if inner.key in row:
                    yield row_item(field, number, inner), row[inner.key]

    def flat(self, field: FieldDef, answer: Answer | None) -> dict[str, Answer]:
        """The answers of all rows by the keys of `items`."""
        return {item.key: given for item, given in self.given(field, answer)}

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        properties = {inner.key: self.type_of(inner).json_schema(inner) for inner in self.answered(field)}
        row = {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}
        limits = {"minItems": self.least(field), "maxItems": self.most(field)}
        return {"type": "array", "title": field.label, "items": row, **limits}


WORD_HELP = "例: ご家族、粗大ごみ。それぞれの題名とボタンに使います。"


def _count_block(label: str, default: int) -> blocks.IntegerBlock:
    return blocks.IntegerBlock(default=default, min_value=0, max_value=MOST_ROWS, label=label)


def _rows_in(answer: Answer | None) -> list[Mapping[str, Answer]]:
    return [row for row in answer if isinstance(row, Mapping)] if isinstance(answer, list) else []


def _listed(values: Iterable[Scalar]) -> Scalar:
    """Of all rows one list; what is unanswered is left out."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, tuple):
            found += value
        elif isinstance(value, bool):
            found.append(_("はい") if value else _("いいえ"))
        elif value is not None:
            found.append(value)
    return tuple(found) or None


def carried_over(old: FieldDef, new: FieldDef, rows: Any) -> Any:
    """Rows, of answers or of boxes, as another version of the group takes them: what it has with the same type."""
    types = {inner.key: inner.type for inner in new.fields}
    same = {inner.key for inner in old.fields if types.get(inner.key) == inner.type}
    return [{key: value for key, value in row.items() if key in same} for row in _rows_in(rows)]
