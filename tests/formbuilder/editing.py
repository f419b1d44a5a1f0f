"""What a browser sends when an editor saves a form page: the page's own blocks, as inputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.test import Client
from django.urls import reverse
from wagtail import blocks

from formbuilder.models import FormPage

ACTIONS = {"save": {}, "publish": {"action-publish": "1"}, "submit": {"action-submit": "1"}}


def inputs(page: FormPage) -> dict[str, str]:
    """Every input of the page editor by name, with the page as it stands."""
    texts = {name: getattr(page, name) for name in ("title", "summary", "code")}
    rich = {name: _rich(page, name) for name in ("guide", "after")}
    return {
        **texts,
        **rich,
        "minutes": "" if page.minutes is None else str(page.minutes),
        "presentation": page.presentation,
        "standard_days": "" if page.standard_days is None else str(page.standard_days),
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
        **dict(_stream("body", page.body)),
        **dict(_stream("requires", page.requires)),
    }


def _rich(page: FormPage, name: str) -> str:
    widget = FormPage._meta.get_field(name).formfield().widget
    return str(widget.format_value(getattr(page, name)))


def _stream(prefix: str, value: blocks.StreamValue) -> Iterator[tuple[str, str]]:
    yield f"{prefix}-count", str(len(value))
    for number, child in enumerate(value):
        own = f"{prefix}-{number}"
        yield from _row(own, number, str(child.id or ""))
        yield f"{own}-type", child.block_type
        yield from _block(f"{own}-value", child.block, child.value)


def _row(prefix: str, number: int, key: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}-deleted", ""
    yield f"{prefix}-order", str(number)
    yield f"{prefix}-id", key


def _block(prefix: str, block: blocks.Block, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(block, blocks.StructBlock):
        for name, child in block.child_blocks.items():
            yield from _block(f"{prefix}-{name}", child, value[name])
    elif isinstance(block, blocks.StreamBlock):
        yield from _stream(prefix, value)
    elif isinstance(block, blocks.ListBlock):
        yield f"{prefix}-count", str(len(value))
        for number, item in enumerate(value):
            yield from _row(f"{prefix}-{number}", number, "")
            yield from _block(f"{prefix}-{number}-value", block.child_block, item)
    elif isinstance(block, blocks.BooleanBlock):
        if value:
            yield prefix, "on"
    else:
        shown = block.get_form_state(value)
        yield prefix, "" if shown is None else str(shown[0] if isinstance(shown, list) else shown)


def send(client: Client, page: FormPage, data: Mapping[str, str], action: str = "save") -> Any:
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    return client.post(address, {**data, **ACTIONS[action]})
