"""A form as one JSON file: what an editor built, with the ids that answers are kept under.

The file holds the editor's blocks, not the compiled document: what is imported can be edited on. Settings that have
their default are left out. docs/form-file.md describes it; SCHEMA below is what a file is checked against.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema
import nh3
from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.base import get_error_json_data
from wagtail.rich_text import RichText

from formbuilder.blocks import body_block, requirements_block
from formbuilder.compiler import CompileErrors
from formbuilder.fields import FIELD_TYPES
from formbuilder.models import FormPage
from formbuilder.requirements import requirements

FORMAT, VERSION = "madoguchi-form", 1
TEXTS = ("title", "code", "summary", "guide", "after")
RICH = {"guide", "after"}
TAGS = {"p", "br", "b", "i", "strong", "em", "ol", "ul", "li", "h3", "a"}

# An old file is brought up to date one version at a time: version -> function of the whole file
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_TEXT = {"type": "string", "maxLength": 100_000, "pattern": "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]*$"}
_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,60}$"}
_BLOCK = {
    "type": "object",
    "required": ["id", "type", "settings"],
    "properties": {"id": _ID, "type": {"type": "string"}, "settings": {"type": "object"}},
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["format", "version", "form", "steps"],
    "properties": {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "digest": {"type": "string"},
        "form": {
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": {**_TEXT, "minLength": 1, "maxLength": 200},
                "code": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"},
                "summary": {**_TEXT, "maxLength": 200},
                "guide": _TEXT,
                "after": _TEXT,
                "minutes": {"type": ["integer", "null"], "minimum": 0, "maximum": 999},
            },
            "additionalProperties": False,
        },
        "steps": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["id", "title", "fields"],
                "properties": {
                    "id": _ID,
                    "title": {**_TEXT, "minLength": 1, "maxLength": 60},
                    "intro": _TEXT,
                    "condition": {"type": "object"},
                    "fields": {"type": "array", "maxItems": 1000, "items": _BLOCK},
                },
                "additionalProperties": False,
            },
        },
        "requires": {"type": "array", "items": _BLOCK},
    },
    "additionalProperties": False,
}


class PackageRefused(Exception):
    """The file cannot be taken; `problems` are sentences in Japanese, each naming the place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


# --- out


def export_form(page: FormPage) -> dict[str, Any]:
    """The file of a page as it stands, drafts too."""
    try:
        digest = {"digest": page.compile().digest()}
    except CompileErrors:
        digest = {}  # a broken draft may be handed over as well
    return {
        "format": FORMAT,
        "version": VERSION,
        **digest,
        "form": {**{name: getattr(page, name) for name in TEXTS}, "minutes": page.minutes},
        "steps": [_step_out(step) for step in page.body],
        "requires": [_block_out(child) for child in page.requires],
    }


def _step_out(step: Any) -> dict[str, Any]:
    settings = _settings_out(step.block, step.value, skip={"fields"})
    return {"id": step.id, **settings, "fields": [_block_out(child) for child in step.value["fields"]]}


def _block_out(child: Any) -> dict[str, Any]:
    return {"id": child.id, "type": child.block_type, "settings": _settings_out(child.block, child.value)}


def _settings_out(block: blocks.StructBlock, value: Mapping[str, Any], skip: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """Settings that differ from their default."""
    found = {}
    for name, child in block.child_blocks.items():
        if name in skip:
            continue
        given = _plain(child, value[name])
        if given != _plain(child, child.get_default()):
            found[name] = given
    return found


def _plain(block: blocks.Block, value: Any) -> Any:
    """JSON of a block's value without the ids of list items."""
    if isinstance(block, blocks.ListBlock):
        return [_plain(block.child_block, item) for item in value]
    if isinstance(block, blocks.StructBlock):
        return {name: _plain(child, value[name]) for name, child in block.child_blocks.items()}
    return block.get_prep_value(value)


# --- in


def read_package(data: Any) -> dict[str, Any]:
    """The file, checked and brought up to date; raises PackageRefused."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise PackageRefused(["申請フォームのファイルではありません。form_export で作ったファイルを選んでください。"])
    version = data.get("version")
    while isinstance(version, int) and version < VERSION and version in UPGRADES:
        data = UPGRADES[version](data)
        version = data["version"]
    if version != VERSION:
        raise PackageRefused([f"ファイルの版（{version}）に対応していません。対応している版は {VERSION} です。"])
    errors = sorted(jsonschema.Draft202012Validator(SCHEMA).iter_errors(data), key=lambda error: list(map(str, error.path)))
    problems = [f"{_place(error)}: 形が正しくありません（{error.message[:200]}）。" for error in errors]
    problems = problems or [*_unknown(data), *_repeated(data)]
    if problems:
        raise PackageRefused(problems)
    return data


def _place(error: jsonschema.ValidationError) -> str:
    return " › ".join(str(part) for part in error.absolute_path) or "ファイル"


def _unknown(data: dict[str, Any]) -> Iterator[str]:
    """Field types, requirements and settings that this installation does not have."""
    known = {name: type_.block() for name, type_ in FIELD_TYPES.items()}
    gates = {name: requirement.block() for name, requirement in requirements().items()}
    entries = [(child, known) for step in data["steps"] for child in step["fields"]]
    entries += [(child, gates) for child in data.get("requires", [])]
    for child, available in entries:
        block = available.get(child["type"])
        if block is None:
            yield f"「{child['id']}」: 種類「{child['type']}」はこの窓口にありません。"
        elif extra := sorted(child["settings"].keys() - block.child_blocks.keys()):
            yield f"「{child['id']}」: 知らない設定があります（{'、'.join(extra)}）。"


def _repeated(data: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for step in data["steps"]:
        for entry in (step, *step["fields"]):
            if entry["id"] in seen:
                yield f"識別番号「{entry['id']}」が二度使われています。"
            seen.add(entry["id"])


def fill_page(page: FormPage, data: Any) -> FormPage:
    """Put a file's contents into a page, new or existing, unsaved; raises PackageRefused."""
    data = read_package(data)
    form = data["form"]
    for name in TEXTS:
        if name in form:
            setattr(page, name, _clean_html(form[name]) if name in RICH else form[name])
    page.minutes = form.get("minutes")
    page.body = _taken(body_block(), [_step_in(step) for step in data["steps"]], "steps")
    page.requires = _taken(requirements_block(), [_block_in(child) for child in data.get("requires", [])], "requires")
    return page


def _step_in(step: Mapping[str, Any]) -> dict[str, Any]:
    value = {
        "title": step["title"],
        "intro": _clean_html(step.get("intro", "")),
        "fields": [_block_in(child) for child in step["fields"]],
    }
    if "condition" in step:
        value["condition"] = step["condition"]
    return {"type": "step", "id": step["id"], "value": value}


def _block_in(child: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": child["type"], "id": child["id"], "value": child["settings"]}


def _taken(block: blocks.StreamBlock, raw: list[dict[str, Any]], place: str) -> Any:
    """The stream's value, validated as the editor would; every rich text cleaned."""
    try:
        value = block.clean(block.to_python(raw))
    except ValidationError as error:
        raise PackageRefused([f"{place}: {_sentence(get_error_json_data(error))}"]) from error
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise PackageRefused([f"{place}: 設定の形が正しくありません（{error}）。"]) from error
    _clean_rich_text(value)
    return value


def _sentence(data: Any) -> str:
    """Wagtail's nested error data as one line: where, then what."""
    if isinstance(data, str):
        return data
    if isinstance(data, list):
        return "、".join(_sentence(item) for item in data if item)
    inner = data.get("blockErrors", data)
    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
    parts = [f"{key} › {_sentence(item)}" if key != "messages" else _sentence(item) for key, item in pairs if item]
    return "、".join(parts + [_sentence(data["messages"])] if inner is not data and data.get("messages") else parts)


def _clean_rich_text(value: Any) -> None:
    """Rich text comes from outside here, past the editor that would have cleaned it."""
    if isinstance(value, RichText):
        value.source = _clean_html(value.source)
    elif isinstance(value, Mapping):
        for item in value.values():
            _clean_rich_text(item)
    elif isinstance(value, blocks.StreamValue | blocks.list_block.ListValue):
        for item in value:
            _clean_rich_text(getattr(item, "value", item))


def _clean_html(html: str) -> str:
    """Only what the editor could have written; links of Wagtail's own form keep their target."""
    return nh3.clean(
        html, tags=TAGS, attributes={"a": {"href", "linktype", "id"}}, url_schemes={"https", "http", "mailto", "tel"}, link_rel=None
    )
