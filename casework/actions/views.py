"""The page of one thing to do: it says what will happen, asks for what is needed, and does it by POST."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from applications.models import Application
from casework.actions.forms import CaseForm
from casework.actions.services import NotOfHere, Overtaken, Waiting
from casework.actions.table import ACTIONS, CaseAction
from casework.columns import tone
from casework.finding import ICON, TITLE, visible_case_or_404
from cms.access import has_role
from dialogue.corrections import Bound, Nothing
from records.looks import note_look
from records.models import Seen
from staff.models import User

REVISION = re.compile("[0-9]{1,9}")
NOT_NOW = (
    "いまの状態では「{label}」はできません。ほかの職員か申請者が、先に手続をしました。いまの内容を確かめてください。"
)
CHANGED = "この画面を開いたあとに、状態か内容が変わりました。いまの内容を確かめてから、もう一度行ってください。"
NOT_PAID = "申請者の手続（手数料の支払いなど）が終わっていないため、完了にできません。"
NOTHING = "選んだ項目は、いまの申請にはありません。もう一度選んでください。"
BOUND = "この申請は電子署名されています。画面を開き直して、電子署名についての確認に印を付けてください。"
NOT_OF_HERE = "その職員は、この所管課の担当者でも決裁者でもありません。"


class ActView(WagtailAdminTemplateMixin, TemplateView):
    """What may not be seen does not exist (404); what is seen but may not be done is refused."""

    template_name = "casework/act.html"
    header_icon = ICON
    http_method_names = ["get", "head", "post"]
    case: Application
    action: CaseAction

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.case = visible_case_or_404(request, kwargs["public_id"])
        action = ACTIONS.get(kwargs["action"])
        if action is None:
            raise Http404
        if not has_role(request.user, action.roles, self.case.department):
            raise PermissionDenied
        self.action = action
        if not action.possible(self.case):
            messages.error(request, NOT_NOW.format(label=action.label))
            return redirect(self.address)
        return super().dispatch(request, *args, **kwargs)

    @property
    def address(self) -> str:
        return reverse("casework:case", args=(self.case.public_id,))

    def get_page_title(self) -> str:
        return self.action.label

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = [
            {"url": reverse("casework:list"), "label": TITLE},
            {"url": self.address, "label": self.case.reference},
        ]
        return [*self.breadcrumbs_items, *above, {"url": "", "label": self.action.label}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.action.form(request.POST, request.FILES, case=self.case)
        if form.is_valid():
            self._do(form)
        if form.errors:
            return self.render_to_response(self.get_context_data(form=form), status=400)
        messages.success(request, self.action.done)
        return redirect(self.address)

    def _do(self, form: CaseForm) -> None:
        """Adds an error to the form where it cannot be done."""
        user, shown = self.request.user, self.request.POST.get("revision", "")
        assert isinstance(user, User)  # nobody else has a role
        revision = int(shown) if REVISION.fullmatch(shown) else -1
        try:
            self.action.do(self.case, user, revision, form.cleaned_data)
        except Overtaken:
            form.add_error(None, CHANGED)
        except Waiting:
            form.add_error(None, NOT_PAID)
        except Nothing:
            form.add_error("keys", NOTHING)
        except Bound:
            form.add_error(None, BOUND)
        except NotOfHere:
            form.add_error("officer", NOT_OF_HERE)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.pop("form", None) or self.action.form(case=self.case)
        if form.shows_case:
            note_look(self.request.user, self.case, Seen.CASE)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "case": self.case,
            "tone": tone(self.case),
            "form_title": self.case.version.engine.definition.title,
            "form": form,
            "action": self.action,
            "back": self.address,
        }
