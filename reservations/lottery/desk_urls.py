"""Below Wagtail's /admin/lotteries/; Wagtail asks for the login."""

from django.urls import path

from reservations.lottery.desk import LotteriesView, LotteryEditView, LotteryView, ResultsView

app_name = "lottery_desk"
urlpatterns = [
    path("", LotteriesView.as_view(), name="list"),
    path("receptions/<slug:code>/new/", LotteryEditView.as_view(), name="add"),
    path("<int:pk>/", LotteryView.as_view(), name="lottery"),
    path("<int:pk>/edit/", LotteryEditView.as_view(), name="edit"),
    path("<int:pk>/results/", ResultsView.as_view(), name="results"),
]
