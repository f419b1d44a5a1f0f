"""A step of 60 items as HTML: our filled skin, and the same items as a Django form's widgets."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from django import forms

from bench.made import Block, definition_of, item
from formbuilder.definition import StepDef
from formbuilder.skin import Filling, StepSkin, make_skin
from formbuilder.steps import input_id

KINDS = ["text"] * 25 + ["email"] * 5 + ["textarea"] * 10 + ["select"] * 10 + ["radio"] * 5 + ["consent"] * 5
OPTIONS = ["北区", "東区", "中央区", "江南区", "秋葉区", "南区", "西区", "西蒲区"]
TYPED = {"text": "見本 <花子> & 太郎", "email": "taro@example.jp", "textarea": "要望です。\n二行目です。"}
TYPED |= {"select": "中央区", "radio": "中央区", "consent": "yes"}


def step_of_60() -> StepDef:
    fields = [_item(at, kind) for at, kind in enumerate(KINDS)]
    return definition_of("60項目", [fields]).steps[0]


def _item(at: int, kind: str) -> Block:
    settings: Block = {"label": f"項目{at}", "help": "説明です。"}
    if kind in ("select", "radio"):
        settings |= {"widget": kind, "choices": [{"label": option, "code": ""} for option in OPTIONS]}
    type_ = "choice" if kind in ("select", "radio") else kind
    return item(f"f{at}", type_, settings)


def skin_and_filling(step: StepDef) -> tuple[StepSkin, Filling]:
    """The step's skin, and one resident's answers to all of it."""
    boxes = {field.key: TYPED[kind] for field, kind in zip(step.fields, KINDS, strict=True)}
    return make_skin(step), Filling(boxes=boxes, visible=frozenset(boxes))


def django_form() -> forms.Form:
    """The same items and answers with Django's own fields and widgets."""
    form = forms.Form(initial={input_id(f"f{at}"): TYPED[kind] for at, kind in enumerate(KINDS)})
    for at, kind in enumerate(KINDS):
        form.fields[input_id(f"f{at}")] = _django_field(at, kind)
    return form


def _django_field(at: int, kind: str) -> forms.Field:
    common: dict[str, Any] = {"label": f"項目{at}", "help_text": "説明です。"}
    choices = [(option, option) for option in OPTIONS]
    match kind:
        case "email":
            return forms.EmailField(**common)
        case "textarea":
            return forms.CharField(widget=forms.Textarea, **common)
        case "select":
            return forms.ChoiceField(choices=choices, **common)
        case "radio":
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case "consent":
            return forms.BooleanField(**common)
    return forms.CharField(**common)


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Median ms of doing it once, the first time left out."""
    work()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return 1000 * statistics.median(spent)
