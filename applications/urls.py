"""The resident's path."""

from django.urls import path
from django.views.decorators.cache import cache_control

from applications.views import check, done, files, linking, lookup, start, uploads
from applications.wizard import ApplicationWizard
from formbuilder.steps import StepForm

# One resident's pages: no proxy may keep them. The browser may, so that its back button loses nothing that was typed.
own = cache_control(private=True, no_cache=True)

# formtools wants a list of forms when the view is made; the wizard sets the real one for each request
step = ApplicationWizard.as_view(form_list=[StepForm], url_name="apply-step", done_step_name="check")

urlpatterns = [
    path("postcode/<str:postcode>/", lookup.postcode, name="apply-postcode"),
    path("list/<int:version>/", lookup.listed, name="apply-list"),
    path("<slug:code>/", own(start.resume), name="apply"),
    path("<slug:code>/new/", own(start.begin_anew), name="apply-new"),
    path("<slug:code>/update/", own(start.update), name="apply-update"),
    path("<slug:code>/check/", own(check.check), name="apply-check"),
    path("<slug:code>/stop/", own(check.stop), name="apply-stop"),
    path("<slug:code>/link/", own(linking.link), name="apply-link"),
    path("<slug:code>/done/", own(done.done), name="apply-done"),
    path("<slug:code>/uploads/", own(uploads.begin_upload), name="apply-upload"),
    path("<slug:code>/uploads/<str:upload_id>/", own(uploads.append_piece), name="apply-piece"),
    path("<slug:code>/files/<str:public_id>/", files.own_file, name="apply-file"),
    path("<slug:code>/<slug:step>/", own(step), name="apply-step"),
]
