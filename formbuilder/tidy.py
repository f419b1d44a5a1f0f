"""An editor's block as plain values: every setting validated, every text without what cannot be seen."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from wagtail import blocks
from wagtail.blocks.list_block import ListBlockValidationError, ListValue
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.rich_text import RichText

from formbuilder.japanese.text import clean_block, clean_line

TAGS = {"p", "br", "b", "i", "strong", "em", "ol", "ul", "li", "h3", "a"}
# The rich text editor numbers its paragraphs, anew after every import; nobody reads the numbers.
_PARAGRAPH_KEY = re.compile(r' data-block-key="[^"]*"')


def tidied(
    block: blocks.StructBlock, value: Mapping[str, Any], skip: Collection[str] = ()
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings by name, and a sentence for each that cannot be used; those stay as the editor left them.

    A draft may lack what is required, and a pasted text may hold control characters: neither reaches a definition.
    """
    settings: dict[str, Any] = {}
    found: list[str] = []
    for name, child in block.child_blocks.items():
        if name in skip:
            continue
        given = value[name] if name in value else child.get_default()
        if isinstance(child, blocks.RichTextBlock):
            given = plain(given)  # a paragraph of nothing is nothing, also where something is required
        try:
            given = child.clean(given)
        except ValidationError as error:
            found += faults(child, error, str(child.label), given)
        settings[name] = plain(given, child)
    return settings, tuple(found)


def faults(block: blocks.Block, error: ValidationError, place: str = "", value: Any = None) -> Iterator[str]:
    """Each message of Wagtail's nested errors, after the labels that lead to it."""
    for inner, below, words, part in _inner_errors(block, error, value):
        yield from faults(inner, below, f"{place} › {words}" if place else words, part)
    # a nested error has a message of its own, which says only that something inside is wrong
    for message in getattr(error, "non_block_errors", error.messages):
        yield f"{place}: {message}" if place else str(message)


def _inner_errors(
    block: blocks.Block, error: ValidationError, value: Any
) -> Iterator[tuple[blocks.Block, ValidationError, str, Any]]:
    """(block, its error, what to call it, its value) of what lies directly inside."""
    if isinstance(error, StructBlockValidationError):
        for name, below in error.block_errors.items():
            child = block.child_blocks[name]
            yield child, below, str(child.label), value[name]
    elif isinstance(error, ListBlockValidationError):
        for index, below in error.block_errors.items():
            yield block.child_block, below, f"{index + 1}番目", value[index]
    elif isinstance(error, StreamBlockValidationError):
        for index, below in error.block_errors.items():
            child = value[index]
            yield child.block, below, f"{index + 1}番目の{child.block.label}", child.value


def plain(value: Any, block: blocks.Block | None = None) -> Any:
    """The value in lists and dicts, its texts cleaned; rich text stays rich, and only a TextBlock has several lines."""
    if isinstance(value, str):
        return clean_block(value) if isinstance(block, blocks.TextBlock) else clean_line(value)
    if isinstance(value, RichText):
        return RichText(clean_html(value.source))
    if isinstance(value, Mapping):
        children = getattr(block, "child_blocks", {})
        return {name: plain(item, children.get(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | ListValue):
        return [plain(item, getattr(block, "child_block", None)) for item in value]
    return value


def clean_html(source: str) -> str:
    """Rich text that the editor has written, as a definition keeps it; paragraphs of nothing are nothing."""
    text = _PARAGRAPH_KEY.sub("", clean_block(source))
    return text if strip_tags(text).strip() else ""


def safe_html(source: str) -> str:
    """Only what the editor could have written; links of Wagtail's own form keep their target."""
    return nh3.clean(
        clean_html(source),
        tags=TAGS,
        attributes={"a": {"href", "linktype", "id"}},
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel=None,
    )


def make_safe(value: Any) -> None:
    """Every rich text of a value that came past the rich text editor, which would have cleaned it."""
    if isinstance(value, RichText):
        value.source = safe_html(value.source)
    elif isinstance(value, Mapping):
        for item in value.values():
            make_safe(item)
    elif isinstance(value, blocks.StreamValue | ListValue):
        for item in value:
            make_safe(getattr(item, "value", item))
