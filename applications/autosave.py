"""自動保存: a page that is still being filled in sends what stands in its boxes, and says which items changed.

Only those are kept, so that an open page undoes nothing that another page or device has done since. An item that both
have changed stays as the other left it, until the resident sends the page.
"""

from collections.abc import Iterator
from typing import Any, cast

from django.http import JsonResponse, QueryDict

from applications.visits import Visit
from formbuilder.definition import FieldDef
from formbuilder.fields.base import InputField
from formbuilder.fields.repeat import RepeatType, rows_in_post
from formbuilder.japanese import Refused
from formbuilder.steps import StepForm, input_id, shortened

ACTION = "keep"
CAME = "came"  # keys of the items that changed; every other box is there for conditions to look at
WAS = "was-"  # before the names of the same items' boxes, as they stood when the page last heard of the draft


def changed_elsewhere(visit: Visit, form: StepForm) -> frozenset[str]:
    """Keys of the items that came, and whose answer is not the one that the page had seen."""
    posted = _posted(form)
    if visit.application is None or posted.get("revision") == str(visit.application.revision):
        return frozenset()
    seen = QueryDict(mutable=True)
    for name, values in posted.lists():
        if name.startswith(WAS):
            seen.setlist(name.removeprefix(WAS), values)
    came = {key: field for key, field in form.inputs.items() if key in posted.getlist(CAME)}
    return frozenset(key for key, field in came.items() if not _is_as_seen(visit, key, field, seen))


def _posted(form: StepForm) -> QueryDict:
    return cast(QueryDict, form.data)


def _is_as_seen(visit: Visit, key: str, field: InputField, seen: QueryDict) -> bool:
    boxes = field.type.posted(field.definition, seen, {}, input_id(key))
    try:
        answer = field.type.normalise(field.definition, boxes)
    except Refused:
        return bool(visit.unfinished.get(key) == shortened(boxes))
    return key not in visit.unfinished and visit.answers.get(key) == answer


def kept(visit: Visit, form: StepForm, elsewhere: frozenset[str]) -> JsonResponse:
    """What the page's script does next: show what was kept as it was understood, and know the draft as it is now."""
    assert visit.application is not None
    boxes: dict[str, str] = {}
    for key in set(_posted(form).getlist(CAME)) & form.taken.keys() - elsewhere:
        boxes |= _understood(form, key)
    return JsonResponse({"revision": visit.application.revision, "boxes": boxes, "elsewhere": sorted(elsewhere)})


def again() -> JsonResponse:
    """The draft was changed in the very moment: what came is to be sent once more."""
    return JsonResponse({"again": True})


def _understood(form: StepForm, key: str) -> dict[str, str]:
    """Name -> text of the boxes whose text was read as another one: 全角 as 半角, a number with its hyphens."""
    field, answer, name = form.inputs[key], form.taken[key], input_id(key)
    if answer is None or field.type.takes_files:
        return {}
    if isinstance(field.type, RepeatType):
        named = _boxes_of_rows(field.type, field.definition, _posted(form), name)
    else:
        named = dict(_named(name, field.type.boxes(field.definition, answer)))
    return {box: text for box, text in named.items() if isinstance(text, str) and form.data.get(box, "") != text}


def _named(name: str, shown: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(shown, dict):
        yield from ((f"{name}-{part}", text) for part, text in shown.items())
    else:
        yield name, shown


def _boxes_of_rows(type_: RepeatType, group: FieldDef, posted: QueryDict, name: str) -> dict[str, Any]:
    """By the numbers that the rows have on the page; the answer itself leaves out rows that are empty."""
    rows, _ = type_.read(group, type_.posted(group, posted, {}, name))
    named: dict[str, Any] = {}
    for number, row in zip(rows_in_post(posted, name), rows, strict=True):
        for inner in type_.asked(group):
            if inner.key in row:
                shown = type_.type_of(inner).boxes(inner, row[inner.key])
                named |= _named(f"{name}.{number}.{inner.key}", shown)
    return named
