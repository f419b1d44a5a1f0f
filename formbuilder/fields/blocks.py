"""Editor blocks that several field types share: conditions, rules, options."""

from typing import Any, ClassVar

from django import forms
from wagtail import blocks
from wagtail.admin.telepath import register
from wagtail.admin.telepath.widgets import WidgetAdapter

RICH_TEXT = ["bold", "italic", "ol", "ul", "link", "document-link", "h3"]

OPERATORS = [
    ("eq", "が次と同じとき"),
    ("ne", "が次と違うとき"),
    ("gt", "が次より大きい（後の）とき"),
    ("ge", "が次以上（以後）のとき"),
    ("lt", "が次より小さい（前の）とき"),
    ("le", "が次以下（以前）のとき"),
    ("contains", "が次を含むとき"),
    ("not_contains", "が次を含まないとき"),
    ("starts_with", "が次で始まるとき"),
    ("not_starts_with", "が次で始まらないとき"),
    ("blank", "が空欄のとき"),
    ("not_blank", "に入力があるとき"),
]


class EditorInput(forms.TextInput):
    """A text input that `field_picker.js` makes more of."""

    class Media:
        js = ("formbuilder/js/editor/form.js", "formbuilder/js/field_picker.js")
        css: ClassVar = {"all": ["formbuilder/css/editor.css"]}


class FieldPicker(EditorInput):
    """Holds "key" or "key.part"; the script turns it into a list of the form's own items."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-controller": "mg-field-picker", **(attrs or {})})


class FieldPickerAdapter(WidgetAdapter):
    """Lets a folded condition name the item instead of its key."""

    js_constructor = "madoguchi.FieldPicker"


register(FieldPickerAdapter(), FieldPicker)


class FormulaInput(EditorInput):
    """The script puts 「項目を入れる」 beside it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-controller": "mg-formula", "autocomplete": "off", **(attrs or {})})


class FieldPickerBlock(blocks.FieldBlock):
    """Picks an item of the form being edited, unsaved ones too."""

    def __init__(self, required: bool = True, help_text: str = "", **kwargs: Any) -> None:
        self.field = forms.CharField(required=required, help_text=help_text, widget=FieldPicker())
        super().__init__(**kwargs)


class ConditionValueBlock(blocks.CharBlock):
    """What the picked item is compared with; the script offers the item's options."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field.widget = forms.TextInput({"data-mg-condition-value": ""})


class ConditionRowBlock(blocks.StructBlock):
    field = FieldPickerBlock(label="項目")
    operator = blocks.ChoiceBlock(choices=OPERATORS, default="eq", label="比べ方")
    value = ConditionValueBlock(
        required=False, label="値", help_text="「空欄のとき」「入力があるとき」では要りません。"
    )

    class Meta:
        label = "条件"
        icon = "tag"
        label_format = "{field} {operator} {value}"


class ConditionBlock(blocks.StructBlock):
    """表示条件 and the like: no row = always."""

    rows = blocks.ListBlock(ConditionRowBlock(), default=[], label="条件", collapsed=False)
    match = blocks.ChoiceBlock(
        choices=[("all", "すべての条件に当てはまるとき"), ("any", "どれか一つに当てはまるとき")],
        default="all",
        label="条件が複数のとき",
    )

    class Meta:
        label = "表示条件"
        help_text = "条件がなければ、いつも表示します。"
        icon = "view"
        label_format = "{rows}"


class FormulaBlock(blocks.CharBlock):
    """A formula as an editor types it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field.widget = FormulaInput()


class RuleBlock(blocks.StructBlock):
    """入力規則: a formula that must be true, and what to tell the resident when it is not."""

    formula = FormulaBlock(
        label="満たすべき式", help_text="例: ＝［出産予定日］＞［妊娠届出日］　項目名は［ ］で囲みます。"
    )
    message = blocks.CharBlock(label="満たさないときの案内", help_text="どう直せばよいかを書いてください。")

    class Meta:
        label = "規則"
        icon = "warning"


class OptionBlock(blocks.StructBlock):
    """One choice of a list."""

    label = blocks.CharBlock(label="選択肢")
    code = blocks.CharBlock(
        required=False,
        max_length=40,
        label="コード",
        help_text="条件・計算式とAPIで使う値です。出力には選択肢の文字が入ります。空欄なら選択肢の文字と同じです。",
    )

    class Meta:
        label = "選択肢"
        icon = "list-ul"


def options_of(rows: Any) -> list[dict[str, str]]:
    """`[{"value", "label"}]` of a ListBlock of OptionBlock."""
    return [{"value": row["code"] or row["label"], "label": row["label"]} for row in rows]
