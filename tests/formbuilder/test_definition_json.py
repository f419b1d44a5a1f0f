"""The document that is kept: it can be read back, two equal forms have one digest, and no text can spoil a page."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.blocks import body_block
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.definition import SCHEMA, DefinitionError, FieldDef, FormDefinition, Rule, StepDef
from formbuilder.expressions.nodes import Call, Expression, FieldRef, Value
from formbuilder.fields import FIELD_TYPES
from formbuilder.skin import CLOSE, OPEN, Filling, make_skin
from tests.support.cast import item

texts = st.text(max_size=20)
keys = st.text(min_size=1, max_size=10)
values = st.one_of(
    st.builds(Value, texts, st.just("text")),
    st.builds(Value, st.integers(-(10**9), 10**9).map(Decimal), st.just("number")),
    st.builds(Value, st.booleans(), st.just("boolean")),
    st.builds(Value, st.dates(min_value=date(1, 1, 1)), st.just("date")),
)
references = st.builds(FieldRef, keys, st.none() | keys)
expressions: st.SearchStrategy[Expression] = st.recursive(
    values | references,
    lambda inner: (
        st.builds(Call, st.sampled_from(["eq", "lt", "ne"]), st.tuples(inner, inner))
        | st.builds(Call, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
fields = st.builds(
    FieldDef,
    key=keys,
    type=st.sampled_from(list(FIELD_TYPES)),
    name=texts,
    label=texts,
    help=texts,
    required=st.booleans() | expressions,
    visible=st.none() | expressions,
    sensitive=st.booleans(),
    options=st.dictionaries(texts, json_values, max_size=3),
    rules=st.lists(st.builds(Rule, expressions, texts), max_size=2).map(tuple),
)
steps = st.builds(
    StepDef,
    key=keys,
    slug=keys,
    title=texts,
    intro=texts,
    visible=st.none() | expressions,
    fields=st.lists(fields, max_size=3).map(tuple),
)
definitions = st.builds(
    FormDefinition,
    title=texts,
    steps=st.lists(steps, max_size=3).map(tuple),
    requires=st.dictionaries(texts, json_values, max_size=2),
    after=texts,
)


@given(definitions)
def test_a_definition_survives_its_json(definition: FormDefinition) -> None:
    kept = json.loads(json.dumps(definition.to_json()))
    again = FormDefinition.from_json(kept)
    assert again == definition
    assert again.to_json() == definition.to_json()
    assert again.digest() == definition.digest()


@given(definitions, definitions)
def test_forms_have_one_digest_if_and_only_if_they_are_equal(one: FormDefinition, other: FormDefinition) -> None:
    assert (one.digest() == other.digest()) == (one.to_json() == other.to_json())


def test_the_digest_does_not_depend_on_the_order_of_settings() -> None:
    def with_options(options: dict[str, Any]) -> str:
        field = FieldDef("k", "text", "n", "l", options=options)
        return FormDefinition("t", (StepDef("s", "1", "画面", fields=(field,)),)).digest()

    assert with_options({"a": 1, "b": {"c": 2, "d": 3}}) == with_options({"b": {"d": 3, "c": 2}, "a": 1})


def test_the_digest_of_a_known_form_never_changes() -> None:
    """Versions of years ago are recognised by it; a new schema needs a new number, not a new digest."""
    field = FieldDef("k", "text", "氏名", "お名前", required=True, options={"max_length": 10})
    definition = FormDefinition("手続", (StepDef("s", "1", "画面", fields=(field,)),), after="<p>終わり</p>")
    assert SCHEMA == 1
    assert definition.digest() == "dcc4334187dc34288fcd921d05afc3325c3d040d6910933b85319adaa0f2361b"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"schema": 2},
        {"schema": SCHEMA},
        {"schema": SCHEMA, "title": "t", "after": "", "requires": {}, "steps": None},
        {"schema": SCHEMA, "title": "t", "after": "", "requires": {}, "steps": [{"key": "s"}]},
        {"schema": SCHEMA, "title": "t", "after": "", "requires": {}, "steps": ["s"]},
    ],
)
def test_what_is_no_definition_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        FormDefinition.from_json(data)


# --- texts that would spoil a page

INVISIBLE = "\x0b\x1f\x7f\ufeff\ud800\ufffe\u202e"
HARMFUL = f"{OPEN}[&quot;x&quot;]{CLOSE}{INVISIBLE}"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def harmful(type_: str) -> dict[str, Any]:
    """An item with something invisible in every text an editor can type."""
    block = FIELD_TYPES[type_].block()
    value = block.get_default()
    settings = {name: _spoilt(value[name]) for name in block.child_blocks if isinstance(value[name], str)}
    settings |= {"label": f"見出し{HARMFUL}", "help": f"説明{HARMFUL}", "name": f"項目{HARMFUL}{type_}"}
    row = {"id": "key-row", "type": "text", "value": {"label": f"品名{HARMFUL}", "name": f"品{HARMFUL}"}}
    extra: dict[str, dict[str, Any]] = {
        "choice": {"choices": [{"label": f"甲{HARMFUL}", "code": f"a{HARMFUL}"}], "widget": "radio"},
        "choices": {"choices": [{"label": f"甲{HARMFUL}", "code": f"a{HARMFUL}"}]},
        "computed": {"formula": f"=50{INVISIBLE[1:]}000"},
        "rich_text": {"html": f"<p>説明{HARMFUL}</p>"},
        "stop": {"message": f"<p>対象外{HARMFUL}</p>", "condition": when_blank()},
        "heading": {"level": "2"},
        "text": {"width": "l", "autocomplete": "", "pattern": "", "pattern_example": "", "pattern_message": ""},
        "age": {"birthday": f"項目{HARMFUL}date", "on": "today"},
        "quantity": {"unit": f"世帯{INVISIBLE}"},
        "rating": {"low": f"悪い{INVISIBLE}", "high": f"よい{INVISIBLE}"},
        "linked": {"groups": [{"label": f"川{HARMFUL}", "choices": f"橋{HARMFUL}\n護岸"}]},
        "listed": {"table": f"1,川{HARMFUL}\n橋"},
        "matrix": {"rows": [{"label": f"一{HARMFUL}", "code": ""}], "choices": [{"label": f"甲{HARMFUL}", "code": ""}]},
        "goods": {"things": [{"label": f"写し{HARMFUL}", "code": "", "price": 300, "most": 3}], "counter": "個"},
        "notice": {"tone": "info", "message": f"<p>案内{HARMFUL}</p>"},
        "page_link": {"url": "https://www.example.jp/"},
        "repeat": {"counter": "人", "fields": [row]},
    }
    known = {name: setting for name, setting in settings.items() if name in block.child_blocks}
    return {"id": f"key-{type_}", "type": type_, "value": {**known, **extra.get(type_, {})}}


def _spoilt(text: str) -> str:
    return f"{text}{HARMFUL}" if text else ""


def when_blank() -> dict[str, Any]:
    return {"rows": [{"field": "key-text", "operator": "eq", "value": f"x{HARMFUL}"}], "match": "all"}


def test_no_text_of_an_editor_reaches_a_definition_with_anything_invisible_in_it() -> None:
    alone = [name for name, type_ in FIELD_TYPES.items() if not type_.needs]  # the others stand for a gate
    items = [harmful(type_) for type_ in alone]
    value = {"title": f"画面{HARMFUL}", "intro": f"<p>はじめに{HARMFUL}</p>", "fields": items}
    body = body_block().to_python([{"type": "step", "id": "s", "value": value}])
    definition = compile_form(title=f"題名{HARMFUL}", body=body, after=f"<p>あと{HARMFUL}</p>")

    assert CONTROL.search(json.dumps(definition.to_json(), ensure_ascii=False)) is None
    assert definition.title == "題名[&quot;x&quot;]"
    [step] = definition.steps
    assert len(step.fields) == len(alone)
    html = make_skin(step).fill(Filling({}, visible=frozenset(field.key for field in step.fields)))
    assert OPEN not in html
    assert CLOSE not in html


@pytest.mark.parametrize("type_", FIELD_TYPES)
def test_a_text_with_nul_in_it_is_refused_in_words(type_: str) -> None:
    settings = {"label": "見出し\x00", "html": "<p>説明</p>", "message": "<p>説明</p>", "formula": "=1"}
    known = {name: setting for name, setting in settings.items() if name in FIELD_TYPES[type_].block().child_blocks}
    fields = [{"id": "a", "type": type_, "value": known}]
    body = body_block().to_python([{"type": "step", "id": "s", "value": {"title": "画面", "fields": fields}}])
    with pytest.raises(CompileErrors, match="使えない文字"):
        compile_form(title="題名", body=body)


def test_names_that_differ_only_in_what_cannot_be_seen_are_one_name() -> None:
    fields = [
        {"id": "a", "type": "text", "value": {"label": "氏名"}},
        {"id": "b", "type": "computed", "value": {"label": "長さ", "formula": f"=文字数(［氏{INVISIBLE[1:]}名］)"}},
    ]
    body = body_block().to_python([{"type": "step", "id": "s", "value": {"title": "画面", "fields": fields}}])
    definition = compile_form(title="題名", body=body)
    assert definition.steps[0].fields[1].options["formula"] == {"op": "length", "args": [{"field": "a"}]}


def test_letters_that_need_a_selector_or_lie_beyond_the_basic_plane_stay() -> None:
    label = "葛󠄀城市の𠮷田さん"
    fields = [item("text", label, key="a")]
    raw = [{"type": one["type"], "id": one["id"], "value": one["settings"]} for one in fields]
    body = body_block().to_python([{"type": "step", "id": "s", "value": {"title": "画面", "fields": raw}}])
    assert compile_form(title="題名", body=body).steps[0].fields[0].label == label
