"""The page of a 代行入力: every step of the form, one below the other, as residents know them."""

from typing import Any

from django import forms as django_forms
from django.urls import reverse
from django.utils import timezone
from wagtail.rich_text import expand_db_html

from applications.channels import waived_by
from applications.models import Application, Channel
from applications.pages import filling_of, summary_of
from applications.proxy import Entry, judged
from applications.visits import Visit
from formbuilder.browser import page_rules
from formbuilder.engine import Engine
from formbuilder.models import FormVersion
from formbuilder.skin import scripts_of
from formbuilder.steps import input_id


def proxy_context(version: FormVersion, *, ticket: str, entry: Entry | None, tell: bool = True) -> dict[str, Any]:
    """Context of applications/proxy.html. entry: what the page brought, None at first; tell: what is wrong with it."""
    engine, today = version.engine, timezone.localdate()
    visit = _visit(version, entry.application if entry else None)
    forms = entry.forms if entry else judged(engine, {}, today)
    refused = entry.files_refused if entry and tell else {}
    if entry and not tell:
        for form in forms:
            form.errors.clear()
    errors: list[tuple[str, str]] = []
    steps = []
    for step, form in zip(engine.definition.steps, forms, strict=True):
        for key in form.inputs.keys() & refused.keys():
            form.errors.pop(key, None)
            form.add_error(key, django_forms.ValidationError(refused[key]))
        body = engine.skin(step).fill(filling_of(visit, step, form))
        steps.append({"title": step.title, "intro": expand_db_html(step.intro), "body": body})
        errors += summary_of(form)
    rules = engine.whole_rules
    return {
        "title": engine.definition.title,
        "version": version.pk,
        "ticket": ticket,
        "steps": steps,
        "errors": errors,
        "takes_files": any(field.type.takes_files for field in engine.fields.values()),
        "scripts": scripts_of(engine.definition.fields()),
        "rules": page_rules(rules, {}, today) if rules else None,
        "typing": {
            "kana": _kana(engine),
            "postcode": reverse("apply-postcode", args=("0",)).removesuffix("0/"),
            "optional": sorted(waived_by(engine, Channel.PHONE)),
        },
        "stop": entry.stop.definition.label if entry and entry.stop else "",
    }


def _visit(version: FormVersion, application: Application | None) -> Visit:
    return Visit(version.form.code, version, application, form_is_live=True, today=timezone.localdate())


def _kana(engine: Engine) -> list[tuple[str, str]]:
    """Ids of the boxes that are typed twice: those of a name, and those of the kana after it."""
    pairs: list[tuple[str, str]] = []
    name = ""
    for item in engine.definition.fields():
        if item.type == "full_name":
            name = item.key
        elif item.type == "kana_name" and name:
            pairs += [(f"{input_id(name)}-{part}", f"{input_id(item.key)}-{part}") for part in ("family", "given")]
            name = ""
    return pairs
