"""Items as an editor makes them, and what a browser would send back from their HTML."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict

from formbuilder.definition import FieldDef, StepDef
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldRefused, FieldType
from formbuilder.items import BlockCompiler, Item, Names, Problem
from formbuilder.skin import Filling, make_skin

KEY = "3f2a"
BIRTH = Item("birth", FIELD_TYPES["date"], {"label": "生年月日"})  # what every form of the tests has besides
NAMES = Names({BIRTH.key: BIRTH}, {BIRTH.name: BIRTH})


def compiled(type_: str, label: str = "項目", **settings: Any) -> tuple[FieldDef, list[str]]:
    """An item with these settings, the others left as a new block has them; and what is wrong with it."""
    block = FIELD_TYPES[type_].block()
    value = block.clean(block.to_python({"label": label, **_needed(type_), **settings}))
    problems: list[Problem] = []
    return _made(KEY, type_, value, problems), [problem.message for problem in problems]


def _made(key: str, type_: str, value: Mapping[str, Any], problems: list[Problem]) -> FieldDef:
    label = value["label"]
    return FieldDef(
        key=key,
        type=type_,
        name=label,
        label=label,
        required=bool(value.get("required", False)),
        options=FIELD_TYPES[type_].options_of(value, BlockCompiler(key, NAMES, problems)),
        fields=tuple(_made(row.id, row.block_type, row.value, problems) for row in value.get("fields", ())),
    )


def _needed(type_: str) -> dict[str, Any]:
    """What a type does not let an editor leave empty."""
    needed: dict[str, dict[str, Any]] = {
        "computed": {"formula": "=50000"},
        "rich_text": {"html": "<p>説明</p>"},
        "stop": {"message": "<p>対象外</p>"},
        "page_link": {"url": "https://www.example.jp/"},
        "repeat": {"fields": [{"type": "text", "id": "inner", "value": {"label": "内側"}}]},
    }
    return needed.get(type_, {})


def item(type_: str, label: str = "項目", **settings: Any) -> FieldDef:
    """An item that can be published."""
    if type_ == "stop":
        settings = {"condition": {"rows": [{"field": "else", "operator": "blank", "value": ""}]}, **settings}
    field, problems = compiled(type_, label, **settings)
    assert problems == []
    return field


def problems_of(type_: str, **settings: Any) -> list[str]:
    return compiled(type_, **settings)[1]


def type_of(field: FieldDef) -> FieldType:
    return FIELD_TYPES[field.type]


def take(field: FieldDef, raw: Any) -> Any:
    """The answer that is kept of what was typed; checked to survive its way back into the boxes."""
    answer = type_of(field).normalise(field, raw)
    assert type_of(field).normalise(field, type_of(field).boxes(field, answer)) == answer
    return answer


def refusal(field: FieldDef, raw: Any) -> FieldRefused:
    """Why it is not taken."""
    with pytest.raises(FieldRefused) as caught:
        type_of(field).normalise(field, raw)
    assert caught.value.message.endswith("。")
    return caught.value


def shown(field: FieldDef, answer: Any) -> str:
    return type_of(field).display(field, answer)


def cells(field: FieldDef, answer: Any) -> list[str]:
    return type_of(field).cells(field, answer)


def html_of(
    field: FieldDef, boxes: Any = None, errors: list[tuple[str, str]] | None = None, *, hidden: bool = False
) -> str:
    """The item's HTML as it stands on a page."""
    filling = Filling(
        {} if boxes is None else {KEY: boxes},
        errors={KEY: errors} if errors else {},
        visible=frozenset() if hidden else frozenset({KEY}),
    )
    return str(make_skin(StepDef("s", "1", "画面", fields=(field,))).fill(filling))


class Controls(HTMLParser):
    """The form controls of a piece of HTML, and the data that a browser would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data = QueryDict(mutable=True)
        self.ids: list[str] = []
        self.named: list[tuple[str, bool]] = []  # (id or name of a control, whether it stands inside a label)
        self.labelled: set[str] = set()  # ids that a label points to
        self.in_label = False
        self.select: dict[str, Any] | None = None
        self.option: dict[str, Any] | None = None
        self.textarea: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._note(tag, found)
        if tag == "input" and "name" not in found:  # for the page's script alone: nothing of it is sent
            return
        match tag:
            case "input" if found["type"] in ("radio", "checkbox"):
                if "checked" in found:
                    self.data.appendlist(found["name"], found["value"])
            case "input" if found["type"] != "file":
                self.data.appendlist(found["name"], found.get("value", ""))
            case "select":
                self.select = {"name": found["name"], "options": []}
            case "option" if self.select:
                self.option = {"value": found.get("value"), "selected": "selected" in found, "text": ""}
                self.select["options"].append(self.option)
            case "textarea":
                self.textarea = {"name": found["name"], "text": ""}

    def _note(self, tag: str, found: Mapping[str, str]) -> None:
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "label":
            self.in_label = True
            self.labelled.add(found.get("for", ""))
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.named.append((found.get("id") or found["name"], self.in_label))

    def handle_data(self, data: str) -> None:
        if self.option is not None:
            self.option["text"] += data
        if self.textarea is not None:
            self.textarea["text"] += data

    @property
    def unlabelled(self) -> list[str]:
        return [name for name, inside in self.named if not inside and name not in self.labelled]

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.in_label = False
        if tag == "option":
            self.option = None
        if tag == "select" and self.select:
            options = self.select["options"]
            chosen = next((option for option in options if option["selected"]), options[0])
            value = chosen["text"] if chosen["value"] is None else chosen["value"]
            self.data.appendlist(self.select["name"], value)
            self.select = None
        if tag == "textarea" and self.textarea:
            self.data.appendlist(self.textarea["name"], self.textarea["text"].removeprefix("\n"))
            self.textarea = None


def sent_back(html: str) -> Mapping[str, Any]:
    """What a browser sends when nobody touches the page."""
    return Controls(html).data
