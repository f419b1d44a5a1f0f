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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from formtools.wizard.storage.base import BaseStorage
from formtools.wizard.views import NamedUrlWizardView

from applications import autosave
from applications.exits import exits
from applications.models import Application
from applications.pages import (
    RETURN,
    closed_page,
    gate_redirect,
    offers_query,
    returns_to_check,
    rows_query,
    step_context,
)
from applications.services import (
    Kept,
    Moved,
    NotEditable,
    choose_presentation,
    detach,
    keep_answers,
    move_to_newest,
    start_draft,
)
from applications.uploads import brings_files, receive_files
from applications.views.errors import visit_or_404
from applications.visits import Visit, hand_key, keep_key, shown_version
from cms import languages
from formbuilder.buttons import Address, address_of, pressed
from formbuilder.definition import Presentation, StepDef
from formbuilder.engine import Engine
from formbuilder.fields import FIELD_TYPES
from formbuilder.japanese.postcode import NOT_THERE, has_table
from formbuilder.models import FormVersion
from formbuilder.questions import is_page, slug_of_step
from formbuilder.steps import StepForm, input_id

NOT_FOUND = gettext_noop("この郵便番号の住所が見つかりませんでした。番号を確かめるか、住所をそのまま入力してください。")


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
    page: Engine  # what the page was made from
    step: StepDef
    key: Kept | None = None  # of a draft that this request began
    helped = False  # whether 「住所を検索」 filled in a box
    refused: dict[str, list[str]]  # key -> why files were not taken

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.visit = visit_or_404(request, kwargs["code"])
        self.visit.asks = Presentation.QUESTIONS if is_page(kwargs["step"]) else Presentation.STEPS
        self.page = self._page()
        self.form_list = {step.slug: self.page.form(step) for step in self.page.definition.steps}

    def _page(self) -> Engine:
        """The draft's own version; a page may have been open while the draft moved over to a newer one."""
        visit, shown = self.visit, shown_version(self.request)
        if visit.application is None or shown in (None, visit.version.pk):
            return visit.engine
        version = FormVersion.objects.defer("document").filter(pk=shown, form__code=visit.code).first()
        return visit.engine_of(version) if version else visit.engine

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is posted to a page that one may not be on (any more) is kept all the same, and only then refused."""
        visit, step = self.visit, self.page.by_slug.get(kwargs["step"])
        if not visit.is_editable:
            return redirect("apply-done", code=visit.code)
        if step is None or (self.page is visit.engine and step not in visit.journey.steps):
            return redirect("apply", code=visit.code)
        self.step = step
        keeps = request.method == "POST" and (visit.form_is_live or visit.application is not None)
        if not keeps and (elsewhere := self._elsewhere()):
            return elsewhere
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def _elsewhere(self) -> HttpResponse | None:
        """Where the visitor has to be instead of on this step."""
        visit = self.visit
        if not visit.form_is_live:
            return closed_page(self.request, visit)
        if gate := gate_redirect(visit):
            return gate
        if self.page is not visit.engine or not visit.journey.can_visit(self.step):
            return redirect("apply", code=visit.code)
        return None

    # --- what formtools asks for

    def get_step_url(self, step: str) -> str:
        return reverse(self.url_name, kwargs={"code": self.visit.code, "step": step})

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return {"answers": self.visit.answers, "today": self.visit.today, "fixed": self.visit.fixed}

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
            self.refused = self._receive()
            form = self.get_form(data=self._posted(), files=self.request.FILES)
            form.is_valid()
            if self.request.POST.get("action") == autosave.ACTION:
                return self._autosave(form)
            self._keep(form)
            # an item that is not shown says nothing; one that is says why, and not 「添付してください」 beside it
            self.refused = {key: why for key, why in self.refused.items() if key in form.state.visible}
            for key in self.refused:
                form.errors.pop(key, None)
            self._add_refused(form)
            response = self._elsewhere() or self._answer(form)
        except NotEditable:  # declared meanwhile, in another window
            return redirect("apply-done", code=self.visit.code)
        self._hand_key(response)
        return response

    def _autosave(self, form: StepForm) -> HttpResponse:
        seen = self.visit.application
        elsewhere = autosave.changed_elsewhere(self.visit, form)
        try:
            self._keep(form, but=elsewhere, revision=seen.revision if seen else None)
        except Moved:
            return autosave.again()
        response = autosave.kept(self.visit, form, elsewhere)
        self._hand_key(response)
        return response

    def _receive(self) -> dict[str, list[str]]:
        """Keep the files that came, drop the one that is to be removed: before the step is judged."""
        blank, removed = self.get_form(), self.request.POST.get("remove")
        if removed and self.visit.application:
            detach(self.visit.application.pk, public_id=removed)
        elif not brings_files(self.request, blank):
            return {}
        application = self._application()
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
        """The boxes as posted, once the button among them that was pressed has done its work."""
        data, self.helped = pressed(self.page, self.request.POST)
        return data

    def _looked_up(self) -> Address | None:
        """The item whose button 「住所を検索」 was pressed."""
        address = address_of(self.page, self.request.POST.get("lookup", ""), self.request.POST)
        return address if address is not None and address.field.step is self.step else None

    def _add_refused(self, form: StepForm) -> None:
        for key, messages in self.refused.items():
            form.add_error(key, forms.ValidationError(messages))

    def _keep(self, form: StepForm, *, but: frozenset[str] = frozenset(), revision: int | None = None) -> None:
        """Files have been kept already; of their items only those that are not shown (any more) are told."""
        shown_files = {key for key in form.state.visible if self.page.fields[key].type.takes_files}
        came = {key for key in form.fields if key not in shown_files and key not in but and self._arrived(key)}
        taken = {key: answer for key, answer in form.taken.items() if key in came}
        left = {key: boxes for key, boxes in form.refused.items() if key in came}
        if self.visit.application is None:
            answers = {key: answer for key, answer in taken.items() if answer is not None}
            self.key = start_draft(version=self.visit.version, answers=answers, unfinished=left)
            self.visit.now_holds(self.key.application)
        else:
            self.visit.now_holds(
                keep_answers(
                    self.visit.application.pk, taken=taken, unfinished=left, read_by=self.page, revision=revision
                )
            )

    def _arrived(self, key: str) -> bool:
        """Whether the item's boxes came. Where the end of the page did not, those that are missing are not empty."""
        if autosave.CAME in self.request.POST:
            return key in self.request.POST.getlist(autosave.CAME)
        if "whole" in self.request.POST:
            return True
        type_ = self.page.fields[key].type
        if type_.has_rows:  # nobody knows how many rows there should be
            return False
        parts = type_.parts_of(self.page.fields[key].definition)
        return not {input_id(key), *(f"{input_id(key)}-{part}" for part in parts)}.isdisjoint(self.request.POST)

    def _hand_key(self, response: HttpResponse) -> None:
        if self.key:
            hand_key(response, self.visit.code, self.key)
        else:
            keep_key(response, self.visit.code, self.request)

    # --- where the resident goes next, once everything that can be kept is kept

    def _answer(self, form: StepForm) -> HttpResponse:
        posted = self.request.POST
        action, _, target = posted.get("action", "").partition(":")
        if action == "back":
            before = self.visit.journey.previous_step(self.step)
            return self._to(before or self.step)
        if action == "goto" and (response := self._go_to(target)):
            return response
        if action == "update":
            return self._move_over()
        if otherwise := self._otherwise(action, target):
            return otherwise
        if action == "exit" and target in exits():
            return redirect(exits()[target].url(self._application()))
        return self._inside(form) or self._go_on(form)

    def _inside(self, form: StepForm) -> HttpResponse | None:
        """Back to the step, to what a button among its items has done; None when it was none of those."""
        posted = self.request.POST
        if address := self._looked_up():
            return self._show_looked_up(form, address)
        if posted.get("remove"):
            return self._show_removed(form)
        if (key := posted.get("add") or posted.get("drop", "").rpartition(".")[0]) in form.groups:
            return self._show_rows(form, key)
        return None

    def _to(self, step: StepDef) -> HttpResponse:
        return redirect(self.get_step_url(step.slug))

    def _on(self, step: StepDef, anchor: str = "", query: str = "") -> HttpResponse:
        """To a step on the same way: who came from the check page still goes back to it afterwards."""
        queries = [query for query in (RETURN if returns_to_check(self.request) else "", query) if query]
        asked = f"?{'&'.join(queries)}" if queries else ""
        return redirect(f"{self.get_step_url(step.slug)}{asked}{anchor}")

    def _go_on(self, form: StepForm) -> HttpResponse:
        journey = self.visit.journey
        if form.errors:
            return self.render(form)
        returns = returns_to_check(self.request)
        # a stop that a later step decides waits until that step has been seen, though it may have nothing to fill in
        if journey.stopped and (journey.current is self.step or returns):
            return redirect("apply-stop", code=self.visit.code)
        # from the check page, and back to it: by way of what became incomplete
        after = journey.current if returns else journey.next_step(self.step)
        return self._on(after) if after else redirect("apply-check", code=self.visit.code)

    def _otherwise(self, action: str, target: str) -> HttpResponse | None:
        """The same form in another presentation or language."""
        if action == "language" and target in languages.BY_CODE:
            return self._in_language(target)
        if action == "ask" and target in {each.value for each in Presentation}:
            return self._ask(Presentation(target))
        return None

    def _in_language(self, code: str) -> HttpResponse:
        """The same step again, with what was typed; what is wrong is told when it is sent on."""
        response = self._on(self.step)
        languages.remember(response, code)
        return response

    def _go_to(self, slug: str) -> HttpResponse | None:
        """From the step navigation; None when the steps before are not done."""
        step = self.visit.engine.by_slug.get(slug)
        return self._to(step) if step is not None and self.visit.journey.can_visit(step) else None

    def _move_over(self) -> HttpResponse:
        """To the newest version; to the same step in it, if one may be there."""
        if self.visit.application is not None:
            self.visit.now_holds(move_to_newest(self.visit.application.pk))
        journey = self.visit.journey
        same = next((step for step in journey.steps if step.key == self.step.key), None)
        return self._to(same) if same and journey.can_visit(same) else redirect("apply", code=self.visit.code)

    def _ask(self, presentation: Presentation) -> HttpResponse:
        """Put the questions the other way from now on, and go on where one is."""
        visit, slug = self.visit, slug_of_step(self.step.slug)
        visit.now_holds(choose_presentation(self._application().pk, presentation))
        visit.asks = presentation
        same = next((step for step in visit.journey.steps if slug_of_step(step.slug) == slug), None)
        return self._to(same) if same and visit.journey.can_visit(same) else redirect("apply", code=visit.code)

    def _show_looked_up(self, form: StepForm, address: Address) -> HttpResponse:
        """To the boxes that were filled in; where nothing was found, back with what to do about it, and that alone."""
        if self.helped:
            chooses = ":" not in self.request.POST.get("lookup", "") and address.offers(self.request.POST)
            query = offers_query(address.item.key) if chooses else ""
            part = FIELD_TYPES[address.item.type].assist_boxes[0 if chooses else 1]
            return self._on(self.step, f"#{input_id(address.item.key)}-{part}", query)
        key, type_ = address.field.key, FIELD_TYPES[address.item.type]
        asked = next(iter(type_.parts))
        errors = form.errors[key].as_data() if key in form.errors else []
        wrong = [error for error in errors if error.code == asked and getattr(error, "place", None) == address.place]
        if not self.request.POST.get(f"{address.name}-{asked}", "").strip():
            wrong = [address.error(_("%(label)sを入力してください。") % {"label": _(type_.parts[asked].label)}, asked)]
        form.errors.clear()
        told = _(type_.not_found or (NOT_FOUND if has_table() else NOT_THERE))
        form.add_error(key, wrong or address.error(told, asked))
        return self.render(form)

    def _show_removed(self, form: StepForm) -> HttpResponse:
        """Nobody who presses 「削除」 wants to hear at once that the file is missing."""
        form.errors.clear()
        self._add_refused(form)
        return self.render(form) if form.errors else self._on(self.step)

    def _show_rows(self, form: StepForm, key: str) -> HttpResponse:
        """With the row that was added, or without the one that was removed; what is wrong is told another time."""
        count = len(form.boxes(key))
        row = f".{count - 1}" if self.request.POST.get("add") else ""
        return self._on(self.step, f"#{input_id(key)}{row}", rows_query(key, count))
