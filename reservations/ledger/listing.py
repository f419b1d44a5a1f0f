"""The ledger as a list: every booking of the reader's receptions, searched and filtered."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView

from applications.desk import ForRoles, Searched
from applications.listing import LONGEST_SEARCH, Filters, filtered
from applications.models import Application, Channel
from formbuilder.japanese.text import clean_line
from reservations.ledger.access import MAY_READ, receptions
from reservations.ledger.views import ICON
from reservations.models import Attendee, AttendeeItem, Booking, Item, State, Venue

PAGE = 50
TITLE = "予約の一覧"


def _choices(label: str, **options: Any) -> django_filters.MultipleChoiceFilter:
    """None of the filters finds a booking twice, so the database need not look for doubles."""
    return django_filters.MultipleChoiceFilter(
        label=label, distinct=False, widget=forms.CheckboxSelectMultiple, **options
    )


class LedgerFilterSet(WagtailFilterSet):
    """Every choice is among what the reader may see; `q` belongs to Wagtail's search box."""

    reception = _choices("受付", field_name="slot__calendar")
    period = django_filters.DateFromToRangeFilter("slot__day", label="予約の日", widget=DateRangePickerWidget)
    venue = _choices("会場", field_name="slot__venue")
    state = _choices("状態", choices=State.choices)
    channel = _choices("予約の入口", choices=Channel.choices)
    item = _choices("項目", method="with_item")

    class Meta:
        model = Booking
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(data, request=request, **kwargs)
        mine = receptions(request.user)
        several = mine.count() > 1
        self._offer("reception", [(each.pk, each.name) for each in mine])
        for name, model in (("venue", Venue), ("item", Item)):
            rows = model._default_manager.filter(calendar__in=mine.order_by()).select_related("calendar")
            rows = rows.order_by("calendar__name", "order", "pk")
            self._offer(name, [(row.pk, f"{row.name}（{row.calendar}）" if several else row.name) for row in rows])

    def _offer(self, name: str, choices: list[tuple[int, str]]) -> None:
        self.filters[name].extra["choices"] = [(str(pk), label) for pk, label in choices]

    def with_item(self, bookings: QuerySet[Booking], name: str, value: list[str]) -> QuerySet[Booking]:
        if not value:
            return bookings
        asked = AttendeeItem.objects.filter(attendee__booking=OuterRef("pk"), item__in=[int(pk) for pk in value])
        return bookings.filter(Exists(asked))


def searched(bookings: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """Those of an application that mentions every word (name, kana, phone, reference), or of a person of that name."""
    words = clean_line(text)[:LONGEST_SEARCH]
    if not words:
        return bookings
    mentioning = filtered(Application.objects.all(), Filters(text=words))
    named = Attendee.objects.filter(name__icontains=words)
    return bookings.filter(Q(application__in=mentioning.values("pk")) | Q(pk__in=named.values("booking")))


def when(booking: Booking) -> str:
    starts = timezone.localtime(booking.slot.starts_at)
    return f"{starts:%Y-%m-%d %H:%M}"


def who(booking: Booking) -> str:
    """Everybody of the party."""
    names = [row.name for row in booking.attendees.all() if row.name] or [booking.application.applicant]
    return "、".join(filter(None, names)) or "（氏名の項目がありません）"


class BookingListView(ForRoles, Searched, BaseListingView):
    """The newest days first."""

    page_title = TITLE
    header_icon = ICON
    index_url_name = "ledger:bookings"
    index_results_url_name = "ledger:bookings_results"
    template_name = "reservations/ledger/list.html"
    results_template_name = "reservations/ledger/list_results.html"
    filterset_class = LedgerFilterSet
    verbose_name_plural = "予約"
    is_searchable = True
    roles = MAY_READ
    search_placeholder = "氏名・フリガナ・電話・受付番号"
    paginate_by = PAGE
    default_ordering = "-slot__starts_at"
    columns = [
        TitleColumn(
            "when",
            label="日時",
            accessor=when,
            get_url=lambda row: reverse("ledger:booking", args=(row.pk,)),
            classname="ledger-cell--when",
        ),
        Column("venue", label="会場", accessor="slot.venue"),
        Column("who", label="氏名", accessor=who),
        Column("state", label="状態", accessor="get_state_display"),
        Column("channel", label="入口", accessor="get_channel_display", classname="ledger-cell--less"),
        Column("reference", label="受付番号", accessor=lambda row: row.application.reference or "（受付前）"),
        Column("reception", label="受付", accessor="slot.calendar", classname="ledger-cell--less"),
    ]

    def get_base_queryset(self) -> QuerySet[Booking]:
        mine = list(receptions(self.request.user).values_list("pk", flat=True))
        related = ("slot__venue", "slot__calendar", "application")
        bookings = Booking.objects.filter(slot__calendar__in=mine).select_related(*related)
        unread = ("application__answers", "application__unfinished", "application__search_text")
        found: QuerySet[Booking] = bookings.defer(*unread).prefetch_related("attendees")
        return found

    def search_queryset(self, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return searched(queryset, self.request.GET.get("q", ""))

    def filter_queryset(self, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        """A filter that cannot be read finds nothing, so that nobody sees more than was asked for."""
        if self.filters and not self.filters.is_valid():
            return queryset.none()
        found: QuerySet[Booking] = super().filter_queryset(queryset)
        return found

    def order_queryset(self, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return queryset.order_by("-slot__starts_at", "slot__venue", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"filters_are_wrong": bool(self.filters) and not self.filters.is_valid()}
