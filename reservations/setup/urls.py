"""Below Wagtail's /admin/receptions/; Wagtail asks for the login."""

from django.urls import path

from reservations.setup.balance import BalanceView
from reservations.setup.days import DayView, MonthView, SlotView
from reservations.setup.differing import DifferencesView
from reservations.setup.hub import BasicsEditView, BasicsView, HubView, ReceptionDeleteView, RowDeleteView, RowView
from reservations.setup.making import CopyView, MakeView

urlpatterns = [
    path("new/", BasicsView.as_view(), name="add"),
    path("balance/", BalanceView.as_view(), name="balance"),
    path("<int:pk>/", HubView.as_view(), name="hub"),
    path("<int:pk>/basics/", BasicsEditView.as_view(), name="edit"),
    path("<int:pk>/delete/", ReceptionDeleteView.as_view(), name="delete"),
    path("<int:pk>/make/", MakeView.as_view(), name="make"),
    path("<int:pk>/copy/", CopyView.as_view(), name="copy"),
    path("<int:pk>/differences/", DifferencesView.as_view(), name="differences"),
    path("<int:pk>/slots/", MonthView.as_view(), name="slots"),
    path("<int:pk>/slots/<int:year>/<int:month>/", MonthView.as_view(), name="month"),
    path("<int:pk>/slots/<int:year>/<int:month>/<int:day>/", DayView.as_view(), name="day"),
    path("<int:pk>/slot/<int:slot>/", SlotView.as_view(), name="slot"),
    path("<int:pk>/<slug:kind>/new/", RowView.as_view(), name="add_row"),
    path("<int:pk>/<slug:kind>/<int:row>/", RowView.as_view(), name="edit_row"),
    path("<int:pk>/<slug:kind>/<int:row>/delete/", RowDeleteView.as_view(), name="delete_row"),
]
