"""The resident's path."""

from django.urls import path

from applications.views import check, done, files, lookup, start
from applications.wizard import ApplicationWizard
from formbuilder.steps import StepForm

# formtools wants a list of forms when the view is made; the wizard sets the real one for each request
step = ApplicationWizard.as_view(form_list=[StepForm], url_name="apply-step", done_step_name="check")

urlpatterns = [
    path("postcode/<str:postcode>/", lookup.postcode, name="apply-postcode"),
    path("<slug:code>/", start.resume, name="apply"),
    path("<slug:code>/new/", start.begin_anew, name="apply-new"),
    path("<slug:code>/update/", start.update, name="apply-update"),
    path("<slug:code>/check/", check.check, name="apply-check"),
    path("<slug:code>/stop/", check.stop, name="apply-stop"),
    path("<slug:code>/done/", done.done, name="apply-done"),
    path("<slug:code>/files/<str:public_id>/", files.own_file, name="apply-file"),
    path("<slug:code>/<slug:step>/", step, name="apply-step"),
]
