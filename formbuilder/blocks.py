"""The editor's blocks of a whole form: steps, the fields inside, the requirements."""

import uuid
from typing import Any

from wagtail import blocks
from wagtail.fields import StreamField

from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.blocks import RICH_TEXT, ConditionBlock
from formbuilder.item_block import ScreenBlock
from formbuilder.requirements import requirements


def step_block() -> ScreenBlock:
    """One screen: a title, an introduction, a condition, and its items."""
    types = [(name, type_.block()) for name, type_ in FIELD_TYPES.items()]
    fields = blocks.StreamBlock(types, label="項目", collapsed=True, form_classname="mg-items")
    return ScreenBlock(
        [
            ("title", blocks.CharBlock(label="画面の題名", max_length=60)),
            ("intro", blocks.RichTextBlock(required=False, features=RICH_TEXT, label="画面の説明")),
            ("condition", ConditionBlock()),
            ("fields", fields),
        ],
        label="画面",
        icon="form",
        label_format="{title}",
        form_layout=blocks.BlockGroup(
            [
                "title",
                blocks.BlockGroup(
                    ["intro", "condition"], heading="画面の説明と表示条件", classname="collapsed", icon="cog"
                ),
                "fields",
            ]
        ),
    )


class BodyBlock(blocks.StreamBlock):
    """The screens of a form; a new form begins with an empty one."""

    def get_default(self) -> blocks.StreamValue:
        return self.to_python([{"type": "step", "id": str(uuid.uuid4()), "value": {}}])


def body_block() -> blocks.StreamBlock:
    return BodyBlock([("step", step_block())], required=False, form_classname="mg-screens")


def requirements_block() -> blocks.StreamBlock:
    """One block for each entry of FORM_REQUIREMENTS, each usable once."""
    known = requirements()
    return blocks.StreamBlock(
        [(name, requirement.block()) for name, requirement in known.items()],
        required=False,
        block_counts={name: {"max_num": 1} for name in known},
    )


class FormStreamField(StreamField):
    """A StreamField whose block list stays out of the migrations: field types and requirements come and go.

    A historical model therefore reads this field as empty and must not save it: data migrations work on raw JSON.
    """

    def get_default(self) -> blocks.StreamValue:
        """What the block begins with; said there, it stays out of the migrations too."""
        return self.stream_block.get_default()

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [[]], kwargs
