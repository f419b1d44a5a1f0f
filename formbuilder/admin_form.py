"""The page editor's form: a draft may be broken, a published form may not."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import StreamBlockValidationError, StreamValue, StructBlockValidationError

from formbuilder.compiler import CompileErrors, Problem, compile_form
from formbuilder.slugs import free_slug


class FormPageForm(WagtailAdminPageForm):
    """Compiles the form when it is to be published, and shows each problem at the block that causes it."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if not self.instance.slug:
            self.instance.slug = free_slug(self.parent_page, cleaned.get("code", ""))
        if self.is_deferred_validation or "body" not in cleaned:
            return cleaned
        try:
            compile_form(
                title=cleaned.get("title") or "",
                body=cleaned["body"],
                requires=cleaned.get("requires") or (),
                after=cleaned.get("after") or "",
            )
        except CompileErrors as errors:
            for field, error in placed(errors.problems, cleaned["body"], cleaned.get("requires")):
                self.add_error(field, error)
        return cleaned


def placed(
    problems: list[Problem], body: StreamValue, requires: StreamValue | None
) -> list[tuple[str | None, forms.ValidationError]]:
    """(form field, error) pairs that put every problem where the editor can see it."""
    by_block: dict[str, list[str]] = {}
    for problem in problems:
        by_block.setdefault(problem.block, []).append(problem.message)
    result: list[tuple[str | None, forms.ValidationError]] = []
    general = [str(problem) for problem in problems if not problem.block]
    steps = {index: error for index, step in enumerate(body) if (error := _step_error(step, by_block))}
    if steps or general:
        result.append(("body", StreamBlockValidationError(block_errors=steps, non_block_errors=general)))
    blocks = {
        index: forms.ValidationError(by_block[str(child.id)])
        for index, child in enumerate(requires or ())
        if str(child.id) in by_block
    }
    if blocks:
        result.append(("requires", StreamBlockValidationError(block_errors=blocks)))
    return result


def _step_error(step: Any, by_block: dict[str, list[str]]) -> forms.ValidationError | None:
    fields = {
        index: StructBlockValidationError(block_errors={"label": forms.ValidationError(by_block[str(child.id)])})
        for index, child in enumerate(step.value["fields"])
        if str(child.id) in by_block
    }
    errors: dict[str, forms.ValidationError] = {}
    if fields:
        errors["fields"] = StreamBlockValidationError(block_errors=fields)
    if str(step.id) in by_block:
        errors["title"] = forms.ValidationError(by_block[str(step.id)])
    return StructBlockValidationError(block_errors=errors) if errors else None
