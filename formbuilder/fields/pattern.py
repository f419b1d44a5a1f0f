"""文字の形: a regular expression of the editor's, small enough to be safe to run on anything."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from formbuilder.definition import FieldDef
from formbuilder.fields.base import FieldRefused, FormulaCompiler

LONGEST_CHECKED = 200  # characters of an answer that has to be of a form
# A repeated group with a repetition in it may take a lifetime to say no, and so may a reference back.
_NESTED = re.compile(r"\([^()]*[*+}][^()]*\)\s*[*+{]")
_BACK = re.compile(r"\\[1-9]|\(\?[P=!<]")


def compile_pattern(value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
    """Options of an item with 文字の形; none of one without."""
    pattern, example = value["pattern"] or "", value["pattern_example"] or ""
    if not pattern:
        return {}
    read = _read(pattern)
    if read is None:
        compiler.problem(f"文字の形「{pattern}」を読めません。繰り返しの中の繰り返し、(?…) と \\1 は使えません。")
    elif not example:
        compiler.problem("文字の形には、形に合う例も入れてください。")
    elif not read.fullmatch(example):
        compiler.problem(f"例「{example}」が、文字の形「{pattern}」に合いません。どちらかを直してください。")
    said = value["pattern_message"] or ""
    told = said if not said or said.endswith("。") else f"{said}。"
    return {"pattern": pattern, "pattern_example": example, "pattern_message": told}


def check_pattern(field: FieldDef, text: str) -> None:
    read = _read(field.options.get("pattern") or "")
    if read is None or not read.pattern or (len(text) <= LONGEST_CHECKED and read.fullmatch(text)):
        return
    example = field.options.get("pattern_example") or ""
    told = _("%(label)sは「%(example)s」のような形で入力してください。") % {"label": field.label, "example": example}
    raise FieldRefused(field.options.get("pattern_message") or told)


@lru_cache(maxsize=512)
def _read(pattern: str) -> re.Pattern[str] | None:
    if _NESTED.search(pattern) or _BACK.search(pattern):
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
