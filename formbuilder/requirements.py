"""Requirement: what an editor sets for a gate. Owned here, implemented by the apps named in FORM_REQUIREMENTS.

A requirement's module is loaded while the models are: it may import wagtail's blocks and this module, not models.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.registry import listed


class Requirement(Protocol):
    """name: also the key in `FormDefinition.requires`; label: what the editor reads."""

    name: str
    label: str

    def block(self) -> blocks.Block:
        """What the editor fills in."""

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> Any:
        """JSON for `FormDefinition.requires[name]`; problems go to `compiler.problem`."""


@cache
def requirements() -> dict[str, Requirement]:
    """Every requirement of FORM_REQUIREMENTS, by name, in that order."""
    return listed(settings.FORM_REQUIREMENTS)
