"""A form of 300 items and 65 rules, and what it takes to evaluate it once."""

import statistics
import time
from datetime import date
from typing import Any

from bench.made import Block, definition_of, item
from formbuilder.runtime import CompiledForm, State

STEPS = 10
TODAY = date(2026, 4, 1)
KINDS = ["text"] * 12 + ["number"] * 8 + ["date"] * 4 + ["choice"] * 3 + ["yes_no"] + ["computed"] * 2  # of one step


def big_form() -> tuple[CompiledForm, dict[str, Any]]:
    """The form, and answers under which every item is shown.

    Rules: 20 calculated items, 20 conditions, 25 rules that must hold.
    """
    steps = [[_item(step, at, kind) for at, kind in enumerate(KINDS)] for step in range(STEPS)]
    form = CompiledForm(definition_of("300項目", steps))
    answers = {key: _answer(field.definition.type) for key, field in form.fields.items()}
    return form, {key: answer for key, answer in answers.items() if answer is not None}


def number_of_rules(form: CompiledForm) -> int:
    fields = list(form.definition.fields())
    conditions = sum(field.visible is not None for field in fields)
    return conditions + sum(len(field.rules) + (field.type == "computed") for field in fields)


def _item(step: int, at: int, kind: str) -> Block:
    settings: Block = {"label": f"項目{step}の{at}"}
    if kind == "computed":
        settings["formula"] = f"=（［項目{step}の12］＋［項目{step}の13］）×［項目{step}の14］−100"
    elif kind == "text" and at in (10, 11):
        condition = [{"field": f"s{step}f27", "operator": "eq", "value": "はい"}]
        settings["condition"] = {"rows": [*condition, {"field": f"s{step}f15", "operator": "ge", "value": "1"}]}
    elif at in (16, 21) or (at == 22 and step % 2):
        settings["rules"] = [_rule(step, at)]
    return item(f"s{step}f{at}", kind, settings)


def _rule(step: int, at: int) -> dict[str, str]:
    here, before = f"［項目{step}の{at}］", f"［項目{step}の{at - 1}］"
    formula = f"={here}＞＝{before}" if at == 16 else f"=日数({before},{here})＜＝300"
    return {"formula": formula, "message": "前の項目と合わせてください。"}


def _answer(kind: str) -> Any:
    answers = {"text": "見本の文章", "number": "12", "date": "2026-01-15", "choice": "選択肢1", "yes_no": True}
    return answers.get(kind)


def evaluate(form: CompiledForm, answers: dict[str, Any], times: int) -> tuple[float, State]:
    """Median ms of one evaluation, and what it came to."""
    state = form.state(answers, TODAY)
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        state = form.state(answers, TODAY)
        spent.append(time.perf_counter() - begun)
    return 1000 * statistics.median(spent), state
