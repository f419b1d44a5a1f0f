"""電話番号."""

from typing import Any

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldType
from formbuilder.fields.reading import taken, text_in
from formbuilder.japanese.phone import normalise_phone
from formbuilder.japanese.text import clean_line


class PhoneType(FieldType):
    name = "phone"
    label = "電話番号"
    has_box = True
    icon = "mobile-alt"
    example = "025-228-1000"

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        text = clean_line(text_in(raw))
        return taken(normalise_phone, text) if text else None

    def json_schema(self, field: FieldDef) -> dict[str, Any]:
        return {"type": "string", "title": field.label, "pattern": "^[0-9]+(-[0-9]+)*$"}
