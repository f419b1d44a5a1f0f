"""予約: what an editor sets so that a form asks for a place. Loaded while the models are, so it imports none."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from wagtail import blocks

from formbuilder.fields.base import FormulaCompiler
from formbuilder.fields.blocks import FormulaBlock

NAME = "reservation"

CALENDAR = "所管課の受付だけが使えます。ほかの課の受付を選ぶと、公開できません。"
PLACES = "申請する人の分です。数か、申請の項目を使った式を入れます。例: 1　例: ＝［粗大ごみの点数］"
ITEMS = (
    "例: ＝［受けたい検診］　選択肢のコードを、予約の項目のコードと同じにしてください。"
    "年齢や性別で分けた質問があるときは、それぞれの式を足してください。予約の項目にないコードは、定員を使いません。"
)
PERSON = (
    "同じ人が同じ期間に2回予約できないようにします。例: ＝連結（［フリガナ.セイ］，［フリガナ.メイ］，［生年月日］）"
    "　空欄なら、何回でも予約できます。"
)
ROWS = (
    "「繰り返し」の項目名を入れると、その1件ごとに、1人分を足して予約します。例: 家族　"
    "全員分の空きがなければ、だれの分も取りません。"
)
ROW_ITEMS = "例: ＝［家族の検診］　「繰り返し」の中の項目の名前を使います。"
ROW_PERSON = "例: ＝連結（［家族のフリガナ.セイ］，［家族のフリガナ.メイ］，［家族の生年月日］）"
ROW_NAME = "職員の名簿に出ます。例: ＝連結（［家族の氏名.姓］，［家族の氏名.名］）"

ROWS_MISSING = "一緒に来る人の式があるのに、繰り返しの項目名がありません。項目名を入れるか、式を消してください。"
OTHERS = "この申請フォームの所管課の受付ではありません。"
CHOOSE = "{names}から選んでください。"
MAKE = "先に「予約」→「予約の受付」で、所管課の受付を作ってください。"
ROW_PERSON_MISSING = "「本人を見分ける式」を使うときは、「一緒に来る人を見分ける式」も入れてください。"


def calendar_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every reception by its code, below its department; asked for whenever the editor opens."""
    calendars = apps.get_model("reservations", "Calendar").objects.select_related("department")
    grouped: dict[str, list[tuple[str, str]]] = {}
    for calendar in calendars.order_by("department__order", "department__name", "name"):
        grouped.setdefault(calendar.department.name, []).append((calendar.code, calendar.name))
    return list(grouped.items())


class ReservationRequirement:
    """Which reception, how many places, which items, and who counts as the same person."""

    name = NAME
    label = "予約"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock(
            [
                ("calendar", blocks.ChoiceBlock(choices=calendar_choices, label="受付", help_text=CALENDAR)),
                ("places", FormulaBlock(default="1", label="必要な数（人数・点数）", help_text=PLACES)),
                ("items", _formulas_block("項目（検診項目など）", ITEMS)),
                ("person", FormulaBlock(required=False, label="本人を見分ける式（一人一回のとき）", help_text=PERSON)),
                ("rows", blocks.CharBlock(required=False, label="一緒に来る人（繰り返しの項目名）", help_text=ROWS)),
                ("row_items", _formulas_block("一緒に来る人の項目", ROW_ITEMS)),
                ("row_person", FormulaBlock(required=False, label="一緒に来る人を見分ける式", help_text=ROW_PERSON)),
                ("row_name", FormulaBlock(required=False, label="一緒に来る人の氏名", help_text=ROW_NAME)),
            ],
            label=self.label,
            icon="date",
            form_layout=blocks.BlockGroup(
                [
                    *("calendar", "places", "items", "person"),
                    blocks.BlockGroup(
                        ["rows", "row_items", "row_person", "row_name"],
                        heading="一緒に来る人（家族など）",
                        classname="collapsed",
                        icon="group",
                    ),
                ]
            ),
        )

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any]:
        """{"calendar": code, "places": number, "items": [text or texts], "person": text or None, "rows": ...}.

        All but the code are formulas; rows: None, or "key" of the group and the formulas of one row.
        """
        self._check_owner(value["calendar"], compiler)
        return {
            "calendar": value["calendar"],
            "places": compiler.formula(value["places"], "number"),
            "items": _formulas(value["items"], compiler),
            "person": _formula(value["person"], "text", compiler),
            "rows": self._rows(value, compiler),
        }

    def _check_owner(self, code: str, compiler: FormulaCompiler) -> None:
        """What is booked is seen by the staff of the reception and of the form: they are the same."""
        calendars = apps.get_model("reservations", "Calendar").objects.filter(department=compiler.department)
        if not calendars.filter(code=code).exists():
            names = "、".join(f"「{name}」" for name in calendars.values_list("name", flat=True))
            compiler.problem(f"{OTHERS}{CHOOSE.format(names=names) if names else MAKE}")

    def _rows(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, Any] | None:
        if not value["rows"]:
            if value["row_items"] or value["row_person"] or value["row_name"]:
                compiler.problem(ROWS_MISSING)
            return None
        if value["person"] and not value["row_person"]:
            compiler.problem(ROW_PERSON_MISSING)
        rows = compiler.rows(value["rows"])
        if rows is None:
            return None
        return {
            "key": rows.group,
            "items": _formulas(value["row_items"], rows),
            "person": _formula(value["row_person"], "text", rows),
            "name": _formula(value["row_name"], "text", rows),
        }


def _formulas_block(label: str, help_text: str) -> blocks.ListBlock:
    return blocks.ListBlock(FormulaBlock(label="式"), default=[], required=False, label=label, help_text=help_text)


def _formulas(texts: Any, compiler: FormulaCompiler) -> list[Any]:
    return [compiler.formula(text, "text", "texts") for text in texts]


def _formula(text: str, kind: Any, compiler: FormulaCompiler) -> Any | None:
    return compiler.formula(text, kind) if text else None
