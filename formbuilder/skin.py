"""The HTML of a step: made once per version by Django's templates, then only filled.

Django's widget templates are what a form page costs (17 ms for 60 fields). A field's template leaves marks where
something changes; a skin is the text between the marks, and filling it is joining strings.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from formbuilder.definition import FieldDef, StepDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.repeat import RepeatType, row_item
from formbuilder.runtime import RowState
from formbuilder.steps import input_id

# Characters that HTML cannot contain, so no text of an editor's can be taken for a mark.
OPEN, CLOSE = "\x02", "\x03"
MARK = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)


def mark(key: str, kind: str, arg: str) -> str:
    """The text that stands for a slot until the skin is cut; control characters inside would end it early."""
    if kind not in FILLERS:
        raise ValueError(f"unknown slot {kind!r}; known: {', '.join(FILLERS)}")
    return OPEN + json.dumps([key, kind, arg], ensure_ascii=True) + CLOSE


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is already kept for an item."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """An answer that cannot be changed, as people read it."""

    display: str
    why: str


@dataclass(frozen=True, slots=True)
class Filling:
    """What one resident's page puts into a skin.

    boxes: key -> what the boxes show (str, dict part -> str, or list of str; of a group a list of rows, each with such
    boxes by key); errors: key -> (part, message) pairs, where a row's item has the key of `row_item`; rows: key of a
    group -> what each of its rows is like, as far as that is known.
    """

    boxes: Mapping[str, Any]
    errors: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    visible: frozenset[str] = frozenset()
    files: Mapping[str, Sequence[Attached]] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[RowState]] = field(default_factory=dict)
    fixed: Mapping[str, Fixed] = field(default_factory=dict)
    offers: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)  # FieldType.offers, by key

    def box(self, key: str, part: str) -> Any:
        value = self.boxes.get(key)
        if part:
            return value.get(part, "") if isinstance(value, Mapping) else ""
        return "" if value is None else value


Fill = Callable[[Filling], str]


class Skin:
    """The cut HTML of one step."""

    def __init__(self, html: str, items: Mapping[str, FieldDef]) -> None:
        self.pieces: list[str | Fill] = []
        position = 0
        for found in MARK.finditer(html):
            self.pieces.append(html[position : found.start()])
            key, kind, arg = json.loads(found.group(1))
            self.pieces.append(FILLERS[kind](items[key], arg))
            position = found.end()
        self.pieces.append(html[position:])

    def fill(self, filling: Filling) -> SafeString:
        """The finished HTML; every value of the resident's is escaped by its filler."""
        return mark_safe(  # noqa: S308 - pieces come from templates, fillers escape
            "".join(piece if isinstance(piece, str) else piece(filling) for piece in self.pieces)
        )


def scripts_of(items: Iterable[FieldDef]) -> list[str]:
    """The modules that a page with these items loads."""
    every = (each for item in items for each in (item, *item.fields))
    return sorted({script for each in every for script in FIELD_TYPES[each.type].scripts})


class StepSkin:
    """The skins of a step's items. An item whose answer is fixed has no boxes: it is rendered for the one page."""

    def __init__(self, step: StepDef) -> None:
        self.items = [(item, Skin(_render(item), {item.key: item})) for item in step.fields]

    def fill(self, filling: Filling) -> SafeString:
        return mark_safe(  # noqa: S308 - made of the same pieces
            "".join(
                _render_fixed(item, filling) if item.key in filling.fixed else skin.fill(filling)
                for item, skin in self.items
            )
        )


def make_skin(step: StepDef) -> StepSkin:
    """Render the step's fields once and cut them at their marks."""
    return StepSkin(step)


def _render_fixed(item: FieldDef, filling: Filling) -> str:
    """Its boxes are hidden ones, which only the page's script reads: what conditions look at."""
    box, base = filling.boxes.get(item.key), input_id(item.key)
    named = {f"{base}-{part}": text for part, text in box.items()} if isinstance(box, Mapping) else {base: box}
    context = {
        "field": item,
        "id": base,
        "fixed": filling.fixed[item.key],
        "boxes": named.items(),
        "is_hidden": item.key not in filling.visible,
    }
    return render_to_string("formbuilder/fields/_fixed.html", context)


def _render(item: FieldDef) -> str:
    type_ = FIELD_TYPES[item.type]
    context = {
        "field": item,
        "type": type_,
        "id": input_id(item.key),
        "required": item.required is True,
        "conditional": not isinstance(item.required, bool),
        **type_.template_context(item),
    }
    return render_to_string(type_.template(), context)


# --- fillers: each takes (field, arg) once and returns what to do per request


def _value(item: FieldDef, part: str) -> Fill:
    key = item.key
    return lambda filling: escape(filling.box(key, part))


def _chosen(attribute: str) -> Callable[[FieldDef, str], Fill]:
    def filler(item: FieldDef, arg: str) -> Fill:
        key = item.key
        part, _, option = arg.partition(":") if FIELD_TYPES[item.type].parts_of(item) else ("", "", arg)

        def fill(filling: Filling) -> str:
            box = filling.box(key, part)
            return f" {attribute}" if (option in box if isinstance(box, list) else option == box) else ""

        return fill

    return filler


def _error(item: FieldDef, arg: str) -> Fill:
    key, anchor = item.key, f"{input_id(item.key)}-error"

    def fill(filling: Filling) -> str:
        messages = filling.errors.get(key)
        if not messages:
            return ""
        lines = format_html_join(mark_safe("<br>"), "＊{}", ((message,) for _, message in messages))
        return format_html('<p class="mg-field__error" id="{}">{}</p>', anchor, lines)

    return fill


def _invalid(item: FieldDef, part: str) -> Fill:
    key = item.key

    def fill(filling: Filling) -> str:
        errors = filling.errors.get(key, ())
        wrong = any(not part or not where or where == part for where, _ in errors)
        return ' aria-invalid="true"' if wrong else ""

    return fill


def _describedby(item: FieldDef, arg: str) -> Fill:
    key, base = item.key, input_id(item.key)
    help_id = f"{base}-help" if item.help else ""
    without = f' aria-describedby="{escape(help_id)}"' if help_id else ""
    with_error = f' aria-describedby="{escape(f"{base}-error {help_id}".strip())}"'
    return lambda filling: with_error if filling.errors.get(key) else without


def _hidden(item: FieldDef, arg: str) -> Fill:
    key = item.key
    return lambda filling: "" if key in filling.visible else " hidden"


def _files(item: FieldDef, arg: str) -> Fill:
    key = item.key

    def fill(filling: Filling) -> str:
        files = filling.files.get(key, ())
        context = {"files": files, "field": item, "id": input_id(key)}
        return render_to_string("formbuilder/fields/_files.html", context) if files else ""

    return fill


def _offers(item: FieldDef, arg: str) -> Fill:
    key = item.key

    def fill(filling: Filling) -> str:
        offers = filling.offers.get(key, ())
        context = {"offers": offers, "key": key, "id": input_id(key), "about": item.type}
        return render_to_string("formbuilder/fields/_offers.html", context) if offers else ""

    return fill


def _computed(item: FieldDef, arg: str) -> Fill:
    key = item.key
    return lambda filling: escape(filling.computed.get(key, ""))


# --- the rows of a group: each number has a skin of its own, made when a page first has that many

NEW_ROW = "new"  # the number of the row that the script makes others of
_AUTOCOMPLETE = re.compile(r' autocomplete="[^"]*"')  # who fills in is not who the row is about


def _rows(item: FieldDef, arg: str) -> Fill:
    type_, skins = _group_type(item), dict[int, Skin]()

    def fill(filling: Filling) -> str:
        boxes = _row_boxes(item, filling)
        looks = filling.rows.get(item.key, ())
        made = []
        for number, row in enumerate(boxes):
            if number not in skins:
                skins[number] = _row_skin(item, number, type_.nth(item, number))
            made.append(skins[number].fill(_in_row(item, number, row, filling, looks[number : number + 1])))
        return "".join(made)

    return fill


def _new_row(item: FieldDef, arg: str) -> Fill:
    html = _row_skin(item, NEW_ROW, NEW_ROW).fill(_in_row(item, NEW_ROW, {}, Filling({}), ()))
    return lambda filling: html


def _full(item: FieldDef, arg: str) -> Fill:
    most = _group_type(item).most(item)
    return lambda filling: " hidden" if len(_row_boxes(item, filling)) >= most else ""


def _row_boxes(item: FieldDef, filling: Filling) -> list[Any]:
    boxes = filling.boxes.get(item.key)
    rows = list(boxes) if isinstance(boxes, list) else []
    return rows + [{}] * (_group_type(item).shown_at_first(item) - len(rows))


def _row_skin(item: FieldDef, row: int | str, nth: str) -> Skin:
    inside = [row_item(item, row, inner) for inner in item.fields]
    context = {
        "id": input_id(item.key),
        "row": row,
        "nth": nth,
        "word": item.options.get("word") or item.label,
        "key": item.key,
        "body": mark_safe("".join(map(_render, inside))),  # noqa: S308 - all of them come from templates
    }
    html = _AUTOCOMPLETE.sub("", render_to_string("formbuilder/fields/_row.html", context))
    return Skin(html, {inner.key: inner for inner in inside})


def _in_row(item: FieldDef, row: int | str, boxes: Any, filling: Filling, look: Sequence[RowState]) -> Filling:
    """The filling of one row. Where nothing is known of the row, all of its items are shown."""
    keys = {inner.key: row_item(item, row, inner).key for inner in item.fields}
    given = boxes if isinstance(boxes, Mapping) else {}
    shown = keys.keys() & look[0].visible if look else keys.keys()
    answers = look[0].answers if look else {}
    return Filling(
        boxes={keys[key]: box for key, box in given.items() if key in keys},
        errors=filling.errors,
        visible=frozenset(keys[key] for key in shown),
        computed={
            keys[inner.key]: FIELD_TYPES[inner.type].display(inner, answers.get(inner.key))
            for inner in item.fields
            if inner.key in answers
        },
        offers=filling.offers,
    )


def _group_type(item: FieldDef) -> RepeatType:
    type_ = FIELD_TYPES[item.type]
    assert isinstance(type_, RepeatType)  # only its template has these slots
    return type_


FILLERS: dict[str, Callable[[FieldDef, str], Fill]] = {
    "value": _value,
    "checked": _chosen("checked"),
    "selected": _chosen("selected"),
    "error": _error,
    "invalid": _invalid,
    "describedby": _describedby,
    "hidden": _hidden,
    "files": _files,
    "computed": _computed,
    "offers": _offers,
    "rows": _rows,
    "new_row": _new_row,
    "full": _full,
}
