"""What holds for every type, those added later too."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.utils.translation import override
from wagtail import hooks
from wagtail.blocks import StreamBlock

from formbuilder.blocks import step_block
from formbuilder.definition import FieldDef
from formbuilder.expressions.nodes import Value
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType, InputField
from formbuilder.steps import input_id
from scripts.field_docs import PAGE, page
from tests.formbuilder.fields.making import KEY, Controls, html_of, item, sent_back

ALL = list(FIELD_TYPES.values())
ASKED = [type_ for type_ in ALL if type_.is_input and type_.is_asked]
TYPED = [type_ for type_ in ASKED if not type_.takes_files]  # into boxes
SCRIPT = "\"><script>alert('見本')</script>&"

each = pytest.mark.parametrize("type_", ALL, ids=lambda type_: type_.name)
each_asked = pytest.mark.parametrize("type_", ASKED, ids=lambda type_: type_.name)
each_typed = pytest.mark.parametrize("type_", TYPED, ids=lambda type_: type_.name)


def as_posted(type_: FieldType, field: FieldDef, data: Any) -> Any:
    """The answer that Django's form takes from posted data."""
    reader = InputField(type_, field)
    return reader.clean(reader.widget.value_from_datadict(data, {}, input_id(KEY)))


@each
def test_it_is_registered_under_its_own_name(type_: FieldType) -> None:
    assert FIELD_TYPES[type_.name] is type_
    assert isinstance(item(type_.name), FieldDef)


def test_the_editors_menu_has_the_order_of_the_list() -> None:
    fields = step_block().child_blocks["fields"]
    assert isinstance(fields, StreamBlock)

    assert [block.name for _, blocks in fields.grouped_child_blocks() for block in blocks] == list(FIELD_TYPES)
    assert all(group for group, _ in fields.grouped_child_blocks())


@each
def test_its_icon_exists(type_: FieldType) -> None:
    icons: list[str] = []
    for register in hooks.get_hooks("register_icons"):
        icons = register(icons)

    assert f"wagtailadmin/icons/{type_.icon}.svg" in icons


@each
def test_every_setting_has_a_place_and_a_japanese_label(type_: FieldType) -> None:
    block = type_.block()

    assert sorted(block.get_form_layout().get_sorted_block_names()) == sorted(block.child_blocks)
    for child in block.child_blocks.values():
        assert any(character > "\u3000" for character in child.label), child.name


@each
def test_settings_and_definition_are_json(type_: FieldType) -> None:
    block = type_.block()
    options = dict(item(type_.name).options)

    assert json.loads(json.dumps(options)) == options
    json.dumps(block.get_prep_value(block.get_default()))


@each_asked
def test_its_example_is_an_answer(type_: FieldType) -> None:
    field = item(type_.name)

    assert type_.normalise(field, type_.boxes(field, type_.example)) == type_.example
    assert json.loads(json.dumps(type_.example)) == type_.example
    assert type_.display(field, type_.example)
    jsonschema.validate(type_.example, type_.json_schema(field))
    jsonschema.Draft202012Validator.check_schema(type_.json_schema(field))


@each
def test_an_export_has_a_cell_for_every_heading(type_: FieldType) -> None:
    field = item(type_.name)

    for answer in (type_.example, None):
        cells = type_.cells(field, answer)
        assert len(cells) == len(type_.headers(field))
        assert all(isinstance(cell, str) for cell in cells)
    assert type_.display(field, None) == ""


@each
def test_formulas_see_what_the_type_promises_and_nothing_else(type_: FieldType) -> None:
    field = item(type_.name)
    promised = {""} if type_.kind else set(type_.formula_parts_of(field))

    for answer in (type_.example, None):
        assert set(type_.scalars(field, answer)) == promised


@each_asked
def test_it_says_what_to_do_when_an_answer_is_missing(type_: FieldType) -> None:
    message = type_.missing_message(item(type_.name, "質問"))

    assert message.endswith(("してください。", "んでください。", "れてください。"))
    assert "{" not in message
    assert type_.boxes(item(type_.name), None) in ("", [], {})
    assert type_.normalise(item(type_.name), type_.boxes(item(type_.name), None)) is None


# --- its HTML


@each
def test_its_page_hides_and_shows_it(type_: FieldType) -> None:
    field = item(type_.name)

    assert f'data-field="{KEY}"' in html_of(field)
    assert re.search(f'data-field="{KEY}"[^>]* hidden', html_of(field, hidden=True))
    assert not re.search(f'data-field="{KEY}"[^>]* hidden', html_of(field))


@each_asked
def test_every_control_has_a_label_and_every_id_is_there_once(type_: FieldType) -> None:
    html = html_of(item(type_.name))
    controls = Controls(html)

    assert len(controls.ids) == len(set(controls.ids))
    assert input_id(KEY) in controls.ids
    assert controls.unlabelled == []


@each_typed
def test_what_its_page_shows_comes_back_as_the_same_answer(type_: FieldType) -> None:
    field = item(type_.name)
    html = html_of(field, type_.boxes(field, type_.example))

    assert as_posted(type_, field, sent_back(html)) == type_.example


@each_typed
def test_an_untouched_page_comes_back_unanswered(type_: FieldType) -> None:
    field = item(type_.name)

    assert as_posted(type_, field, sent_back(html_of(field))) is None


@each_typed
def test_a_refused_text_is_shown_again_and_never_as_html(type_: FieldType) -> None:
    field = item(type_.name)
    boxes: Any = (
        dict.fromkeys(type_.parts_of(field), SCRIPT)
        if type_.parts_of(field)
        else [SCRIPT]
        if type_.multiple
        else SCRIPT
    )

    html = html_of(field, boxes, [("", f"{SCRIPT}を直してください。")])

    assert "<script" not in html
    assert f'id="{input_id(KEY)}-error"' in html
    assert "を直してください。" in html


@each_typed
def test_an_error_marks_the_boxes_it_is_about(type_: FieldType) -> None:
    field = item(type_.name)

    assert 'aria-invalid="true"' not in html_of(field)
    whole = html_of(field, errors=[("", "直してください。")]).count('aria-invalid="true"')
    assert whole >= 1
    for part in type_.parts_of(field):
        assert html_of(field, errors=[(part, "直してください。")]).count('aria-invalid="true"') == 1
        assert whole == len(type_.parts_of(field))


@each_asked
def test_it_says_whether_an_answer_is_needed(type_: FieldType) -> None:
    assert "※必須" in html_of(item(type_.name))
    assert "※任意" in html_of(item(type_.name, required=False))


@each_asked
def test_the_words_that_the_script_puts_there_come_in_the_language_of_the_page(type_: FieldType) -> None:
    depends = replace(item(type_.name), required=Value(True, "boolean"))
    assert 'data-must="※必須" data-may="※任意">※条件により必須<' in html_of(depends)
    with override("pt-br"):
        assert 'data-must="obrigatório" data-may="opcional">obrigatório em alguns casos<' in html_of(depends)
    script = finders.find("formbuilder/js/step.js")
    assert isinstance(script, str) and "必須" not in Path(script).read_text(encoding="utf-8")


# --- what a tampered request may bring

TAMPERED = [
    None,
    3,
    True,
    1.5,
    b"yes",
    [],
    ["a"],
    [None],
    [["a"]],
    {},
    {"family": ["a"]},
    {"a": "b"},
    {"year": 3},
    object(),
]


@each_asked
@pytest.mark.parametrize("raw", TAMPERED, ids=range(len(TAMPERED)))
def test_a_tampered_request_is_refused_in_words(type_: FieldType, raw: object) -> None:
    reader = InputField(type_, item(type_.name))
    if type_.takes_files:  # the browser's word about files is never taken
        assert reader.clean(raw) is None
        return
    try:
        answer = reader.clean(raw)
    except forms.ValidationError as error:
        assert error.messages[0].endswith("。")
    else:
        assert answer is None or raw == ["a"]


# --- the docs


def test_the_docs_say_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python scripts/field_docs.py"


@each
def test_the_docs_name_it(type_: FieldType) -> None:
    assert f"| `{type_.name}` |" in PAGE.read_text(encoding="utf-8")
