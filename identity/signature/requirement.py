"""電子署名: what an editor sets so that a form is signed. Loaded while the models are: imports none."""

from collections.abc import Mapping
from typing import Any

from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from identity.requirement import claims_of, item_blocks

NAME = "signature"

HELP = (
    "申請する方が、入力を終えたあと、内容をすべて見て、マイナンバーカードの署名用電子証明書（英数字6〜16文字の暗証番号）で"
    "署名します。身元確認・当人認証の水準は、どちらも 3 です。"
)
COMPARED = "電子証明書の内容と違うことを、職員に知らせます。"


class SignatureRequirement:
    """That the application is signed, and which items are compared with the certificate."""

    name = NAME
    label = "電子署名"

    def block(self) -> blocks.StructBlock:
        row = blocks.StructBlock(item_blocks(), label="情報と項目")
        compared = blocks.ListBlock(row, default=[], label="電子証明書と比べる項目", help_text=COMPARED)
        return blocks.StructBlock([("claims", compared)], label=self.label, icon="edit", help_text=HELP)

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"claims": [{"claim", "key", "how"}]}."""
        return {"claims": claims_of(value["claims"], compiler)}
