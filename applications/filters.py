"""The desk's filters as they stand in the address: one reader for the list and for the export."""

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, QueryDict
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from applications.listing import LONGEST_SEARCH, Filters, forms_for
from applications.models import Application
from applications.status import ON_DESK, Status
from formbuilder.japanese.text import clean_line
from formbuilder.models import FormPage

UNREAD = "unread"


class DeskFilterSet(WagtailFilterSet):
    """Reads `form`, `status`, `message`, `received_from`, `received_to`; `q` belongs to Wagtail's search box."""

    # a plain choice among the reader's own forms: a number too large for the database is just none of them
    form = django_filters.MultipleChoiceFilter(label="申請フォーム", widget=forms.CheckboxSelectMultiple)
    status = django_filters.MultipleChoiceFilter(
        label="状態",
        choices=[(status.value, status.label) for status in ON_DESK],
        widget=forms.CheckboxSelectMultiple,
    )
    message = django_filters.MultipleChoiceFilter(
        label="メッセージ", choices=[(UNREAD, "未読のメッセージがある")], widget=forms.CheckboxSelectMultiple
    )
    received = django_filters.DateFromToRangeFilter(label="受付日", widget=DateRangePickerWidget)

    class Meta:
        model = Application
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(data, request=request, **kwargs)
        own = forms_for(request.user).values_list("pk", "title")
        self.filters["form"].extra["choices"] = [(str(pk), title) for pk, title in own]

    @property
    def chosen(self) -> Filters | None:
        """The filters; None when one of them cannot be read, so that nobody gets more than was asked for."""
        if not self.is_valid():
            return None
        values: dict[str, Any] = self.form.cleaned_data
        period = values["received"]
        return Filters(
            forms=tuple(int(value) for value in values["form"]),
            statuses=tuple(Status(value) for value in values["status"]),
            received_from=period.start.date() if period and period.start else None,
            received_to=period.stop.date() if period and period.stop else None,
            text=clean_line(self.data.get("q", ""))[:LONGEST_SEARCH],
            unread=UNREAD in values["message"],
        )


def in_words(filters: Filters) -> list[tuple[str, str]]:
    """(name, value) of every filter that is set, for people."""
    words = []
    if filters.forms:
        titles = FormPage.objects.filter(pk__in=filters.forms).order_by("title").values_list("title", flat=True)
        words.append(("申請フォーム", "、".join(titles)))
    if filters.statuses:
        words.append(("状態", "、".join(status.label for status in filters.statuses)))
    if filters.received_from or filters.received_to:
        first, last = filters.received_from, filters.received_to
        words.append(("受付日", f"{first.isoformat() if first else ''}～{last.isoformat() if last else ''}"))
    if filters.unread:
        words.append(("メッセージ", "未読のメッセージがある"))
    if filters.text:
        words.append(("検索", filters.text))
    return words
