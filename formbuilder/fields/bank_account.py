"""振込先の口座."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, Part
from formbuilder.fields.group import GroupType
from formbuilder.fields.reading import check_length, lines_in, taken
from formbuilder.japanese.bank import (
    YUCHO_BANK_CODE,
    normalise_account_number,
    normalise_bank_code,
    normalise_branch_code,
    normalise_holder,
    yucho_to_account,
)
from formbuilder.japanese.text import to_number_line

KINDS = {"1": "普通", "2": "当座", "4": "貯蓄"}
LONGEST_NAME = 40
_BRANCH_DIGITS = 3
_KANJI_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_ANY_NUMBER, _ANY_SYMBOL = "11", "10010"  # valid, to check the other one alone


class BankAccountType(GroupType):
    name = "bank_account"
    label = "振込先の口座"
    icon = "clipboard-list"
    group = "口座・計算"
    sensitive = True
    parts: ClassVar = {
        "bank_code": Part(gettext_noop("金融機関コード")),
        "bank_name": Part(gettext_noop("金融機関名")),
        "branch_code": Part(gettext_noop("支店コード")),
        "branch_name": Part(gettext_noop("支店名")),
        "kind": Part(gettext_noop("種別")),
        "number": Part(gettext_noop("口座番号")),
        "holder": Part(gettext_noop("名義")),
    }
    example: ClassVar = {
        "bank_code": "0140",
        "bank_name": "みほん銀行",
        "branch_code": "001",
        "branch_name": "本店",
        "kind": "1",
        "number": "0123456",
        "holder": "ﾐﾎﾝ ﾊﾅｺ",
    }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = lines_in(raw, self.parts)
        if not any(given.values()):
            return None
        if given["bank_code"]:
            given["bank_code"] = taken(normalise_bank_code, given["bank_code"], "bank_code")
        if given["bank_code"] == YUCHO_BANK_CODE:
            _complete_yucho(given)
        if given["kind"] not in KINDS and (given["kind"] or all(given[part] for part in given if part != "kind")):
            raise FieldRefused(_("預金の種類を選んでください。"), "kind")
        self.check_given(given)
        for part in ("bank_name", "branch_name"):
            check_length(given[part], LONGEST_NAME, self.parts[part].label, part)
        given["branch_code"] = taken(normalise_branch_code, given["branch_code"], "branch_code")
        given["number"] = taken(normalise_account_number, given["number"], "number")
        given["holder"] = taken(normalise_holder, given["holder"], "holder")
        return given

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if not answer:
            return ""
        return (
            f"{answer['bank_name']}（{answer['bank_code']}） {answer['branch_name']}（{answer['branch_code']}）\n"
            f"{_kind(answer)} {answer['number']}\n{answer['holder']}"
        )

    def cells(self, field: FieldDef, answer: Answer | None) -> list[str]:
        return super().cells(field, {**answer, "kind": _kind(answer)} if answer else None)

    def part_schema(self, name: str) -> dict[str, Any]:
        schema = super().part_schema(name)
        digits = {"bank_code": 4, "branch_code": 3, "number": 7}.get(name)
        if digits:
            return {**schema, "pattern": f"^[0-9]{{{digits}}}$"}
        return {**schema, "enum": list(KINDS)} if name == "kind" else schema


def _kind(answer: Mapping[str, str]) -> str:
    return KINDS.get(answer["kind"], answer["kind"])


def _complete_yucho(given: dict[str, str]) -> None:
    """A passbook of ゆうちょ銀行 shows 記号 and 番号: taken in the boxes of the branch code and the account number."""
    symbol = given["branch_code"]
    if symbol and given["number"] and len(to_number_line(symbol)) > _BRANCH_DIGITS:
        branch = taken(lambda text: yucho_to_account(text, _ANY_NUMBER)[0], symbol, "branch_code")
        number = taken(lambda text: yucho_to_account(_ANY_SYMBOL, text)[1], given["number"], "number")
        given |= {"branch_code": branch, "number": number, "kind": given["kind"] or "1"}
    given["bank_name"] = given["bank_name"] or "ゆうちょ銀行"
    given["branch_name"] = given["branch_name"] or given["branch_code"].translate(_KANJI_DIGITS)
