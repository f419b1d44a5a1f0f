"""Writes docs/field-types.md from the field types themselves.

python scripts/field_docs.py          writes the page anew
python scripts/field_docs.py check    exit status 1 if the page is not what the code says
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
if not apps.ready:  # run by hand, not imported by a test
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from formbuilder.definition import FieldDef  # noqa: E402 - needs Django set up
from formbuilder.fields import FIELD_TYPES  # noqa: E402 - as above
from formbuilder.fields.base import FieldType  # noqa: E402 - as above
from formbuilder.items import BlockCompiler, Names  # noqa: E402 - as above
from formbuilder.tidy import plain  # noqa: E402 - as above

PAGE = ROOT / "docs" / "field-types.md"
INTRODUCTION = """\
# Field types

Written by `python scripts/field_docs.py` from `formbuilder/fields/`; do not edit by hand.

- **Answer**: an example of what `Application.answers` keeps. An item that is not answered has no entry.
- **In formulas**: the kind of value that conditions and formulas see, of the whole answer or of each part.
- **Settings**: what the editor sets for this type, by the name that a form file uses. Every type also has `label` and
  `condition`; one that has an answer also `help`, `name` and `sensitive`; one that is asked also `required` and
  `rules`.
- **Columns**: what an export writes for an item named 項目.
- **Rows**: `repeat` has items of its own (`fields`, in the shape of a screen's `fields`), of every type but {alone}.
  Its answer is a list of rows; a row in which nothing was entered is not kept. Formulas in a row speak of the items of
  the same row first. Those outside see the number of rows and, of an item whose answer is a text, a choice, a number or
  はい・いいえ, the list of its answers. An export gives every row that there may be columns of its
  own, 家族1：生年月日, rather than all of them one text: an officer can sort and filter them, and take them into a
  letter, without cutting anything apart.

| Type | In the editor | Answer | In formulas | Settings | Columns |
|---|---|---|---|---|---|
"""


def page() -> str:
    alone = [f"`{type_.name}`" for type_ in FIELD_TYPES.values() if not type_.in_rows]
    return INTRODUCTION.replace("{alone}", ", ".join(alone)) + "".join(_row(type_) for type_ in FIELD_TYPES.values())


def _row(type_: FieldType) -> str:
    inside = FieldDef(key="inner", type="text", name="品名", label="品名")
    rows: dict[str, Any] = {"fields": (inside,), "options": {"max": 2}} if type_.has_rows else {"options": _new(type_)}
    field = FieldDef(key="key", type=type_.name, name="項目", label="項目", **rows)
    answer = f"`{json.dumps(type_.example, ensure_ascii=False)}`" if type_.is_input else ""
    settings = "<br>".join(
        f"`{name}` {block.label}" for name, block in type_.block().child_blocks.items() if _own(type_, name)
    )
    columns = "<br>".join(type_.headers(field))
    cells = (f"`{type_.name}`", f"{type_.group} › {type_.label}", answer, _kinds(type_, field), settings, columns)
    return f"| {' | '.join(cells)} |\n"


def _new(type_: FieldType) -> dict[str, Any]:
    """The settings of a new item, where they decide about its columns."""
    if not type_.splits:
        return {}
    block = type_.block()
    return type_.compile_options(plain(block.get_default(), block), BlockCompiler("key", Names(), []))


def _own(type_: FieldType, name: str) -> bool:
    return any(name == own for own, _ in type_.own_blocks())


def _kinds(type_: FieldType, field: FieldDef) -> str:
    if type_.kind is not None:
        return type_.kind
    return "<br>".join(f"`{name}` {part.label}: {part.kind}" for name, part in type_.formula_parts_of(field).items())


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
