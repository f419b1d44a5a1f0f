"""Addresses of the records, below the admin's."""

from django.urls import path

from records.views import LookListView

app_name = "records"
urlpatterns = [
    path("", LookListView.as_view(), name="list"),
    path("results/", LookListView.as_view(results_only=True), name="list_results"),
]
