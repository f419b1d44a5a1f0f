"""Every type of item that one may put into a form, with settings that can be published."""

from typing import Any

from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.base import FieldType
from tests.support.cast import item, key_of, when

CHOICES = [{"label": "窓口で受け取る", "code": "desk"}, {"label": "郵送", "code": "post"}]
NEEDED: dict[str, dict[str, Any]] = {
    "choice": {"choices": CHOICES},
    "choices": {"choices": CHOICES},
    "computed": {"formula": "=50000"},
    "linked": {"first_label": "場所", "second_label": "もの"},
    "age": {"birthday": "dateの項目"},
    "page_link": {"url": "https://www.example.jp/"},
    "rich_text": {"html": "<h2>必要なもの</h2><ul><li>母子健康手帳の表紙</li></ul>"},
    "stop": {"message": "<p>対象外です。</p>", "condition": when("yes_noの項目", "eq", "はい")},
    "repeat": {"fields": [{**item("text", "お子さまの名前"), "id": key_of("お子さまの名前")}]},
}
ANSWERS: dict[str, Any] = {
    "choice": "post",
    "choices": ["desk", "post"],
    "yes_no": False,
    "repeat": [{key_of("お子さまの名前"): "見本"}],
}


def alone() -> list[FieldType]:
    """Those that need nothing else in the form: all but the signs of a gate."""
    return [type_ for type_ in FIELD_TYPES.values() if not type_.needs]


def name_of(type_: FieldType) -> str:
    return f"{type_.name}の項目"


def every_item(**shared: Any) -> list[dict[str, Any]]:
    """One item of each type. shared: settings of those that are asked."""
    return [
        item(
            type_.name,
            name_of(type_),
            **(shared if type_.is_input and type_.is_asked else {}),
            **NEEDED.get(type_.name, {}),
        )
        for type_ in alone()
    ]


def answer_of(type_: FieldType) -> Any:
    return ANSWERS.get(type_.name, type_.example)
