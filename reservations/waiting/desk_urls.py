"""Below Wagtail's /admin/waiting/; Wagtail asks for the login."""

from django.urls import path

from reservations.waiting.desk import CalledView, MoveToFrontView, RemoveView, TakeView, WaitingListView

app_name = "waiting_desk"
urlpatterns = [
    path("", WaitingListView.as_view(), name="list"),
    path("<int:pk>/take/", TakeView.as_view(), name="take"),
    path("<int:pk>/called/", CalledView.as_view(), name="called"),
    path("<int:pk>/front/", MoveToFrontView.as_view(), name="front"),
    path("<int:pk>/remove/", RemoveView.as_view(), name="remove"),
]
