"""The form that makes a token."""

import ipaddress
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput

from applications.api import SCOPE_LABELS
from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from cms.models import Department

LONGEST = timedelta(days=366)
USUAL = timedelta(days=180)
WRONG_NETWORK = (
    "「{text}」を読み取れません。「203.0.113.5」や「203.0.113.0/24」のように、1行に一つずつ入力してください。"
)


class TokenForm(forms.Form):
    name = forms.CharField(
        label="名称", max_length=100, help_text="どのシステムが使うかが分かる名前にしてください。例：住基連携サーバー"
    )
    department = forms.ModelChoiceField(Department.objects.none(), label="所管課", empty_label=None)
    scopes = forms.MultipleChoiceField(
        label="できること",
        choices=[(scope.value, label) for scope, label in SCOPE_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="必要なものだけを選んでください。",
        error_messages={"required": "一つ以上選んでください。"},
    )
    networks = forms.CharField(
        label="使えるネットワーク",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="この中からの要求だけを受け付けます。1行に一つずつ。空欄なら、どこからでも使えます。",
    )
    expires_on = forms.DateField(
        label="期限", widget=AdminDateInput, help_text="この日の終わりまで使えます（1年以内）。"
    )

    def __init__(self, user: AnyUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = departments_for(user, MAY_EXPORT_CASES).order_by("name")
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = mine
        self.fields["expires_on"].initial = timezone.localdate() + USUAL

    def clean_networks(self) -> list[str]:
        found = []
        for text in self.cleaned_data["networks"].split():
            try:
                found.append(str(ipaddress.ip_network(text, strict=False)))
            except ValueError:
                raise forms.ValidationError(WRONG_NETWORK.format(text=text)) from None
        return found

    def clean_expires_on(self) -> datetime:
        """The end of that day."""
        day, today = self.cleaned_data["expires_on"], timezone.localdate()
        if not today <= day <= today + LONGEST:
            raise forms.ValidationError("期限は、今日から1年以内の日にしてください。")
        return timezone.make_aware(datetime.combine(day, time.max))
