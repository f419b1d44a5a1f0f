"""予約: what an editor sets so that a form asks for a place. Loaded while the models are, so it imports none."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.blocks import FormulaBlock

NAME = "reservation"

PLACES = "数か、申請の項目を使った式。例: ＝1＋［家族の人数］"
ITEMS = "例: ＝［受けたい検診］　選択肢のコードを、予約の項目のコードと同じにしてください。"
PERSON = "例: ＝連結（［フリガナ.セイ］，［フリガナ.メイ］，［生年月日］）　空欄なら、何回でも予約できます。"


def calendar_choices() -> list[tuple[str, str]]:
    """Every reception by its code, asked for whenever the editor opens."""
    calendars = apps.get_model("reservations", "Calendar").objects.select_related("department")
    return [(calendar.code, f"{calendar.name}（{calendar.department}）") for calendar in calendars.order_by("name")]


class ReservationRequirement:
    """Which reception, how many places, which items, and who counts as the same person."""

    name = NAME
    label = "予約"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock(
            [
                ("calendar", blocks.ChoiceBlock(choices=calendar_choices, label="受付")),
                ("places", FormulaBlock(default="1", label="必要な数（人数・点数）", help_text=PLACES)),
                ("items", FormulaBlock(required=False, label="項目（検診項目など）", help_text=ITEMS)),
                ("person", FormulaBlock(required=False, label="本人を見分ける式（一人一回のとき）", help_text=PERSON)),
            ],
            label=self.label,
            icon="date",
        )

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"calendar": code, "places": number, "items": text or texts or None, "person": text or None}, as formulas."""
        return {
            "calendar": value["calendar"],
            "places": compiler.formula(value["places"], "number"),
            "items": compiler.formula(value["items"]) if value["items"] else None,
            "person": compiler.formula(value["person"], "text") if value["person"] else None,
        }
