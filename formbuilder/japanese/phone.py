"""Japanese telephone numbers, by the numbering plan that phonenumbers carries."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from formbuilder.japanese.refusal import Refused
from formbuilder.japanese.text import to_number_line
from formbuilder.japanese.wording import gettext as _
from formbuilder.japanese.wording import gettext_noop

_LONGEST = 40
_WRITTEN = re.compile(r"\(?[0+][0-9()\-. ]*")  # no letters: phonenumbers would read ABC as digits
_DIGITS = gettext_noop("電話番号は数字で、市外局番の0から入力してください（例：025-228-1000）。")
_WRONG = gettext_noop(
    "電話番号の桁数か番号に誤りがあります。市外局番から確かめて入力してください（例：090-9999-9999）。"
)
_FOREIGN = gettext_noop("日本の電話番号を、市外局番の0から入力してください（例：025-228-1000）。")


def normalise_phone(raw: str) -> str:
    """`025-228-1000`, `090-9999-9999`: half-width with the hyphens where the numbering plan puts them."""
    text = to_number_line(raw)
    if len(text) > _LONGEST or not _WRITTEN.fullmatch(text):
        raise Refused(_(_DIGITS))
    number = _parse(text)
    if number.country_code != 81:
        raise Refused(_(_FOREIGN))
    if not phonenumbers.is_valid_number(number):
        raise Refused(_(_WRONG))
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def _parse(text: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(text, "JP")
    except NumberParseException:
        raise Refused(_(_WRONG)) from None
