"""The steps of a form as a django-formtools wizard. The only module that knows that library.

What formtools would keep in the session, the draft's row keeps: answers survive the browser. Its traps, and how they
are met here: `get_form_list` must not be overridden, so `form_list` is set per request; state would be written on GET,
so the storage below holds none; any step could be opened by its address, so `can_visit` is asked first.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from formtools.wizard.storage.base import BaseStorage
from formtools.wizard.views import NamedUrlWizardView

from applications.models import Application
from applications.pages import closed_page, gate_redirect, step_context
from applications.services import Kept, NotEditable, detach, keep_answers, start_draft
from applications.uploads import brings_files, receive_files
from applications.views.errors import visit_or_404
from applications.visits import Visit, hand_key
from formbuilder.definition import StepDef
from formbuilder.steps import StepForm, input_id


class RowStorage(BaseStorage):
    """Knows only which step the address names; the answers are in the application's row."""

    def __init__(self, prefix: str, request: HttpRequest, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.init_data()


class ApplicationWizard(NamedUrlWizardView):
    """One step a page. Saves what can be taken, whatever else is wrong, and only then says what is wrong."""

    storage_name = "applications.wizard.RowStorage"
    template_name = "applications/step.html"
    url_name = "apply-step"
    visit: Visit
    step: StepDef
    key: Kept | None = None  # of a draft that this request began

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.visit = visit_or_404(request, kwargs["code"])
        self.form_list = {step.slug: self.visit.engine.form(step) for step in self.visit.journey.steps}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._elsewhere() or super().dispatch(request, *args, **kwargs)

    def _elsewhere(self) -> HttpResponse | None:
        """Where the visitor has to be instead of on this step."""
        visit, slug = self.visit, self.kwargs["step"]
        if not visit.form_is_live:
            return closed_page(self.request, visit)
        if not visit.is_editable:
            return redirect("apply-done", code=visit.code)
        if gate := gate_redirect(visit):
            return gate
        step = visit.engine.by_slug.get(slug)
        if step is None or not visit.journey.can_visit(step):
            return redirect("apply", code=visit.code)
        self.step = step
        return None

    # --- what formtools asks for

    def get_step_url(self, step: str) -> str:
        return reverse(self.url_name, kwargs={"code": self.visit.code, "step": step})

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return {"answers": self.visit.answers, "today": self.visit.today}

    def get_form_prefix(self, step: str | None = None, form: Any = None) -> str:
        return ""

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.storage.current_step = self.step.slug
        return self.render(self.get_form())

    def get_context_data(self, form: StepForm, **kwargs: Any) -> dict[str, Any]:
        return step_context(self.request, self.visit, self.step, form, self.get_step_url)

    # --- a step is sent

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.storage.current_step = self.step.slug
        try:
            refused = self._receive()
            form = self.get_form(data=self._posted(), files=self.request.FILES)
            form.is_valid()
            self._keep(form)
        except NotEditable:  # declared meanwhile, in another window
            return redirect("apply-done", code=self.visit.code)
        for field_key, messages in refused.items():
            form.add_error(field_key, forms.ValidationError(messages))
        response = self._answer(form)
        if self.key:
            hand_key(response, self.visit.code, self.key)
        return response

    def _receive(self) -> dict[str, list[str]]:
        """Keep the files that came, drop the one that is to be removed: before the step is judged."""
        blank, removed = self.get_form(), self.request.POST.get("remove")
        refused: dict[str, list[str]] = {}
        if not brings_files(self.request, blank) and not removed:
            return refused
        application = self._application()
        if removed:
            detach(application.pk, public_id=removed)
        refused = receive_files(self.request, blank, application)
        self.visit.now_holds(Application.objects.select_related("version").get(pk=application.pk))
        return refused

    def _application(self) -> Application:
        """The draft, begun now if there is none."""
        if self.visit.application is None:
            self.key = start_draft(version=self.visit.version)
            self.visit.now_holds(self.key.application)
            return self.key.application
        return self.visit.application

    def _posted(self) -> Any:
        """The boxes as posted; with the button 「住所を検索」, completed by the item's own look-up."""
        data = self.request.POST
        field = self.visit.engine.fields.get(data.get("lookup", ""))
        if field is None or field.step is not self.step:
            return data
        completed, name = data.copy(), input_id(field.key)
        boxes = {part: data.get(f"{name}-{part}", "") for part in field.type.parts}
        for part, text in field.type.assist(field.definition, boxes).items():
            completed[f"{name}-{part}"] = text
        return completed

    def _keep(self, form: StepForm) -> None:
        if self.visit.application is None:
            answers = {key: answer for key, answer in form.taken.items() if answer is not None}
            self.key = start_draft(version=self.visit.version, answers=answers, unfinished=form.refused)
            self.visit.now_holds(self.key.application)
        else:
            self.visit.now_holds(
                keep_answers(self.visit.application.pk, taken=form.taken, unfinished=form.refused)
            )

    def _answer(self, form: StepForm) -> HttpResponse:
        """Where the resident goes next, once everything that can be kept is kept."""
        posted, journey = self.request.POST, self.visit.journey
        here = self.get_step_url(self.step.slug)
        if posted.get("action") == "back":
            before = journey.previous_step(self.step)
            return redirect(self.get_step_url(before.slug) if before else here)
        if "lookup" in posted:
            return redirect(f"{here}#{input_id(posted['lookup'])}-town")
        if "remove" in posted and not form.errors:
            return redirect(here)
        if form.errors:
            return self.render(form)
        if journey.state.stop and journey.state.stop.step is self.step:
            return redirect("apply-stop", code=self.visit.code)
        after = journey.next_step(self.step)
        return redirect(self.get_step_url(after.slug)) if after else redirect("apply-check", code=self.visit.code)
