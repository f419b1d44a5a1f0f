"""Whatever an editor does to a form, it can be compiled or is refused in words, previewed, and edited on."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.blocks.base import get_error_json_data

from cms.models import DepartmentPage
from demo.load import FORMS
from formbuilder.admin_form import placed
from formbuilder.blocks import body_block
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.exporting import export_form
from formbuilder.fields import FIELD_TYPES
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from formbuilder.preview import preview_steps
from formbuilder.runtime import CompiledForm
from tests.formbuilder.editing import inputs, send
from tests.support.cast import Cast

JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
FORMULAS = ["=［多胎］", "=1/0", "=［氏名.姓］&［支給額］", "=［胎児の数］>［支給額］"]
TEXTS = ["", " ", "多胎", "氏名", *FORMULAS, "</p><script>", "\x02[1]\x03", "𠮷", "長" * 300]
ADDRESSES = ["", "tatai", "jusho.city", "jusho", "gaku", "tsucho", "birth.era", "gone", "kouza.number", "doui"]
OPERATORS = ["eq", "ne", "gt", "le", "contains", "not_starts_with", "blank", "not_blank"]
Body = list[dict[str, Any]]
Chance = random.Random


def smile_gift() -> Body:
    data = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
    return [{"type": "step", "id": step["id"], "value": {**step, "fields": _items(step)}} for step in data["steps"]]


def _items(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": each["type"], "id": each["id"], "value": each["settings"]} for each in step["fields"]]


def fields_of(body: Body, chance: Chance) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chance.choice(body)["value"]["fields"] if body else []
    return found


def change_a_text(body: Body, chance: Chance) -> None:
    """In any setting that holds one, of an item or of a screen."""
    field = chance.choice(fields_of(body, chance) or [{"value": {}}])
    settings = field["value"]
    names = [name for name, value in settings.items() if isinstance(value, str)] or ["label"]
    settings[chance.choice([*names, "name", "help"])] = chance.choice(TEXTS)


def change_a_number(body: Body, chance: Chance) -> None:
    for field in fields_of(body, chance):
        for name in ("max_length", "min_files", "max_files", "max_mb", "min_age", "max_age", "decimals", "rows"):
            if chance.random() < 0.5 and name in FIELD_TYPES[field["type"]].block().child_blocks:
                field["value"][name] = chance.choice([None, 0, 1, 5, -3, 10**9])


def set_a_condition(body: Body, chance: Chance) -> None:
    values = [*TEXTS, "はい", "5", "2026-04-01"]
    rows = [
        {"field": chance.choice(ADDRESSES), "operator": chance.choice(OPERATORS), "value": chance.choice(values)}
        for _ in range(chance.randrange(3))
    ]
    places = [step["value"] for step in body] + [field["value"] for field in fields_of(body, chance)]
    if places:
        chance.choice(places)["condition"] = {"rows": rows, "match": chance.choice(["all", "any"])}


def set_a_rule(body: Body, chance: Chance) -> None:
    for field in fields_of(body, chance)[:2]:
        if "rules" in FIELD_TYPES[field["type"]].block().child_blocks:
            field["value"]["rules"] = [{"formula": chance.choice(TEXTS), "message": chance.choice(TEXTS)}]


def move_an_item(body: Body, chance: Chance) -> None:
    fields = fields_of(body, chance)
    if fields:
        moved = fields.pop(chance.randrange(len(fields)))
        target = fields_of(body, chance)
        target.insert(chance.randrange(len(target) + 1), moved)


def remove_an_item(body: Body, chance: Chance) -> None:
    fields = fields_of(body, chance)
    if fields:
        fields.pop(chance.randrange(len(fields)))


def double_an_item(body: Body, chance: Chance) -> None:
    """With a new id, as the editor does, or with the same."""
    fields = fields_of(body, chance)
    if fields:
        copy = json.loads(json.dumps(chance.choice(fields)))
        copy["id"] = chance.choice([copy["id"], "new-id", None])
        fields.append(copy)


def add_an_item(body: Body, chance: Chance) -> None:
    """As the menu adds it: with nothing but its defaults."""
    key = f"added-{chance.random()}"
    fields_of(body, chance).append({"type": chance.choice(list(FIELD_TYPES)), "id": key, "value": {}})


def change_the_screens(body: Body, chance: Chance) -> None:
    what = chance.randrange(3)
    if what == 0:
        chance.shuffle(body)
    elif what == 1 and body:
        body.pop(chance.randrange(len(body)))
    else:
        body.append({"type": "step", "id": f"step-{chance.random()}", "value": {"fields": []}})


EDITS: list[Callable[[Body, Chance], None]] = [
    change_a_text,
    change_a_number,
    set_a_condition,
    set_a_rule,
    move_an_item,
    remove_an_item,
    double_an_item,
    add_an_item,
    change_the_screens,
]


def edited(seed: int) -> Body:
    chance = random.Random(seed)
    body = smile_gift()
    for _ in range(chance.randrange(1, 12)):
        chance.choice(EDITS)(body, chance)
    return body


@pytest.mark.parametrize("hundred", range(2))
def test_any_edit_compiles_or_is_refused_in_words_and_can_be_previewed(hundred: int) -> None:
    published = 0
    for seed in range(hundred * 100, hundred * 100 + 100):
        stream = body_block().to_python(edited(seed))
        try:
            definition, whole = compile_form(title="題名", body=stream), True
        except CompileErrors as errors:
            definition, whole = errors.draft, False
            assert errors.problems
            assert all(JAPANESE.search(problem.message) for problem in errors.problems), seed
            for _, error in placed(errors.problems, stream, None):
                assert json.dumps(get_error_json_data(error))
        steps = preview_steps(definition, is_whole=whole)
        assert len(steps) == len(stream)
        assert "<script>" not in "".join(step.body for step in steps)
        if whole:
            published += 1
            CompiledForm(definition)
    assert 0 < published < 100  # both kinds came up


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_any_edit_can_be_saved_looked_at_and_handed_over(seed: int, cast: Cast, client: Client) -> None:
    data = json.loads((FORMS / "smile-gift.json").read_text(encoding="utf-8"))
    page = import_form(data, section=DepartmentPage.objects.get(department=cast.children), publish=True)
    draft: FormPage = page.get_latest_revision_as_object()
    draft.body = body_block().to_python(edited(seed))
    client.force_login(cast.publisher)
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])

    saved = send(client, page, inputs(draft))
    assert saved.status_code in (200, 302)  # 200: something is longer than it may be, even in a draft
    assert client.get(edit).status_code == 200
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert client.post(address, inputs(draft)).status_code == 200
    assert client.get(address, {"mode": "form"}).status_code == 200
    assert send(client, page, inputs(draft), "publish").status_code in (200, 302)
    assert json.dumps(export_form(FormPage.objects.get(pk=page.pk).get_latest_revision_as_object()))
    assert client.get("/apply/smile-gift/1/").status_code == 200
