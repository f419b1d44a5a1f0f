"""What the script on a step's page needs to show, hide and calculate at once; the server decides all the same."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from formbuilder.definition import StepDef
from formbuilder.expressions.kinds import plain
from formbuilder.expressions.nodes import Call, Expression, from_json, references, to_json
from formbuilder.runtime import CompiledForm, RuntimeField


def step_rules(compiled: CompiledForm, *steps: StepDef) -> dict[str, Any]:
    """What is the same for every resident; empty when nothing on a page with these steps depends on an answer.

    order: the steps' items, each after all it depends on; fields: how to read their boxes; visible, required,
    computed: JSON expressions by key; kinds: of the answers of other steps that those look at.
    """
    shown = {step.key for step in steps}
    here = [field for field in compiled.order if field.step.key in shown]
    visible = {field.key: condition for field in here if (condition := _visible(field, alone=len(steps) == 1))}
    required = {
        field.key: field.definition.required for field in here if not isinstance(field.definition.required, bool)
    }
    formulas = {field.key: from_json(field.definition.options["formula"]) for field in here if field.formula}
    every = [*visible.values(), *required.values(), *formulas.values()]
    if not every:
        return {}
    return {
        "order": [field.key for field in here],
        "fields": {field.key: _reading(field) for field in here},
        "visible": {key: to_json(expression) for key, expression in visible.items()},
        "required": {key: to_json(expression) for key, expression in required.items()},
        "computed": {
            key: {"formula": to_json(formula), "unit": compiled.fields[key].definition.options.get("unit", "")}
            for key, formula in formulas.items()
        },
        "kinds": _kinds_elsewhere(compiled, every, {field.key for field in here}),
    }


def page_rules(rules: Mapping[str, Any], scope: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The step's rules with this resident's answers to the items of other steps that they look at."""
    return {**rules, "today": today.isoformat(), "scope": {name: _plain(scope.get(name)) for name in rules["kinds"]}}


def _visible(field: RuntimeField, *, alone: bool) -> Expression | None:
    """When the item exists. alone: the page has one step, and is not there at all unless the step is."""
    conditions = [] if alone or field.step.visible is None else [field.step.visible]
    if field.definition.visible is not None:
        conditions.append(field.definition.visible)
    return Call("and", tuple(conditions)) if len(conditions) > 1 else next(iter(conditions), None)


def _reading(field: RuntimeField) -> dict[str, Any]:
    parts = {name: part.kind for name, part in field.type.parts.items()}
    return {"type": field.definition.type, "kind": field.type.kind, "parts": parts}


def _kinds_elsewhere(compiled: CompiledForm, expressions: list[Expression], here: set[str]) -> dict[str, str]:
    kinds = {}
    for expression in expressions:
        for key, part in references(expression):
            if key not in here:
                type_ = compiled.fields[key].type
                kinds[f"{key}.{part}" if part else key] = type_.parts[part].kind if part else str(type_.kind)
    return kinds


def _plain(value: Any) -> Any:
    """A scalar as JSON; the script reads it back with its kind."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else plain(value)
