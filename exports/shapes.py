"""The shape that a department gives to its export: which columns, in which order, named and written how.

A shape is kept as JSON with an export that waits, so that a change of the template never changes a file halfway.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db.models import TextChoices

from applications.sheets.excel_file import Kind
from exports.columns import FIXED, Layout
from exports.rows import Reader, Taken
from formbuilder.expressions.evaluate import compile_expression
from formbuilder.expressions.formula import Resolved, parse_formula
from formbuilder.expressions.kinds import ExpressionError
from formbuilder.expressions.ops import as_text
from formbuilder.japanese.wareki import to_wareki
from formbuilder.models import FormVersion
from formbuilder.runtime import CompiledForm

# Where a column of one form comes from: key and type of its item, and which of its columns; ("", "", n) is a fixed one
Place = tuple[str, str, int]


class Source(TextChoices):
    COLUMN = "column", "項目"
    TEXT = "text", "文字と項目の組み合わせ"
    FORMULA = "formula", "計算式"


class Style(TextChoices):
    PLAIN = "plain", "そのまま"
    SLASHED = "slashed", "日付：2026/04/01"
    DIGITS = "digits", "日付：20260401"
    WAREKI = "wareki", "日付：令和8年4月1日"
    CODE = "code", "選択肢のコード"
    FIRST = "first", "区切りの前だけ"
    REST = "rest", "区切りの後だけ"


@dataclass(frozen=True, slots=True)
class Column:
    """text: name of the column; or a text with ｛names｝; or a formula. separator: of FIRST and REST.

    places: name of a column -> form -> where it is in that form.
    """

    heading: str
    source: Source
    text: str
    style: Style = Style.PLAIN
    separator: str = ""
    places: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    columns: tuple[Column, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(column.heading for column in self.columns)

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(column) for column in self.columns]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> "Shape":
        return cls(
            tuple(
                Column(
                    each["heading"],
                    Source(each["source"]),
                    each["text"],
                    Style(each["style"]),
                    each["separator"],
                    {
                        name: {form: (place[0], place[1], place[2]) for form, place in forms.items()}
                        for name, forms in each["places"].items()
                    },
                )
                for each in data
            )
        )


def places_in(layout: Layout) -> dict[str, Place]:
    """Name of each column -> where it is."""
    found: list[Place] = [("", "", number) for number in range(len(FIXED))]
    for item in layout.items:
        found += [(item.definition.key, item.type.name, number) for number in range(len(item.headings))]
    return dict(zip(layout.headings, found, strict=True))


def kinds_of(shape: Shape, layout: Layout, form: str) -> list[Kind | None]:
    """Of each column, None of one that the form does not have; what was put together or cut is text."""
    kinds = dict(zip(places_in(layout).values(), layout.kinds, strict=True))
    found: list[Kind | None] = []
    for column in shape.columns:
        if column.source != Source.COLUMN or column.style != Style.PLAIN:
            found.append(Kind.TEXT)
            continue
        place = column.places.get(column.text, {}).get(form)
        found.append(kinds.get(place) if place else None)
    return found


def names_in(text: str) -> list[str]:
    """The names in braces of a text."""
    return [part.partition("}")[0] for part in text.split("{")[1:]]


def problem_of(column: Column, known: Mapping[str, Any], version: CompiledForm | None) -> str:
    """What is wrong with it, for who made it; "" when nothing is. version: of the only form, for its formulas."""
    if column.source == Source.FORMULA:
        if version is None:
            return "計算式は、申請フォームを一つだけ選んだときに使えます。"
        try:
            parse_formula(column.text, _resolver(version))
        except ExpressionError as problem:
            return problem.message
        return ""
    names = [column.text] if column.source == Source.COLUMN else names_in(column.text)
    unknown = [name for name in names if name not in known]
    if unknown:
        return f"「{unknown[0]}」という列はありません。一覧にある列の名前を使ってください。"
    if column.style in (Style.FIRST, Style.REST) and not column.separator:
        return "区切りの文字を入力してください。"
    return ""


def _resolver(version: CompiledForm) -> Callable[[str, str | None], Resolved]:
    def resolve(name: str, part: str | None) -> Resolved:
        for item in version.fields.values():
            if item.definition.name != name:
                continue
            if part is None and item.type.kind is not None:
                return Resolved(item.key, None, item.type.kind)
            for key, each in item.type.formula_parts_of(item.definition).items():
                if part is not None and each.label == part:
                    return Resolved(item.key, key, each.kind)
        raise ExpressionError(f"「{name}{f'.{part}' if part else ''}」という項目はありません。")

    return resolve


class ShapedReader:
    """Rows in the shape, of the applications that pin one version."""

    def __init__(self, version: FormVersion, layout: Layout, shape: Shape) -> None:
        self.reader, self.form = Reader(version, layout), str(version.form_id)
        index = {place: number for number, place in enumerate(places_in(layout).values())}
        self.writers = [self._writer(column, index) for column in shape.columns]
        self.needs_state = any(column.source == Source.FORMULA for column in shape.columns)

    def row(self, taken: Taken, names: Mapping[str, str]) -> list[str]:
        cells = self.reader.row(taken, names)
        answers, _ = self.reader.read(taken)
        scope: Mapping[str, Any] = self.reader.state(taken, answers).scope if self.needs_state else {}
        return [write(cells, answers, scope, taken.day) for write in self.writers]

    def _writer(self, column: Column, index: Mapping[Place, int]) -> "Write":
        if column.source == Source.FORMULA:
            return self._formula(column)
        places = {name: forms.get(self.form) for name, forms in column.places.items()}
        numbers = {name: index.get(place) for name, place in places.items() if place is not None}
        if column.source == Source.TEXT:
            return lambda cells, answers, scope, day: _filled(column.text, cells, numbers)
        number, place = numbers.get(column.text), places.get(column.text)
        if column.style == Style.CODE and place is not None:
            return lambda cells, answers, scope, day: _code(answers.get(place[0]))
        if number is None:
            return lambda cells, answers, scope, day: ""
        return lambda cells, answers, scope, day: styled(cells[number], column.style, column.separator)

    def _formula(self, column: Column) -> "Write":
        """A version without the items that the formula speaks of has an empty cell."""
        try:
            compiled = compile_expression(parse_formula(column.text, _resolver(self.reader.engine)))
        except ExpressionError:
            return lambda cells, answers, scope, day: ""

        def write(cells: Sequence[str], answers: Mapping[str, Any], scope: Mapping[str, Any], day: date) -> str:
            value = compiled(scope, day)
            if isinstance(value, bool):
                return "はい" if value else "いいえ"
            text = "、".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else as_text(value)
            return styled(text, column.style, column.separator)

        return write


Write = Callable[[Sequence[str], Mapping[str, Any], Mapping[str, Any], date], str]


def _filled(text: str, cells: Sequence[str], numbers: Mapping[str, int | None]) -> str:
    first, *others = text.split("{")
    made = [first]
    for part in others:
        name, _, after = part.partition("}")
        number = numbers.get(name)
        made += ["" if number is None else cells[number], after]
    return "".join(made)


def _code(answer: Any) -> str:
    """As the form keeps the option: its code, or its text where it has none."""
    if isinstance(answer, list):
        return ";".join(str(each) for each in answer)
    return "" if answer is None else str(answer)


def styled(text: str, style: Style, separator: str = "") -> str:
    """A text that is no date stays as it is."""
    if style in (Style.FIRST, Style.REST):
        first, _, rest = text.partition(separator)
        return first if style == Style.FIRST else rest
    if style in (Style.PLAIN, Style.CODE):
        return text
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    if style == Style.WAREKI:
        return to_wareki(day)
    return f"{day.isoformat().replace('-', '/' if style == Style.SLASHED else '')}"
