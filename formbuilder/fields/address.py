"""住所, in the parts of the Digital Agency's address item. What is typed is kept as it is."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from formbuilder.definition import FieldDef
from formbuilder.fields.base import Answer, FieldRefused, Part
from formbuilder.fields.group import GroupType
from formbuilder.fields.reading import check_length, lines_in, taken
from formbuilder.japanese import Refused
from formbuilder.japanese.postcode import lookup, normalise_postcode
from formbuilder.japanese.prefectures import PREFECTURES

LONGEST = {"city": 50, "town": 200, "building": 200}


class AddressType(GroupType):
    name = "address"
    label = "住所"
    icon = "home"
    group = "本人"
    parts: ClassVar = {
        "postcode": Part(gettext_noop("郵便番号")),
        "prefecture": Part(gettext_noop("都道府県")),
        "city": Part(gettext_noop("市区町村")),
        "town": Part(gettext_noop("町名・番地")),
        "building": Part(gettext_noop("建物名・部屋番号")),
    }
    assists = True
    assist_boxes = ("postcode", "town")
    optional = frozenset({"postcode", "building"})
    example: ClassVar = {
        "postcode": "9518550",
        "prefecture": "新潟県",
        "city": "新潟市中央区",
        "town": "学校町通1番町602-1",
        "building": "みほんハイツ101",
    }

    def normalise(self, field: FieldDef, raw: Any) -> Answer | None:
        given = lines_in(raw, self.parts)
        if not any(given.values()):
            return None
        if given["postcode"]:
            given["postcode"] = taken(normalise_postcode, given["postcode"], "postcode")
        if given["prefecture"] not in PREFECTURES:
            raise FieldRefused(_("都道府県を選んでください。"), "prefecture")
        self.check_given(given)
        for part, most in LONGEST.items():
            check_length(given[part], most, self.parts[part].label, part)
        return given

    def assist(self, field: FieldDef, boxes: Mapping[str, str]) -> dict[str, str]:
        """What all places of the postcode have in common; nothing for a code that is wrong or not in the table."""
        try:
            places = lookup(boxes.get("postcode", ""))
        except Refused:
            return {}  # the step's form says what is wrong with it
        found = {"prefecture": {place.prefecture for place in places}, "city": {place.city for place in places}}
        filled = {part: next(iter(names)) for part, names in found.items() if len(names) == 1}
        towns = {place.town for place in places}
        if len(towns) == 1 and not _is_own_town(boxes, filled):
            filled["town"] = next(iter(towns))
        return filled

    def offers(self, field: FieldDef, boxes: Mapping[str, str]) -> list[dict[str, str]]:
        """The places of a postcode that has several; `note` says which part of a town."""
        try:
            places = lookup(boxes.get("postcode", ""))
        except Refused:
            return []
        return [asdict(place) for place in places] if len(places) > 1 else []

    def display(self, field: FieldDef, answer: Answer | None) -> str:
        if not answer:
            return ""
        code = answer["postcode"]
        first = f"〒{code[:3]}-{code[3:]}" if code else ""
        lines = [first, answer["prefecture"] + answer["city"] + answer["town"], answer["building"]]
        return "\n".join(filter(None, lines))

    def part_schema(self, name: str) -> dict[str, Any]:
        schema = super().part_schema(name)
        if name == "postcode":
            return {**schema, "pattern": "^([0-9]{7})?$"}
        return {**schema, "enum": list(PREFECTURES)} if name == "prefecture" else schema


def _is_own_town(boxes: Mapping[str, str], filled: Mapping[str, str]) -> bool:
    """Whether a town and lot number that were typed already belong to the city found: they stay then."""
    city = boxes.get("city", "").strip()
    return bool(boxes.get("town", "").strip()) and city in ("", filled.get("city"))
