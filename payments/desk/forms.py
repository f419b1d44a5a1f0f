"""What officers type about a fee."""

from typing import Any

from django import forms

from payments.pricing import MOST, Line, total_of

REASON = "申請の履歴に残ります。減らすときと追加で求めるときは、申請者にもメールで伝えます。"
MOST_QUANTITY = 10_000


class PlainText(forms.CharField):
    """One line, without what no database takes."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python((value or "").replace("\x00", "")))


def _reason() -> PlainText:
    widget = forms.Textarea({"rows": 2})
    return PlainText(
        label="理由",
        max_length=500,
        help_text=REASON,
        widget=widget,
        error_messages={"required": "理由を入力してください。申請の履歴に残ります。"},
    )


def _yen(**options: Any) -> forms.IntegerField:
    field = forms.IntegerField(**options)
    field.error_messages |= {
        "invalid": "数字で入力してください。",
        "required": "数字を入力してください。",
        "min_value": "%(limit_value)s以上の数にしてください。",
        "max_value": "%(limit_value)s以下の数にしてください。",
    }
    return field


class CashForm(forms.Form):
    receipt_number = PlainText(
        label="領収番号",
        max_length=60,
        help_text="領収証書の番号など、あとで確かめられるものを入力します。",
        error_messages={"required": "領収番号を入力してください。"},
    )


class RepaidForm(forms.Form):
    receipt_number = PlainText(
        label="還付の番号",
        max_length=60,
        help_text="還付の決議番号など、あとで確かめられるものを入力します。",
        error_messages={"required": "還付の番号を入力してください。"},
    )


class RefundForm(forms.Form):
    """most: what can still go back."""

    reason = _reason()

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = f"{most:,}円まで返せます。返した分は、手数料から減らします。"
        amount = _yen(label="返金する金額（円）", min_value=1, max_value=most, initial=most, help_text=help_text)
        self.fields = {"amount": amount, **self.fields}


class ChangeForm(forms.Form):
    """A price and a quantity for each line of the fee, one line more to add, and why.

    before, total: as the fee is; what was exempt or sent back is not the sum of its lines.
    """

    reason = _reason()

    def __init__(self, *args: Any, before: tuple[Line, ...], total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.total = before, total
        boxes: dict[str, forms.Field] = {}
        for number, line in enumerate(before):
            boxes[f"price_{number}"] = _yen(
                label=f"{line.label}：単価（円）", min_value=0, max_value=MOST, initial=line.price
            )
            boxes[f"quantity_{number}"] = _yen(
                label=f"{line.label}：数", min_value=0, max_value=MOST_QUANTITY, initial=line.quantity
            )
        boxes["new_label"] = PlainText(label="追加する行の名前", max_length=60, required=False)
        boxes["new_price"] = _yen(label="追加する行の単価（円）", min_value=0, max_value=MOST, required=False)
        boxes["new_quantity"] = _yen(label="追加する行の数", min_value=0, max_value=MOST_QUANTITY, required=False)
        self.fields = {**boxes, **self.fields}

    @property
    def lines(self) -> tuple[Line, ...]:
        """As they are to be; those of nothing stay, so that one can see what became of them."""
        given = self.cleaned_data
        made = [
            Line(line.label, given[f"price_{number}"], given[f"quantity_{number}"])
            for number, line in enumerate(self.before)
        ]
        if given["new_label"]:
            made.append(Line(given["new_label"], given["new_price"] or 0, given["new_quantity"] or 0))
        return tuple(made)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if (given.get("new_price") or given.get("new_quantity")) and not given.get("new_label"):
            self.add_error("new_label", "追加する行の名前を入力してください。")
        if not self.errors and sum(line.amount for line in self.lines) > MOST:
            self.add_error(None, f"合計を{MOST:,}円以下にしてください。")
        if not self.errors and (self.lines, total_of(self.lines)) == (self.before, self.total):
            self.add_error(None, "変わったところがありません。単価か数を変えてください。")
        return given
