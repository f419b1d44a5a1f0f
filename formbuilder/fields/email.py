"""メールアドレス."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, FieldType
from formbuilder.fields.reading import text_in
from formbuilder.japanese.text import to_half_width

LONGEST = 254  # RFC 5321: a path of 256 without its brackets
# `..` and a dot before the @ are against RFC 5321, but Japanese carriers gave such addresses out, and they still work.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_HOW_TO = gettext_noop("メールアドレスを半角の英数字で、@ の前と後まで入力してください（例：hanako@example.jp）。")


class EmailType(FieldType):
    name = "email"
    label = "メールアドレス"
    has_box = True
    icon = "mail"
    example = "hanako@example.jp"

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = to_half_width(text_in(raw))
        if not text:
            return None
        if len(text) > LONGEST:
            raise FieldRefused(
                _("メールアドレスは%(longest)s文字以内で入力してください（今は%(text)s文字です）。")
                % {"longest": LONGEST, "text": len(text)}
            )
        local, _at, domain = text.rpartition("@")
        domain = domain.lower()
        if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
            raise FieldRefused(_(_HOW_TO))
        return f"{local}@{domain}"

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        # no format: "email" would refuse the carriers' addresses
        return {"type": "string", "title": field.label, "pattern": "^[^@\\s]+@[^@\\s]+$", "maxLength": LONGEST}
