"""The HTML of a step: made once per version by Django's templates, then only filled.

Django's widget templates are what a form page costs (17 ms for 60 fields). A field's template leaves marks where
something changes; a skin is the text between the marks, and filling it is joining strings.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from formbuilder.definition import FieldDef, StepDef
from formbuilder.fields import FIELD_TYPES
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
class Filling:
    """What one resident's page puts into a skin.

    boxes: key -> what the boxes show (str, dict part -> str, or list of str); errors: key -> (part, message) pairs.
    """

    boxes: Mapping[str, Any]
    errors: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    visible: frozenset[str] = frozenset()
    files: Mapping[str, Sequence[Attached]] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)

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


def make_skin(step: StepDef) -> Skin:
    """Render the step's fields once and cut them at their marks."""
    html = "".join(_render(item) for item in step.fields)
    return Skin(html, {item.key: item for item in step.fields})


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
        part, _, option = arg.partition(":") if FIELD_TYPES[item.type].parts else ("", "", arg)

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


def _computed(item: FieldDef, arg: str) -> Fill:
    key = item.key
    return lambda filling: escape(filling.computed.get(key, ""))


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
}
