"""Writes a form page as the content of a form file."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from wagtail import blocks

from formbuilder.compiler import CompileErrors
from formbuilder.mails import tidy_mails
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, RICH, VERSION
from formbuilder.tidy import safe_html
from formbuilder.translations import tidy


def export_form(page: FormPage) -> dict[str, Any]:
    """The file of a page as it stands, drafts too."""
    try:
        digest = {"digest": page.compile().digest()}
    except CompileErrors:
        digest = {}  # a broken draft may be handed over as well
    texts = {name: getattr(page, name) for name in ("title", "code", "summary")}
    return {
        "format": FORMAT,
        "version": VERSION,
        **digest,
        "form": {
            **texts,
            **{name: safe_html(getattr(page, name)) for name in RICH},
            "presentation": page.presentation,
            **({"translations": said} if (said := tidy(page.translations)) else {}),
            **({"mails": mails} if (mails := tidy_mails(page.mails)) else {}),
            **({"required_languages": page.required_languages} if page.required_languages else {}),
            "minutes": page.minutes,
            "standard_days": page.standard_days,
        },
        "steps": [_step(step) for step in page.body],
        "requires": [_block(child) for child in page.requires],
    }


def _step(step: Any) -> dict[str, Any]:
    settings = _settings(step.block, step.value, skip={"fields"})
    return {"id": _id(step), **settings, "fields": [_block(child) for child in step.value["fields"]]}


def _block(child: Any) -> dict[str, Any]:
    return {"id": _id(child), "type": child.block_type, "settings": _settings(child.block, child.value)}


def _id(child: Any) -> str:
    """A block made by a program has none until it is saved."""
    return str(child.id or uuid.uuid4())


def _settings(block: blocks.StructBlock, value: Mapping[str, Any], skip: Collection[str] = ()) -> dict[str, Any]:
    """Settings that differ from their default."""
    found = {}
    for name, child in block.child_blocks.items():
        if name in value and name not in skip:
            given = _plain(child, value[name])
            if given != _plain(child, child.get_default()):
                found[name] = given
    return found


def _plain(block: blocks.Block, value: Any) -> Any:
    """JSON of a block's value without the ids of list items, an empty text like one that was never given."""
    if isinstance(block, blocks.ListBlock):
        return [_plain(block.child_block, item) for item in value]
    if isinstance(block, blocks.StreamBlock):
        return [_block(child) for child in value]
    if isinstance(block, blocks.StructBlock):
        return {name: _plain(child, value[name]) for name, child in block.child_blocks.items()}
    if isinstance(block, blocks.RichTextBlock):
        return safe_html(block.get_prep_value(value))
    if isinstance(block, blocks.BooleanBlock):
        return bool(value)
    prepared = block.get_prep_value(value)
    is_text = isinstance(block, blocks.FieldBlock) and isinstance(block.field, forms.CharField | forms.ChoiceField)
    return "" if is_text and prepared is None else prepared
