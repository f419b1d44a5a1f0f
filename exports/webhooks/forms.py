"""The forms of a webhook: where it goes and what it tells, and from when on to send again."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from wagtail.admin.widgets import AdminDateTimeInput

from cms.access import MAY_EXPORT_CASES, AnyUser, departments_for
from cms.models import Department
from exports.outgoing import NotAllowed, check_url
from exports.webhooks.kinds import KINDS
from exports.webhooks.models import Endpoint
from exports.webhooks.services import REPLAY_DAYS
from formbuilder.models import FormPage, FormVersion

USUAL = ["arrived", "resubmitted", "withdrawn"]


class EndpointForm(forms.Form):
    name = forms.CharField(
        label="名称", max_length=100, help_text="どのシステムに知らせるかが分かる名前にしてください。"
    )
    department = forms.ModelChoiceField(
        Department.objects.none(),
        label="所管課",
        empty_label=None,
        help_text="この所管課の申請のできごとだけを知らせます。",
    )
    url = forms.CharField(
        label="送り先のアドレス", max_length=500, help_text="https:// から始まるアドレス。ここにPOSTで送ります。"
    )
    kinds = forms.MultipleChoiceField(
        label="知らせるできごと",
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        initial=USUAL,
        error_messages={"required": "一つ以上選んでください。"},
    )
    pages = forms.ModelMultipleChoiceField(
        FormPage.objects.none(),
        label="申請フォーム",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="選ばなければ、所管課のすべての申請フォームについて知らせます。",
    )

    def __init__(self, user: AnyUser, *args: Any, endpoint: Endpoint | None = None, **kwargs: Any) -> None:
        if endpoint is not None:
            kwargs["initial"] = {
                "name": endpoint.name,
                "department": endpoint.department_id,
                "url": endpoint.url,
                "kinds": endpoint.kinds,
                "pages": endpoint.forms,
            }
        super().__init__(*args, **kwargs)
        mine = departments_for(user, MAY_EXPORT_CASES).order_by("name")
        if endpoint is not None:
            mine = mine.filter(pk=endpoint.department_id)  # what waits belongs to that one
        department, pages = self.fields["department"], self.fields["pages"]
        assert isinstance(department, forms.ModelChoiceField) and isinstance(pages, forms.ModelChoiceField)
        department.queryset = mine
        published = FormVersion.objects.filter(department__in=mine, is_current=True)
        pages.queryset = FormPage.objects.filter(pk__in=published.values("form")).order_by("title")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        try:
            check_url(url)
        except NotAllowed as refused:
            raise forms.ValidationError(refused.message) from None
        return url

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        department, pages = given.get("department"), given.get("pages")
        if department is not None and pages is not None:
            own = FormVersion.objects.filter(department=department, is_current=True)
            if set(pages.values_list("pk", flat=True)) - set(own.values_list("form", flat=True)):
                self.add_error("pages", "選んだ所管課の申請フォームだけを選んでください。")
        return given

    @property
    def chosen(self) -> dict[str, Any]:
        """The fields of an Endpoint."""
        given = dict(self.cleaned_data)
        pages = given.pop("pages")
        return given | {"forms": [page.pk for page in pages]}


class ReplayForm(forms.Form):
    since = forms.DateTimeField(
        label="この日時から後のできごとを送り直す",
        widget=AdminDateTimeInput,
        help_text=f"{REPLAY_DAYS}日前まで。届いているものも、同じ番号でもう一度送ります。",
    )

    def clean_since(self) -> datetime:
        since: datetime = self.cleaned_data["since"]
        if not timezone.now() - timedelta(days=REPLAY_DAYS) <= since <= timezone.now():
            raise forms.ValidationError(f"{REPLAY_DAYS}日前から今までの日時を入力してください。")
        return since
