"""The data behind field_picker.js; the script itself is tried in a browser, among the journeys."""

import json
import re
from typing import Any

from formbuilder.fields import FIELD_TYPES
from formbuilder.wagtail_hooks import field_types_for_editor


def told() -> dict[str, Any]:
    script = re.search(r'<script id="mg-field-types" type="application/json">(.*?)</script>', field_types_for_editor())
    assert script is not None
    found: dict[str, Any] = json.loads(script[1])
    return found


def test_every_type_is_described() -> None:
    assert list(told()) == list(FIELD_TYPES)


def test_an_item_is_offered_whole_or_in_parts_as_formulas_see_it() -> None:
    types = told()

    assert types["date"] == {"kind": "date", "parts": {}, "offers": "", "asked": True}
    assert types["full_name"] == {"kind": None, "parts": {"family": "姓", "given": "名"}, "offers": "", "asked": True}
    assert types["address"]["parts"]["city"] == "市区町村"


def test_what_formulas_cannot_see_is_not_offered() -> None:
    types = told()

    for name in ("photo", "file", "rich_text", "heading", "stop"):
        assert types[name] == {"kind": None, "parts": {}, "offers": "", "asked": name in ("photo", "file")}


def test_the_answers_that_an_item_offers_are_known() -> None:
    offers = {name: type_["offers"] for name, type_ in told().items() if type_["offers"]}

    assert offers == {
        "yes_no": "yes_no",
        "consent": "yes_no",
        "choice": "choices",
        "choices": "choices",
        "matrix": "choices",
    }


def test_the_answers_that_are_always_the_same_are_offered_too() -> None:
    assert told()["refund_account"]["offered"][1] == "口座を指定する"
    assert {name for name, type_ in told().items() if "offered" in type_} == {"refund_account", "prefecture"}
