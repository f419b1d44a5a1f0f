"""What the resident's pages show."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from wagtail.rich_text import expand_db_html

from applications.exits import exits
from applications.expiry import expires_at
from applications.gates import Moment, first_closed
from applications.linking import in_words
from applications.models import Application, Attachment
from applications.visits import COOKIE_DAYS, Visit
from formbuilder.browser import page_rules
from formbuilder.definition import FieldDef, Presentation, StepDef
from formbuilder.engine import Engine
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import InputField
from formbuilder.fields.repeat import RepeatType
from formbuilder.models import FormPage
from formbuilder.questions import question_of
from formbuilder.runtime import State
from formbuilder.skin import Attached, Filling, Fixed, scripts_of
from formbuilder.steps import StepForm

NEWER = gettext_noop("この申請の様式が新しくなりました。このまま続けることも、新しい様式に移ることもできます。")
RETURN = "return=check"  # of a step's address: the resident came from the check page to mend something


def returns_to_check(request: HttpRequest) -> bool:
    """Whether the step was opened from the check page, or is sent by a page that was."""
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get("return") == "check"


@dataclass(frozen=True, slots=True)
class StepLink:
    """One entry of the step navigation. state: done, current or todo; slug: None where one may not go yet."""

    title: str
    slug: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    display: str
    files: list[Attachment]
    edit_url: str = ""  # where each question is mended on its own


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    edit_url: str
    rows: list[Row]


def closed_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form is not published any more, or out of its period; what was typed stays in the draft."""
    form = FormPage.objects.only("live", "accepts_from", "accepts_until").get(pk=visit.version.form_id)
    context = {
        "title": visit.engine.definition.title,
        "department": visit.version.department,
        "message": form.period.refusal if form.live else "",
        "is_kept": visit.application is not None,
    }
    return TemplateResponse(request, "applications/closed.html", context, status=410)


def turned_away(request: HttpRequest, visit: Visit, *, needs_draft: bool = True) -> HttpResponse | None:
    """Where a visitor has to be instead, who has nothing to fill in (any more) or may not."""
    if not visit.is_editable:
        return redirect("apply-done", code=visit.code)
    if not visit.form_is_live:
        return closed_page(request, visit)
    if needs_draft and visit.application is None:
        return redirect("apply", code=visit.code)
    return None


def gate_redirect(visit: Visit, *moments: Moment) -> HttpResponse | None:
    """To the first closed gate of these moments; those of START are met before there is a draft."""
    version = visit.version
    application = visit.application or Application(
        form_id=version.form_id, version=version, department_id=version.department_id
    )
    gate = first_closed(application, *(moments or (Moment.START,)))
    return redirect(gate.url(application)) if gate else None


def step_context(
    request: HttpRequest, visit: Visit, step: StepDef, form: StepForm, url_of: Callable[[str], str]
) -> dict[str, Any]:
    """Context of applications/step.html."""
    journey = visit.journey
    number, previous = journey.steps.index(step) + 1, journey.previous_step(step)
    return {
        "title": visit.engine.definition.title,
        "code": visit.code,
        "version": visit.version.pk,
        "takes_files": any(field.type.takes_files for field in form.inputs.values()),  # multipart costs 10 % of a POST
        "scripts": scripts_of(step.fields),
        "step": step,
        "steps": _links(visit, step),
        "number": number,
        "total": len(journey.steps),
        "intro": expand_db_html(step.intro),
        "body": visit.engine.skin(step).fill(_filling(request, visit, step, form)),
        "postcode_url": _postcode_url(form),
        "errors": summary_of(form),
        "back_url": url_of(previous.slug) if previous else None,
        "asks": visit.presentation.value,
        "question": question_of(step) if visit.presentation == Presentation.QUESTIONS else None,
        "may_vary": visit.version.engine.questions.may_vary if visit.presentation == Presentation.QUESTIONS else False,
        "is_last": number == len(journey.steps),
        "returns": returns_to_check(request),
        "revision": visit.application.revision if visit.application else "",
        "newer": _(NEWER) if visit.is_stale else "",
        "kept_until": expires_at(visit.application) if visit.application else None,
        "save_days": COOKIE_DAYS,
        "exits": exits().values(),
        "rules": _rules(visit, step, form),
        "csrf_token": get_token(request),
    }


def _filling(request: HttpRequest, visit: Visit, step: StepDef, form: StepForm) -> Filling:
    filling = filling_of(visit, step, form, _rows_asked(request, form))
    offers = _offers_asked(request, form, filling.boxes)
    return replace(filling, offers=offers) if offers else filling


def _postcode_url(form: StepForm) -> str:
    """Where the step's script asks for the places of a postcode; "" where no item has one."""
    types = (
        type_
        for field in form.inputs.values()
        for type_ in (field.type, *(FIELD_TYPES[inner.type] for inner in field.definition.fields))
    )
    has_postcode = any("postcode" in type_.parts for type_ in types)
    return reverse("apply-postcode", args=("0",)).removesuffix("0/") if has_postcode else ""


def _links(visit: Visit, here: StepDef) -> list[StepLink]:
    """None where each question has a page: there are too many, and the way is from one to the next."""
    if visit.presentation == Presentation.QUESTIONS:
        return []
    return [_link(visit, each, here) for each in visit.journey.steps]


def _link(visit: Visit, each: StepDef, here: StepDef) -> StepLink:
    if each is here:
        return StepLink(each.title, None, "current")
    reached = visit.journey.can_visit(each)
    done = reached and not visit.journey.problems(each)
    return StepLink(each.title, each.slug if reached else None, "done" if done else "todo")


def filling_of(visit: Visit, step: StepDef, form: StepForm, asked: Mapping[str, int] | None = None) -> Filling:
    """The boxes as posted, else as they were left, else as answered.

    asked: key of a group -> how many rows to show at the least, on a page that was not posted.
    """
    asked = asked or {}
    boxes: dict[str, Any] = {}
    is_new = form.inputs.keys().isdisjoint(visit.answers.keys() | visit.unfinished.keys())
    for key, field in form.inputs.items():
        if form.is_bound and not field.type.takes_files:
            boxes[key] = (
                form.boxes(key) if key in form.refused else field.type.boxes(field.definition, form.taken.get(key))
            )
        elif key in visit.unfinished:
            boxes[key] = visit.unfinished[key]
        elif key not in visit.answers and _begins(field, is_new):
            boxes[key] = field.type.beginning(field.definition, field.definition.options["default"])
        else:
            boxes[key] = field.type.boxes(field.definition, visit.answers.get(key))
        if field.type.has_rows:
            shown = len(form.boxes(key)) if form.is_bound else asked.get(key, 0)
            boxes[key] += [{} for _ in range(shown - len(boxes[key]))]
    errors: dict[str, list[tuple[str, str]]] = {}
    for mistake in form.mistakes():
        errors.setdefault(mistake.key, []).append((mistake.part, mistake.message))
    state = form.state
    calculated = (item for item in step.fields if visit.engine.fields[item.key].formula is not None)
    return Filling(
        boxes=boxes,
        errors=errors,
        visible=state.visible,
        files=_files(visit, step),
        computed={item.key: _display(visit, item, state.answers.get(item.key)) for item in calculated},
        rows={key: form.rows(key, boxes[key]) for key, field in form.inputs.items() if field.type.has_rows},
        fixed={
            item.key: Fixed(_display(visit, item, visit.answers.get(item.key)), in_words(visit.fixed[item.key]))
            for item in step.fields
            if item.key in visit.fixed
        },
    )


def _begins(field: InputField, is_new: bool) -> bool:
    """Whether the boxes begin with the editor's 初期値: what may be left blank stays blank once the step was sent."""
    return "default" in field.definition.options and (is_new or field.definition.required is True)


def _files(visit: Visit, step: StepDef) -> dict[str, list[Attached]]:
    keys = [item.key for item in step.fields if visit.engine.fields[item.key].type.takes_files]
    if not keys or visit.application is None or not any(key in visit.answers for key in keys):
        return {}
    found: dict[str, list[Attached]] = {}
    for file in visit.application.attachments.filter(field_key__in=keys):
        found.setdefault(file.field_key, []).append(Attached(file.public_id, file.name, file.size))
    return found


def _display(visit: Visit, item: FieldDef, answer: Any) -> str:
    return visit.engine.fields[item.key].type.display(item, answer)


def summary_of(form: StepForm) -> list[tuple[str, str]]:
    """(anchor, message) pairs of the error summary, in the order of the page."""
    return [(mistake.anchor, mistake.summary) for mistake in form.mistakes()]


def rows_query(key: str, count: int) -> str:
    """Of a step's address: show so many rows of the group, the last of them empty if need be."""
    return f"rows={key}:{count}"


def offers_query(key: str) -> str:
    """Of a step's address: show what a look-up found for the item. key: as in `row_item` inside a group."""
    return f"offers={key}"


def _offers_asked(request: HttpRequest, form: StepForm, boxes: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Key of the item -> what the resident may choose from, with the boxes as they stand."""
    asked = request.GET.get("offers", "")
    key, *inside = asked.split(".")
    field, given = form.inputs.get(key), boxes.get(key)
    if field is None:
        return {}
    type_, item = field.type, field.definition
    if isinstance(type_, RepeatType) and len(inside) == 2:
        inner = next((inner for inner in field.definition.fields if inner.key == inside[1]), None)
        rows = given if isinstance(given, list) else []
        is_row = re.fullmatch("[0-9]{1,3}", inside[0]) and int(inside[0]) < len(rows)
        if inner is None or not is_row:
            return {}
        type_, item, given = type_.type_of(inner), inner, rows[int(inside[0])].get(inner.key)
    return {asked: type_.offers(item, given)} if isinstance(given, Mapping) else {}


def _rows_asked(request: HttpRequest, form: StepForm) -> dict[str, int]:
    """Key of a group -> how many rows to show."""
    key, _, count = request.GET.get("rows", "").rpartition(":")
    field = form.inputs.get(key)
    if field is None or not isinstance(field.type, RepeatType) or not re.fullmatch("[0-9]{1,3}", count):
        return {}
    return {key: min(int(count), field.type.most(field.definition))}


def _rules(visit: Visit, step: StepDef, form: StepForm) -> dict[str, Any] | None:
    """For the script that shows, hides and calculates at once; None where nothing depends on an answer."""
    rules = visit.engine.rules(step)
    return page_rules(rules, form.state.scope, visit.today) if rules else None


def sections(visit: Visit) -> list[Section]:
    """The check page: every visible item of every step, as the resident will read it."""
    engine = visit.version.spoken
    shown = shown_rows(engine, engine.state(visit.answers, visit.today), visit.application)
    if visit.presentation == Presentation.STEPS:
        return [Section(step.title, step_url(visit, step), list(rows.values())) for step, rows in shown]
    pages = {key: field.step for key, field in visit.engine.fields.items() if field.type.is_asked}
    return [
        Section(
            step.title,
            "",
            [replace(row, edit_url=step_url(visit, pages[key])) if key in pages else row for key, row in rows.items()],
        )
        for step, rows in shown
    ]


def step_url(visit: Visit, step: StepDef) -> str:
    return reverse("apply-step", kwargs={"code": visit.code, "step": step.slug})


def shown_rows(engine: Engine, state: State, application: Application | None) -> list[tuple[StepDef, dict[str, Row]]]:
    """What the resident reads of each step that has anything to read, by the keys of items."""
    files: dict[str, list[Attachment]] = {}
    if application is not None:
        for file in application.attachments.all():
            files.setdefault(file.field_key, []).append(file)
    made = []
    for step in state.steps:
        rows = {
            item.key: Row(item.label, field.type.display(item, state.answers.get(item.key)), files.get(item.key, []))
            for item in step.fields
            if (field := engine.fields[item.key]).type.is_input and item.key in state.visible
        }
        if rows:
            made.append((step, rows))
    return made
