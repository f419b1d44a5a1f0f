"""An item of the form in the page editor: a card, whose settings are put into the page when it is opened.

A plain StructBlock draws every setting of every item, 300 nodes each, before anybody has asked for one. The card keeps
the block's value in one hidden input, as the database would; opened, it is the StructBlock it stands for.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import Media
from django.utils.functional import cached_property
from wagtail import blocks
from wagtail.admin.telepath import register
from wagtail.blocks.struct_block import StructBlockAdapter

from formbuilder.tidy import make_safe

PACKED = "packed"  # of the input's name, and of the state that the script is given


class ItemBlock(blocks.StructBlock):
    """Read from the settings' own inputs where the card was opened, else from what it keeps."""

    def get_form_state(self, value: Mapping[str, Any]) -> dict[str, Any]:
        state: dict[str, Any] = super().get_form_state(value)
        kept = self.get_prep_value(value)
        return {**state, PACKED: json.dumps(kept, cls=DjangoJSONEncoder, ensure_ascii=False)}

    def value_from_datadict(self, data: Mapping[str, str], files: Any, prefix: str) -> blocks.StructValue:
        packed = data.get(f"{prefix}-{PACKED}")
        if packed is None:
            return super().value_from_datadict(data, files, prefix)
        try:
            kept = json.loads(packed)
            if not isinstance(kept, dict):
                raise TypeError("an item is a mapping of its settings")
            value = self.to_python(kept)
            make_safe(value)
        except (TypeError, ValueError, KeyError, AttributeError, ValidationError, RecursionError) as problem:
            # no browser sends this; what somebody else made up is not kept
            raise BadRequest(f"{prefix}: the item cannot be read") from problem
        return value


class ItemBlockAdapter(StructBlockAdapter):
    js_constructor = "madoguchi.ItemBlock"

    @cached_property
    def media(self) -> Media:
        scripts = [f"formbuilder/js/editor/{name}.js" for name in ("form", "card")]
        return super().media + Media(js=scripts, css={"all": ["formbuilder/css/editor.css"]})


class ScreenBlock(ItemBlock):
    """A screen of a long form is drawn when somebody comes near it."""


class ScreenBlockAdapter(ItemBlockAdapter):
    js_constructor = "madoguchi.ScreenBlock"


register(ItemBlockAdapter(), ItemBlock)
register(ScreenBlockAdapter(), ScreenBlock)
