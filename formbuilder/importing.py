"""Makes or changes a form page from the content of a form file: all or nothing."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail import blocks

from cms.models import DepartmentPage
from formbuilder.blocks import body_block, requirements_block
from formbuilder.compiler import CompileErrors
from formbuilder.definition import Presentation
from formbuilder.fields import FIELD_TYPES
from formbuilder.mails import tidy_mails
from formbuilder.models import FormPage, new_code
from formbuilder.package import RICH, PackageRefused, read_package
from formbuilder.slugs import free_slug
from formbuilder.tidy import faults, make_safe, plain, safe_html
from formbuilder.translations import tidy


@transaction.atomic
def import_form(data: Any, *, section: DepartmentPage, publish: bool = False) -> FormPage:
    """A new draft (or, with `publish`, a new version) of the form that has the file's code; raises PackageRefused.

    A form of another department is never changed: its code is taken.
    """
    data = read_package(data)
    code = data["form"].get("code") or new_code()
    page = FormPage.objects.filter(code=code).first()
    if page is not None and page.get_parent().pk != section.pk:
        raise PackageRefused([f"番地「{code}」は、ほかの所管課の申請フォームが使っています。code を変えてください。"])
    try:
        revision = _draft(page, code, data, section).save_revision()
        if publish:
            revision.publish()
    except ValidationError as error:
        raise PackageRefused(
            [f"form › {name}: {message}" for name, found in error.message_dict.items() for message in found]
        ) from error
    except CompileErrors as errors:
        raise PackageRefused([str(problem) for problem in errors.problems]) from errors
    return FormPage.objects.get(code=code)


def _draft(page: FormPage | None, code: str, data: Mapping[str, Any], section: DepartmentPage) -> FormPage:
    """The page to save the new draft of; made below the section if there is none."""
    if page is not None:
        return _filled(page.get_latest_revision_as_object(), data)
    section.refresh_from_db()  # how many children it has now: the tree's next free place
    new = _filled(FormPage(code=code, slug=free_slug(section, code), live=False), data)
    added: FormPage = section.add_child(instance=new)
    return added


def _filled(page: FormPage, data: Mapping[str, Any]) -> FormPage:
    """The page with a file's contents, unsaved; what the file leaves out is empty."""
    form = data["form"]
    for name in ("title", "summary"):
        setattr(page, name, plain(form.get(name, "")))
    for name in RICH:
        setattr(page, name, safe_html(form.get(name, "")))
    page.translations = tidy(form.get("translations", {}))
    page.mails = tidy_mails(form.get("mails", {}))
    page.required_languages = form.get("required_languages", [])
    page.presentation = form.get("presentation", Presentation.STEPS)
    page.minutes = form.get("minutes")
    page.standard_days = form.get("standard_days")
    page.body = _taken(body_block(), [_step(step) for step in data["steps"]])
    page.requires = _taken(requirements_block(), [_block(child) for child in data.get("requires", [])])
    return page


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    settings = {name: step[name] for name in step.keys() - {"id"}}
    return {
        "type": "step",
        "id": step["id"],
        "value": {**settings, "fields": [_block(child) for child in step["fields"]]},
    }


def _block(child: Mapping[str, Any]) -> dict[str, Any]:
    """A group has the items of a row among its settings."""
    settings = dict(child["settings"])
    known = FIELD_TYPES.get(child["type"])
    if known is not None and known.has_rows and "fields" in settings:
        settings["fields"] = [_block(inner) for inner in settings["fields"]]
    return {"type": child["type"], "id": child["id"], "value": settings}


def _taken(block: blocks.StreamBlock, raw: list[dict[str, Any]]) -> blocks.StreamValue:
    """The stream's value, as the editor would take it for a draft; every rich text made safe."""
    try:
        value = block.to_python(raw)
        cleaned = block.clean_deferred(value)
    except ValidationError as error:
        raise PackageRefused(list(faults(block, error, value=value))) from error
    except (TypeError, ValueError, AttributeError, KeyError) as error:  # from a requirement's own kind of block
        raise PackageRefused([f"設定の形が正しくありません（{error}）。"]) from error
    make_safe(cleaned)
    return cleaned
