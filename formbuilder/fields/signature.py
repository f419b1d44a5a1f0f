"""署名: drawn with a finger, made of a name that was typed, or a picture of one on paper. It is kept as a file."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop
from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.files import PhotoType

MOST_MB = 5


class SignatureType(PhotoType):
    """One picture. That it is by the applicant's own hand is not proved: for that there is 本人確認 with 電子署名."""

    name = "signature"
    label = "署名（手書き）"
    icon = "edit"
    scripts = ("formbuilder/js/signature.js",)
    missing = gettext_noop("{label}を記入してください。")

    def own_blocks(self) -> list[tuple[str, blocks.Block]]:
        return []

    def compile_options(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        fixed = {"min_files": 1, "max_files": 1, "max_mb": MOST_MB, "keep_location": False}
        return super().compile_options({**value, **fixed}, compiler)
