"""Below Wagtail's /admin/cases/; Wagtail asks for the login."""

from django.urls import path

from casework.actions.views import ActView
from casework.filling.views import FilledView, FillingView
from casework.views import CaseListView, CaseView, case_document, case_file, former_file, letter_file

app_name = "casework"
urlpatterns = [
    path("", CaseListView.as_view(), name="list"),
    path("results/", CaseListView.as_view(results_only=True), name="list_results"),
    path("filling/", FillingView.as_view(), name="filling"),
    path("filling/<slug:public_id>/", FilledView.as_view(), name="filled"),
    path("<slug:public_id>/", CaseView.as_view(), name="case"),
    path("<slug:public_id>/files/<slug:file_id>/", case_file, name="file"),
    path("<slug:public_id>/documents/<slug:document_id>/", case_document, name="document"),
    path("<slug:public_id>/former/<slug:file_id>/", former_file, name="former-file"),
    path("<slug:public_id>/letters/<slug:file_id>/", letter_file, name="letter-file"),
    path("<slug:public_id>/act/<slug:action>/", ActView.as_view(), name="act"),
]
