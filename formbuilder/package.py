"""A form as one JSON file: what an editor built, with the ids that answers are kept under.

The file holds the editor's blocks, not the compiled document: what is imported can be edited on. Settings that have
their default are left out. docs/form-file.md describes it; SCHEMA is what a file is checked against, and
docs/form-file.schema.json is SCHEMA for others.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from wagtail.blocks import Block, StreamBlock, StructBlock

from formbuilder.blocks import step_block
from formbuilder.definition import Presentation
from formbuilder.fields import FIELD_TYPES
from formbuilder.package_checks import beyond_limits, schema_problems, shape_problems
from formbuilder.requirements import requirements
from formbuilder.translations import OTHERS

FORMAT, VERSION = "madoguchi-form", 1
RICH = ("guide", "after")
LARGEST = 5 * 1024**2  # bytes of a file
MOST_ITEMS = 2000  # screens and items of a form

# An old file is brought up to date one version at a time: version -> function of the whole file
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_TEXT = {"type": "string", "maxLength": 100_000}
_END = "(?![\\s\\S])"  # not $, which in Python lets a line end through
_ID = {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,60}}{_END}"}
_BLOCK = {
    "type": "object",
    "required": ["id", "type", "settings"],
    "properties": {"id": _ID, "type": {"type": "string", "maxLength": 60}, "settings": {"type": "object"}},
    "additionalProperties": False,
}
_ROWS = {"type": "object", "properties": {"fields": {"type": "array", "maxItems": 100, "items": _BLOCK}}}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Madoguchi form file",
    "type": "object",
    "required": ["format", "version", "form", "steps"],
    "properties": {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "digest": {"type": "string", "maxLength": 64},
        "form": {
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": {"type": "string", "minLength": 1, "maxLength": 200},
                "code": {"type": "string", "pattern": f"^[a-z0-9][a-z0-9-]{{0,39}}{_END}"},
                "summary": {"type": "string", "maxLength": 200},
                "guide": _TEXT,
                "after": _TEXT,
                "presentation": {"enum": [presentation.value for presentation in Presentation]},
                "translations": {"type": "object", "additionalProperties": {"type": "object"}},
                "mails": {"type": "object", "additionalProperties": {"type": "object"}},
                "required_languages": {"type": "array", "items": {"enum": [language.code for language in OTHERS]}},
                "minutes": {"type": ["integer", "null"], "minimum": 0, "maximum": 999},
                "standard_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 366},
            },
            "additionalProperties": False,
        },
        "steps": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["id", "fields"],
                "properties": {
                    "id": _ID,
                    "title": {"type": "string", "maxLength": 60},
                    "intro": _TEXT,
                    "condition": {"type": "object"},
                    "fields": {"type": "array", "maxItems": 1000, "items": _BLOCK},
                },
                "additionalProperties": False,
            },
        },
        "requires": {"type": "array", "maxItems": 100, "items": _BLOCK},
    },
    "additionalProperties": False,
}


class PackageRefused(Exception):
    """The file cannot be taken; `problems` are sentences in Japanese, each naming the place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def parse_package(content: bytes) -> Any:
    """The JSON of a file, not yet checked; raises PackageRefused."""
    if len(content) > LARGEST:
        raise PackageRefused([f"ファイルが大きすぎます（{LARGEST // 1024**2}MBまで）。"])
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PackageRefused(["文字コードがUTF-8ではありません。UTF-8で保存し直してください。"]) from None
    except json.JSONDecodeError as error:
        place = f"{error.lineno}行目の{error.colno}文字目"
        raise PackageRefused([f"JSONとして読めません。{place}の近くを確かめてください。"]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets within thousands of brackets
        raise PackageRefused(["JSONとして読めません。長すぎる数か、深すぎるかっこの重なりがあります。"]) from None


def read_package(data: Any) -> dict[str, Any]:
    """The file, checked and brought up to date; raises PackageRefused."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise PackageRefused(["申請フォームのファイルではありません。form_export で作ったファイルを選んでください。"])
    if found := beyond_limits(data):
        raise PackageRefused(found)
    version = data.get("version")
    while isinstance(version, int) and version in UPGRADES:
        data = UPGRADES[version](data)
        version = data["version"]
    if type(version) is not int or version != VERSION:
        raise PackageRefused([f"ファイルの版（{version}）に対応していません。対応している版は {VERSION} です。"])
    problems = schema_problems(data, SCHEMA) or [*_unknown(data), *_repeated(data)]
    if problems:
        raise PackageRefused(problems)
    return data


def _unknown(data: dict[str, Any]) -> Iterator[str]:
    """Field types, requirements and settings that this installation does not have, and settings of another shape."""
    fields = {name: type_.block() for name, type_ in FIELD_TYPES.items()}
    gates = {name: requirement.block() for name, requirement in requirements().items()}
    screen = step_block()
    for number, step in enumerate(data["steps"], start=1):
        place = f"{number}番目の画面"
        yield from shape_problems(screen, {name: step[name] for name in step.keys() - {"id", "fields"}}, place)
        for count, child in enumerate(step["fields"], start=1):
            yield from _block_problems(child, fields, f"{place} › {count}番目の項目")
    for count, child in enumerate(data.get("requires", []), start=1):
        yield from _block_problems(child, gates, f"{count}番目の手続")


def _block_problems(child: dict[str, Any], known: dict[str, Block], place: str) -> Iterator[str]:
    place, block = f"{place}（{child['id']}）", known.get(child["type"])
    if block is None:
        yield f"{place}: 種類「{child['type']}」はこの窓口にありません。"
        return
    settings = dict(child["settings"])
    items = block.child_blocks.get("fields") if isinstance(block, StructBlock) else None
    inside = items.child_blocks if isinstance(items, StreamBlock) else {}
    rows = settings.pop("fields", []) if inside else []
    yield from shape_problems(block, settings, place)
    if found := schema_problems({"fields": rows}, _ROWS):
        yield from (f"{place} › {problem}" for problem in found)
        return
    for count, inner in enumerate(rows, start=1):
        yield from _block_problems(inner, inside, f"{place} › {count}番目の項目")


def _repeated(data: dict[str, Any]) -> Iterator[str]:
    items = [item for step in data["steps"] for item in step["fields"]]
    entries = [*data["steps"], *items, *(inner for item in items for inner in _inside(item))]
    for key, times in Counter(entry["id"] for entry in entries).items():
        if times > 1:
            yield f"識別番号「{key}」が{times}回使われています。どの画面と項目も、別の識別番号にしてください。"
    if len(entries) > MOST_ITEMS:
        yield f"画面と項目が多すぎます（{len(entries)}）。合わせて{MOST_ITEMS}までにしてください。"


def _inside(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The items in a row of a group, as far as they can be read."""
    rows = item["settings"].get("fields")
    for inner in rows if isinstance(rows, list) else ():
        if isinstance(inner, dict) and isinstance(inner.get("id"), str):
            yield inner
