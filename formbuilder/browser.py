"""What the script on a step's page needs to show, hide and calculate at once; the server decides all the same."""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

from formbuilder.definition import StepDef
from formbuilder.dependencies import computed_formula
from formbuilder.expressions.kinds import plain
from formbuilder.expressions.nodes import Call, Expression, references, to_json
from formbuilder.runtime import CompiledForm, RuntimeField


def step_rules(compiled: CompiledForm, *steps: StepDef) -> dict[str, Any]:
    """What is the same for every resident; empty when nothing on a page with these steps depends on an answer.

    order: the steps' items, each after all it depends on; fields: how to read their boxes; visible, required,
    computed: JSON expressions by key; rows: the same of the items in a row, by the group's key; kinds: of the answers
    of other steps that those look at.
    """
    shown = {step.key for step in steps}
    return item_rules(
        compiled, {field.key for field in compiled.order if field.step.key in shown}, alone=len(steps) == 1
    )


def item_rules(compiled: CompiledForm, keys: Set[str], *, alone: bool = False) -> dict[str, Any]:
    """The same for a page with these items alone."""
    here = [field for field in compiled.order if field.key in keys]
    visible = {field.key: condition for field in here if (condition := _visible(field, alone=alone))}
    expressions = [*visible.values(), *_expressions(here)]
    rules = _rules(here, visible)
    rows = {}
    for field in here:
        if field.row is not None:
            conditions = {inner.key: inner.definition.visible for inner in field.row.order if inner.definition.visible}
            expressions += [*conditions.values(), *_expressions(field.row.order)]
            rows[field.key] = _rules(field.row.order, conditions)
    if not expressions:
        return {}
    inside = {key for row in rows.values() for key in row["order"]}
    return {**rules, "rows": rows, "kinds": _kinds_elsewhere(compiled, expressions, {*rules["order"], *inside})}


def _expressions(fields: Sequence[RuntimeField]) -> Iterator[Expression]:
    """What the items look at, beside their conditions."""
    for field in fields:
        if not isinstance(field.definition.required, bool):
            yield field.definition.required
        if formula := computed_formula(field.definition):
            yield formula


def _rules(fields: Sequence[RuntimeField], visible: Mapping[str, Expression]) -> dict[str, Any]:
    required = {field.key: field.definition.required for field in fields}
    formulas = [(field, field.definition.options) for field in fields if field.formula]
    return {
        "order": [field.key for field in fields],
        "fields": {field.key: _reading(field) for field in fields},
        "visible": {key: to_json(expression) for key, expression in visible.items()},
        "required": {key: to_json(needed) for key, needed in required.items() if not isinstance(needed, bool)},
        "computed": {
            field.key: {"formula": options["formula"], "unit": options.get("unit", "")} for field, options in formulas
        },
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
    parts = {name: part.kind for name, part in field.type.formula_parts_of(field.definition).items()}
    own = field.type.reading(field.definition)
    return {"type": field.definition.type, "kind": field.type.kind, "parts": parts, **own}


def _kinds_elsewhere(compiled: CompiledForm, expressions: list[Expression], here: set[str]) -> dict[str, str]:
    kinds = {}
    for expression in expressions:
        for key, part in references(expression):
            if key not in here:
                field = compiled.fields[key]
                parts = field.type.formula_parts_of(field.definition)
                kinds[f"{key}.{part}" if part else key] = parts[part].kind if part else str(field.type.kind)
    return kinds


def _plain(value: Any) -> Any:
    """A scalar as JSON; the script reads it back with its kind."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else plain(value)
