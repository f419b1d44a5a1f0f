"""Forms made for a measurement, through the same compiler as an editor's."""

from collections.abc import Sequence
from typing import Any

from formbuilder.blocks import body_block
from formbuilder.compiler import compile_form
from formbuilder.definition import FormDefinition

Block = dict[str, Any]


def item(key: str, type_: str, settings: Block) -> Block:
    return {"id": key, "type": type_, "value": settings}


def definition_of(title: str, steps: Sequence[Sequence[Block]]) -> FormDefinition:
    """The definition of a form with these steps, each a list of `item`s; raises CompileErrors."""
    raw = [
        {"id": f"step{number}", "type": "step", "value": {"title": f"画面{number}", "fields": list(fields)}}
        for number, fields in enumerate(steps, start=1)
    ]
    return compile_form(title=title, body=body_block().to_python(raw))
