"""The page editor's form: a draft may be broken, a published form may not."""

from collections.abc import Mapping
from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.blocks import ListBlockValidationError, StreamBlockValidationError, StreamValue, StructBlockValidationError
from wagtail.models import Page

from cms.models import department_of
from formbuilder.compiler import CompileErrors, compile_form
from formbuilder.fields import FIELD_TYPES
from formbuilder.items import Problem
from formbuilder.slugs import free_slug


class FormPageForm(WagtailAdminPageForm):
    """Compiles the form when it is to be published, and shows each problem at the block that causes it.

    token: of a new form, the same in all that the browser sends of it (creating.py).
    """

    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["token"] = self.instance.translation_key

    def clean_code(self) -> str:
        """Drafts, mails and printed links lead to the address that was published."""
        code: str = self.cleaned_data["code"]
        version = self.instance.versions.select_related("form").first() if self.instance.pk else None
        if version is not None and version.form.code != code:
            raise forms.ValidationError(
                f"公開した申請フォームの番地は変えられません。「{version.form.code}」にもどしてください。"
            )
        return code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        token = cleaned.get("token")
        if self.instance._state.adding and token and not Page.objects.filter(translation_key=token).exists():
            self.instance.translation_key = token
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
                department=department_of(self.parent_page),
            )
        except CompileErrors as errors:
            for field, error in placed(errors.problems, cleaned["body"], cleaned.get("requires")):
                self.add_error(field, error)
        return cleaned


def placed(
    problems: list[Problem], body: StreamValue, requires: StreamValue | None
) -> list[tuple[str, forms.ValidationError]]:
    """(form field, error) pairs that put every problem where the editor can see it."""
    by_block: dict[str, list[Problem]] = {}
    for problem in problems:
        by_block.setdefault(problem.block, []).append(problem)
    result: list[tuple[str, forms.ValidationError]] = []
    general = [str(problem) for problem in by_block.pop("", [])]
    steps = {index: error for index, step in enumerate(body) if (error := _step_error(step, by_block))}
    if steps or general:
        result.append(("body", StreamBlockValidationError(block_errors=steps, non_block_errors=general)))
    blocks = {
        index: forms.ValidationError(_messages(by_block[str(child.id)]))
        for index, child in enumerate(requires or ())
        if str(child.id) in by_block
    }
    if blocks:
        result.append(("requires", StreamBlockValidationError(block_errors=blocks)))
    return result


def _step_error(step: Any, by_block: dict[str, list[Problem]]) -> forms.ValidationError | None:
    errors = _settings_errors(by_block.get(str(step.id), []), step.value, "title")
    return _with_fields(errors, step.value["fields"], by_block)


def _with_fields(
    errors: dict[str, forms.ValidationError], items: StreamValue, by_block: dict[str, list[Problem]]
) -> forms.ValidationError | None:
    """The error of a block that has items: what its own settings are told, and what each of the items is."""
    found = {index: error for index, child in enumerate(items) if (error := _item_error(child, by_block))}
    if found:
        own = errors["fields"].messages if "fields" in errors else None
        errors["fields"] = StreamBlockValidationError(block_errors=found, non_block_errors=own)
    elif "fields" in errors:
        errors["fields"] = StreamBlockValidationError(non_block_errors=errors["fields"].messages)
    return StructBlockValidationError(block_errors=errors) if errors else None


def _item_error(child: Any, by_block: dict[str, list[Problem]]) -> forms.ValidationError | None:
    errors = _settings_errors(by_block.get(str(child.id), []), child.value, "label")
    if FIELD_TYPES[child.block_type].has_rows:
        return _with_fields(errors, child.value["fields"], by_block)
    return StructBlockValidationError(block_errors=errors) if errors else None


def _settings_errors(
    problems: list[Problem], value: Mapping[str, Any], otherwise: str
) -> dict[str, forms.ValidationError]:
    """Errors by setting; at the one named `otherwise` what blames no setting of the block."""
    by_setting: dict[str, list[Problem]] = {}
    for problem in problems:
        name = str(problem.setting[0]) if problem.setting else otherwise
        by_setting.setdefault(name if name in value else otherwise, []).append(problem)
    return {name: _setting_error(name, group) for name, group in by_setting.items()}


def _setting_error(name: str, problems: list[Problem]) -> forms.ValidationError:
    if name == "condition":
        return StructBlockValidationError(non_block_errors=_messages(problems))
    if name != "rules":
        return forms.ValidationError(_messages(problems))
    rules: dict[int, list[Problem]] = {}
    for problem in problems:
        rules.setdefault(int(problem.setting[1]), []).append(problem)
    return ListBlockValidationError(
        block_errors={
            number: StructBlockValidationError(block_errors={"formula": forms.ValidationError(_messages(group))})
            for number, group in rules.items()
        }
    )


def _messages(problems: list[Problem]) -> list[str]:
    return [problem.message for problem in problems]
