"""The parts of a bank account, as 全銀 files and ゆうちょ銀行 want them."""

import re

from formbuilder.japanese.kana import to_bank_kana
from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import to_number_line
from formbuilder.japanese.wording import gettext as _
from formbuilder.japanese.wording import gettext_noop

YUCHO_BANK_CODE = "9900"
HOLDER_LIMIT = 30  # bytes of 受取人名 in a data record; ﾞ and ﾟ are one each

_SEPARATORS = re.compile(r"[ -]")
_REISSUED = re.compile(r"([0-9]{5})[ -]+[0-9]")  # 記号 of a reissued passbook: 11110-2
_BANK_CODE = gettext_noop("金融機関コードは4桁の数字で入力してください（例：0140）。")
_BRANCH_CODE = gettext_noop("支店コードは3桁の数字で入力してください（例：001）。")
_NUMBER = gettext_noop("口座番号は7桁以内の数字で入力してください。")


def normalise_bank_code(raw: str) -> str:
    return _digits(raw, 4, 4, _(_BANK_CODE))


def normalise_branch_code(raw: str) -> str:
    return _digits(raw, 3, 3, _(_BRANCH_CODE))


def normalise_account_number(raw: str) -> str:
    """Seven digits, padded with zeros on the left."""
    return _digits(raw, 1, 7, _(_NUMBER)).zfill(7)


def normalise_holder(raw: str) -> str:
    """口座名義 in half-width kana. Raises `KanaRefused` for characters that banks do not take."""
    holder = to_bank_kana(raw)
    if not holder:
        raise Refused(_("口座名義をカタカナで入力してください。"))
    if len(holder) > HOLDER_LIMIT:
        raise Refused(
            _(
                "口座名義は、濁点・半濁点も1文字として%(holder_limit)s文字以内で入力してください（今は%(holder)s文字です）。"
            )
            % {"holder_limit": HOLDER_LIMIT, "holder": len(holder)}
        )
    return holder


def yucho_to_account(symbol: str, number: str) -> tuple[str, str]:
    """(branch code, account number) of a 通常貯金 from 記号 and 番号: 10530 and 12345671 give 058 and 1234567."""
    line = to_number_line(symbol)
    reissued = _REISSUED.fullmatch(line)
    mark = _digits(reissued[1] if reissued else line, 5, 5, _("ゆうちょ銀行の「記号」は5桁の数字で入力してください。"))
    if not mark.startswith("1"):  # 0…: a 振替口座, whose kind and number follow other rules
        raise Refused(
            _("「記号」が1から始まらない口座は、通帳に書かれている「振込用の店名・口座番号」を入力してください。")
        )
    digits = _digits(number, 2, 8, _("ゆうちょ銀行の「番号」は8桁以内の数字で入力してください。"))
    if not digits.endswith("1"):  # every 通常貯金 number does; without it this is another number
        raise Refused(
            _(
                "「番号」の最後は1です。通帳を確かめて入力してください。1でない場合は、通帳に書かれている「振込用の店名・口座番号」を入力してください。"
            )
        )
    return mark[1:3] + "8", digits[:-1].zfill(7)


def _digits(raw: str, least: int, most: int, message: str) -> str:
    text = _SEPARATORS.sub("", to_number_line(raw))
    if not (text.isascii() and text.isdecimal() and least <= len(text) <= most):
        raise Refused(message)
    return text
