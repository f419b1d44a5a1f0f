"""都道府県, alone: 住所 has one of its own."""

from typing import ClassVar

from formbuilder.fields.choice import FixedChoiceType
from formbuilder.japanese.prefectures import PREFECTURES


class PrefectureType(FixedChoiceType):
    name = "prefecture"
    label = "都道府県"
    icon = "globe"
    example = "新潟県"
    fixed: ClassVar = {name: name for name in PREFECTURES}
    widget = "select"
