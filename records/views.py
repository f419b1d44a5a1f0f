"""閲覧の記録: who looked at which case, for the auditors of its department."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from applications.desk import ForRoles, Searched
from applications.listing import LONGEST_SEARCH
from cms.access import AnyUser, departments_for, has_role
from cms.models import Role
from formbuilder.japanese.text import clean_line
from records.models import Head, Look, Seen
from staff.models import User

TITLE = "閲覧の記録"
ICON = "view"
MAY_AUDIT = frozenset({Role.AUDITOR})


def may_audit(user: AnyUser) -> bool:
    return has_role(user, MAY_AUDIT)


def looks_for(user: AnyUser) -> QuerySet[Any]:
    return Look.objects.filter(department__in=departments_for(user, MAY_AUDIT))


class LookFilterSet(WagtailFilterSet):
    user = django_filters.ChoiceFilter(label="職員", empty_label="すべて")
    seen = django_filters.MultipleChoiceFilter(
        label="見たもの", choices=Seen.choices, widget=forms.CheckboxSelectMultiple
    )
    day = django_filters.DateFromToRangeFilter(label="日付", widget=DateRangePickerWidget, method="within")

    class Meta:
        model = Look
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(data, request=request, **kwargs)
        seen = User.objects.filter(pk__in=looks_for(request.user).order_by().values("user").distinct())
        self.filters["user"].extra["choices"] = [
            (str(each.pk), each.get_full_name() or each.get_username()) for each in seen.order_by("username")
        ]

    def within(self, rows: QuerySet[Any], name: str, period: slice) -> QuerySet[Any]:
        """Days in local time, both included."""
        if period.start:
            rows = rows.filter(at__gte=_midnight(period.start.date()))
        if period.stop:
            rows = rows.filter(at__lt=_midnight(period.stop.date() + timedelta(days=1)))
        return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class LookListView(ForRoles, Searched, BaseListingView):
    """The looks at cases of the departments that the reader audits, newest first."""

    roles = MAY_AUDIT
    page_title = TITLE
    header_icon = ICON
    search_placeholder = "受付番号"
    is_searchable = True
    template_name = "records/list.html"
    results_template_name = "records/list_results.html"
    index_url_name = "records:list"
    index_results_url_name = "records:list_results"
    filterset_class = LookFilterSet
    verbose_name_plural = TITLE
    paginate_by = 50
    columns = [
        Column("at", label="日時", accessor=lambda row: f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}"),
        Column("user", label="職員", accessor=lambda row: row.user.get_full_name() or row.user.get_username()),
        Column("reference", label="受付番号"),
        Column("seen", label="見たもの", accessor="get_seen_display"),
        Column("form_title", label="申請フォーム"),
        Column("department", label="所管課"),
    ]

    def get_base_queryset(self) -> QuerySet[Any]:
        return looks_for(self.request.user).select_related("user", "department")

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        sought = clean_line(self.request.GET.get("q", ""))[:LONGEST_SEARCH]
        return queryset.filter(reference__iexact=sought) if sought else queryset

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"head": Head.objects.filter(pk=1).first()}
