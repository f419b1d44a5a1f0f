"""Below Wagtail's /admin/exports/; Wagtail asks for the login."""

from django.urls import path

from exports.views import ExportView, RecordListView

app_name = "exports"
urlpatterns = [
    path("", ExportView.as_view(), name="new"),
    path("records/", RecordListView.as_view(), name="records"),
    path("records/results/", RecordListView.as_view(results_only=True), name="records_results"),
]
