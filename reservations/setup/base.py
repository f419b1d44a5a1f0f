"""What all pages of a reception have in common: whose it is, where one is, and how a refusal is told."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from reservations.models import Calendar
from reservations.refusals import BelowBooked, Refused
from reservations.setup.access import may_set_up, receptions_of
from reservations.setup.concerned import Concerned, concerned
from staff.models import User

LIST = "予約の受付"
ICON = "date"


class SetupView(WagtailAdminTemplateMixin, TemplateView):
    """For those who set up receptions; others get 403."""

    header_icon = ICON
    http_method_names = ["get", "head", "post"]
    problem = ""
    below: Concerned | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_set_up(request.user):
            raise PermissionDenied
        assert isinstance(request.user, User)
        self.user: User = request.user
        self.prepare()
        return super().dispatch(request, *args, **kwargs)

    def prepare(self) -> None:
        """What the page is about; raises Http404."""

    def path(self) -> list[tuple[str, str]]:
        """(address, name) between the list and this page."""
        return []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        way = [(reverse("receptions:index"), LIST), *self.path(), ("", self.get_page_title())]
        return [*self.breadcrumbs_items, *({"url": url, "label": label} for url, label in way)]

    def refuse(self, refused: Refused, **context: Any) -> HttpResponse:
        """The page once more, with what stands in the way."""
        self.problem = refused.message
        if isinstance(refused, BelowBooked):
            self.below = concerned(refused, self.user)
        return self.render_to_response(self.get_context_data(**context), status=409)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"problem": self.problem, "below": self.below}


class ReceptionView(SetupView):
    """Of one reception; one of another department does not exist (404)."""

    def prepare(self) -> None:
        self.reception: Calendar = get_object_or_404(receptions_of(self.user), pk=self.kwargs["pk"])

    def path(self) -> list[tuple[str, str]]:
        return [(self.url("hub"), self.reception.name)]

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"receptions:{name}", args=(self.reception.pk, *args))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"reception": self.reception}
