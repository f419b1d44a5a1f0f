"""What staff type about a payout."""

from typing import Any

from django import forms
from wagtail.admin.widgets import AdminDateInput

from cms.access import AnyUser, departments_for
from cms.models import Department
from payouts.desk.access import MAY_MAKE
from payouts.lifecycle import NotPossible, check_day
from payouts.models import Source
from payouts.picking import schemes_of, waiting

NO_SOURCE = "振込元の口座が登録されていません。システム管理者に、「設定」の「振込元の口座」への登録を頼んでください。"


class DayField(forms.DateField):
    """A day on which banks pay."""

    def __init__(self) -> None:
        super().__init__(
            label="振込指定日",
            help_text="銀行の営業日。銀行に送る日より後の日にします。",
            widget=AdminDateInput(),
            error_messages={
                "required": "振込指定日を入力してください。",
                "invalid": "日付を「2027-04-15」のように入力してください。",
            },
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        try:
            check_day(day)
        except NotPossible as problem:
            raise forms.ValidationError(str(problem)) from problem
        return day


class NewForm(forms.Form):
    """Which kind of payout, from which account, and when."""

    what = forms.ChoiceField(label="支給の種類", error_messages={"required": "支給の種類を選んでください。"})
    name = forms.CharField(
        label="名称",
        max_length=100,
        help_text="例: 4月第2回",
        error_messages={"required": "あとで見分けられる名前を入力してください。例: 4月第2回"},
    )
    source = forms.ModelChoiceField(
        Source.objects.none(), label="振込元", error_messages={"required": "振込元の口座を選んでください。"}
    )

    def __init__(self, *args: Any, user: AnyUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.departments = {each.pk: each for each in departments_for(user, MAY_MAKE)}
        choices = [
            (f"{department.pk}/{scheme}", f"{department.name}　{scheme}（対象 {count:,}件）")
            for department in self.departments.values()
            for scheme in schemes_of(department)
            if (count := waiting(department, scheme).count())
        ]
        self.has_choices = bool(choices)
        what, source = self.fields["what"], self.fields["source"]
        assert isinstance(what, forms.ChoiceField) and isinstance(source, forms.ModelChoiceField)
        what.choices = choices
        source.queryset = Source.objects.filter(department__in=self.departments)
        if not source.queryset.exists():
            source.help_text = NO_SOURCE
        self.fields["pay_on"] = DayField()

    @property
    def department(self) -> Department:
        return self.departments[int(self.cleaned_data["what"].partition("/")[0])]

    @property
    def scheme(self) -> str:
        return str(self.cleaned_data["what"].partition("/")[2])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text="支給の履歴に残ります。",
        error_messages={"required": "理由を入力してください。支給の履歴に残ります。"},
    )


class RedateForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pay_on"] = DayField()


class ResultsForm(forms.Form):
    file = forms.FileField(
        label="結果を書き込んだCSV",
        help_text="「結果の記入用CSV」の「結果」に「振込済」か「組戻」、組戻には「理由」も書いて保存したもの。",
        error_messages={"required": "CSVファイルを選んでください。", "empty": "ファイルが空です。"},
    )
