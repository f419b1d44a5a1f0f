"""Below Wagtail's /admin/exports/; Wagtail asks for the login."""

from django.urls import path

from exports.api.token_views import NewTokenView, TokenListView, revoke
from exports.job_views import JobFile, JobListView, JobPage, JobReport, JobStatus
from exports.record_views import RecordListView
from exports.schedules.views import ChoosePlace, EditSchedule, NewSchedule, ScheduleList, ShowSchedule
from exports.template_views import AboutTemplateView, ColumnsView, NewTemplateView, TemplateListView
from exports.views import ExportView
from exports.webhooks.views import EditEndpoint, EndpointList, NewEndpoint, ShowEndpoint

app_name = "exports"
urlpatterns = [
    path("", ExportView.as_view(), name="new"),
    path("files/", JobListView.as_view(), name="jobs"),
    path("files/results/", JobListView.as_view(results_only=True), name="jobs_results"),
    path("files/<slug:public_id>/", JobPage.as_view(), name="job"),
    path("files/<slug:public_id>/status/", JobStatus.as_view(), name="job_status"),
    path("files/<slug:public_id>/file/", JobFile.as_view(), name="job_file"),
    path("files/<slug:public_id>/report/", JobReport.as_view(), name="job_report"),
    path("templates/", TemplateListView.as_view(), name="templates"),
    path("templates/results/", TemplateListView.as_view(results_only=True), name="templates_results"),
    path("templates/new/", NewTemplateView.as_view(), name="new_template"),
    path("templates/<int:pk>/", ColumnsView.as_view(), name="template"),
    path("templates/<int:pk>/about/", AboutTemplateView.as_view(), name="template_about"),
    path("tokens/", TokenListView.as_view(), name="tokens"),
    path("tokens/results/", TokenListView.as_view(results_only=True), name="tokens_results"),
    path("tokens/new/", NewTokenView.as_view(), name="new_token"),
    path("tokens/<int:pk>/revoke/", revoke, name="revoke_token"),
    path("schedules/", ScheduleList.as_view(), name="schedules"),
    path("schedules/results/", ScheduleList.as_view(results_only=True), name="schedules_results"),
    path("schedules/new/", ChoosePlace.as_view(), name="new_schedule"),
    path("schedules/new/<slug:place>/", NewSchedule.as_view(), name="new_schedule_to"),
    path("schedules/<slug:public_id>/", ShowSchedule.as_view(), name="schedule"),
    path("schedules/<slug:public_id>/edit/", EditSchedule.as_view(), name="edit_schedule"),
    path("webhooks/", EndpointList.as_view(), name="webhooks"),
    path("webhooks/results/", EndpointList.as_view(results_only=True), name="webhooks_results"),
    path("webhooks/new/", NewEndpoint.as_view(), name="new_webhook"),
    path("webhooks/<slug:public_id>/", ShowEndpoint.as_view(), name="webhook"),
    path("webhooks/<slug:public_id>/edit/", EditEndpoint.as_view(), name="edit_webhook"),
    path("records/", RecordListView.as_view(), name="records"),
    path("records/results/", RecordListView.as_view(results_only=True), name="records_results"),
]
