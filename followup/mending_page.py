"""The page on which a resident corrects what was named, and nothing else: the form's own items, in its order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.channels import waived_by
from applications.uploads import receive_into
from dialogue import corrections
from dialogue.mending import Mending
from formbuilder.browser import item_rules, page_rules
from formbuilder.buttons import pressed
from formbuilder.definition import StepDef
from formbuilder.engine import Engine
from formbuilder.fields.repeat import RepeatType
from formbuilder.skin import Attached, Filling, scripts_of
from formbuilder.steps import StepForm
from formbuilder.uploads.inspect import CheckedFile

ELSEWHERE = gettext_noop("「{label}」と合いません：{message}")


@dataclass(frozen=True)
class Page:
    """mending: with all that was kept; forms: of the steps that have something to correct, as posted or empty."""

    mending: Mending
    forms: tuple[StepForm, ...]
    is_posted: bool
    asked: str = ""  # a group that is to be shown with an empty row more

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(anchor, message): at items of the page first, then what no longer agrees with items elsewhere."""
        if not self.is_posted:
            return []
        may, engine = self.mending.may_change, spoken(self.mending)
        here = [(each.anchor, each.summary) for form in self.forms for each in form.mistakes()]
        others = {key: told for key, told in self.mending.problems.items() if key not in may}
        return here + [
            ("mg-mend", _(ELSEWHERE).format(label=engine.fields[key].definition.label, message=told))
            for key, told in others.items()
        ]


def spoken(mending: Mending) -> Engine:
    """The form as its reader reads it; what is kept is the same."""
    return mending.application.version.spoken


def steps_of(mending: Mending) -> list[StepDef]:
    """The steps with an item that may be changed, even where the item is only there after another change."""
    steps = spoken(mending).definition.steps
    return [step for step in steps if any(item.key in mending.may_change for item in step.fields)]


def blank_page(mending: Mending, asked: str = "") -> Page:
    return Page(mending, tuple(_forms(mending, None, None)), is_posted=False, asked=asked)


def receive(request: HttpRequest, mending: Mending) -> Page:
    """Keep what came, whatever is wrong with it, and judge it. Raises NotOpen."""
    pk = mending.correction.pk
    if removed := request.POST.get("remove", ""):
        corrections.unstage_file(pk, public_id=removed)
    refused: dict[str, list[str]] = {}

    def keep(key: str, checked: CheckedFile, most: int) -> bool:
        return corrections.stage_file(pk, field_key=key, checked=checked, most=most)

    for form in _forms(mending, None, None):
        for key in form.inputs.keys() - mending.may_change:
            del form.fields[key]  # files for anything else are not even looked at
        refused |= receive_into(request, form, mending.application, keep)
    data, _ = pressed(spoken(mending), request.POST)
    mending.correction.refresh_from_db()
    mending = Mending(mending.application, mending.correction)
    forms = tuple(_forms(mending, data, request.FILES))
    taken, left = _brought(mending, forms, is_whole="whole" in request.POST)
    mending = corrections.stage(pk, taken=taken, unfinished=left)
    for form in forms:
        for key in refused.keys() & form.inputs.keys() & form.state.visible:
            form.errors.pop(key, None)
            form.add_error(key, django_forms.ValidationError(refused[key]))
    return Page(mending, forms, is_posted=True)


def _brought(mending: Mending, forms: tuple[StepForm, ...], *, is_whole: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """(answers, boxes that could not be taken) of what may be changed. Files have been kept already."""
    taken: dict[str, Any] = {}
    left: dict[str, Any] = {}
    if not is_whole:  # the connection broke off: boxes that did not arrive are not empty
        return taken, left
    for form in forms:
        for key, field in form.inputs.items():
            if key not in mending.may_change or key in form.fixed or field.type.takes_files:
                continue
            if key in form.refused:
                left[key] = form.refused[key]
            elif key in form.state.visible:
                taken[key] = form.taken.get(key)
    return taken, left


def _forms(mending: Mending, data: Any, files: Any) -> Iterator[StepForm]:
    """Each read with what those before it hold. What may not be changed keeps its answer, whatever was posted."""
    known = dict(mending.answers)
    for step in steps_of(mending):
        made = spoken(mending).form(step)
        others = {item.key for item in step.fields} - mending.may_change
        form = made(
            data, files, answers=known, today=mending.day, fixed=others | _left_blank(mending, made, step, data)
        )
        if data is not None:
            form.is_valid()
            waived = {key for key in waived_by(spoken(mending), mending.application.channel) if key not in form.refused}
            for key in [key for key in form.errors if key not in mending.may_change or key in waived]:
                del form.errors[key]
            for key in mending.may_change & form.inputs.keys():
                known.pop(key, None)
                if form.taken.get(key) is not None:
                    known[key] = form.taken[key]
        yield form


def _left_blank(mending: Mending, made: type[StepForm], step: StepDef, data: Any) -> set[str]:
    """Sensitive items are shown without their answers: boxes left empty say that it stays as it is."""
    if data is None:
        return set()
    form = made(data, answers={}, today=mending.day)
    hidden = hidden_items(mending)
    return {key for key in form.inputs if key in hidden and key in mending.answers and _is_blank(form.boxes(key))}


def _is_blank(boxes: Any) -> bool:
    if isinstance(boxes, Mapping):
        return all(map(_is_blank, boxes.values()))
    if isinstance(boxes, list):
        return all(map(_is_blank, boxes))
    return not boxes or not str(boxes).strip()


def hidden_items(mending: Mending) -> frozenset[str]:
    """A mailbox is no proof of who reads it: what is sensitive is not shown again."""
    fields = (spoken(mending).fields[key] for key in mending.may_change)
    return frozenset(field.key for field in fields if field.definition.holds_sensitive and not field.type.takes_files)


def page_context(page: Page) -> dict[str, Any]:
    """Context of followup/correction.html."""
    mending, engine = page.mending, spoken(page.mending)
    sections = []
    for step, form in zip(steps_of(mending), page.forms, strict=True):
        filling = _filling(mending, form, page.asked)
        skins = [skin for item, skin in engine.skin(step).items if item.key in mending.may_change]
        body = mark_safe("".join(skin.fill(filling) for skin in skins))  # noqa: S308 - skins escape
        sections.append({"title": step.title, "body": body})
    # what is calculated elsewhere may decide what is shown here
    calculated = {key for key, field in engine.fields.items() if field.formula is not None}
    rules = item_rules(engine, mending.may_change | calculated)
    unseen = hidden_items(mending) & mending.answers.keys()
    hidden = [field.definition.label for key, field in engine.fields.items() if key in unseen]
    fields = [engine.fields[key] for key in mending.may_change]
    return {
        "sections": sections,
        "errors": page.errors,
        "hidden": hidden,
        "takes_files": any(field.type.takes_files for field in fields),
        "scripts": scripts_of(field.definition for field in fields),
        "rules": page_rules(rules, mending.journey.state.scope, mending.day) if rules else None,
    }


def _filling(mending: Mending, form: StepForm, asked: str) -> Filling:
    boxes: dict[str, Any] = {}
    hidden = hidden_items(mending)
    for key, field in form.inputs.items():
        if form.is_bound and key in form.refused:
            boxes[key] = form.boxes(key)
        elif key in hidden:
            boxes[key] = field.type.boxes(field.definition, None)
        elif not form.is_bound and key in mending.unfinished:
            boxes[key] = mending.unfinished[key]
        else:
            answers = form.taken if form.is_bound else mending.answers
            boxes[key] = field.type.boxes(field.definition, answers.get(key))
        if key == asked and isinstance(field.type, RepeatType) and len(boxes[key]) < field.type.most(field.definition):
            boxes[key] = [*boxes[key], {}]
    errors: dict[str, list[tuple[str, str]]] = {}
    for mistake in form.mistakes():
        errors.setdefault(mistake.key, []).append((mistake.part, mistake.message))
    return Filling(
        boxes=boxes,
        errors=errors,
        visible=form.state.visible,
        files=_files(mending, form),
        rows={key: form.rows(key, boxes[key]) for key, field in form.inputs.items() if field.type.has_rows},
    )


def _files(mending: Mending, form: StepForm) -> dict[str, list[Attached]]:
    found: dict[str, list[Attached]] = {}
    for key, field in form.inputs.items():
        if not field.type.takes_files or key not in mending.may_change:
            continue
        for number, public_id in enumerate(mending.answers.get(key, []), 1):
            if file := mending.files.get(public_id):
                name = _("ファイル{number}").format(number=number) if field.definition.sensitive else file.name
                found.setdefault(key, []).append(Attached(public_id, name, file.size))
    return found
