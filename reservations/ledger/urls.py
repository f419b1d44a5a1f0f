"""Below Wagtail's /admin/ledger/; Wagtail asks for the login."""

from django.urls import path

from reservations.ledger.entry import EntryView
from reservations.ledger.listing import BookingListView
from reservations.ledger.sheet_views import SheetView, StatisticsView
from reservations.ledger.views import BookingView, CancelView, ChangeView, DayView, MarkView, StartView

app_name = "ledger"
urlpatterns = [
    path("", StartView.as_view(), name="start"),
    path("bookings/", BookingListView.as_view(), name="bookings"),
    path("bookings/results/", BookingListView.as_view(results_only=True), name="bookings_results"),
    path("bookings/<int:pk>/", BookingView.as_view(), name="booking"),
    path("bookings/<int:pk>/mark/", MarkView.as_view(), name="mark"),
    path("bookings/<int:pk>/change/", ChangeView.as_view(), name="change"),
    path("bookings/<int:pk>/cancel/", CancelView.as_view(), name="cancel"),
    path("slots/<int:slot>/book/", EntryView.as_view(), name="entry"),
    path("receptions/<slug:code>/", DayView.as_view(), name="day"),
    path("receptions/<slug:code>/sheet/", SheetView.as_view(), name="sheet"),
    path("receptions/<slug:code>/statistics/", StatisticsView.as_view(), name="statistics"),
]
