"""What the pages of a department's desk have in common, whichever app they belong to."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.views.generic import View
from wagtail.admin.forms.search import SearchForm

from cms.access import MAY_READ_CASES, has_role
from cms.models import Role


class ForRoles(View):
    """Whoever has none of the roles for any department is refused; Wagtail has asked for the login."""

    roles: ClassVar[frozenset[Role]] = MAY_READ_CASES

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, self.roles):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class Searched(View):
    """A list that is searched by our own rules, not by Wagtail's index."""

    search_placeholder: ClassVar[str]

    def get_search_form(self) -> SearchForm:
        shown = {"q": self.request.GET["q"]} if "q" in self.request.GET else None
        return SearchForm(shown, placeholder=self.search_placeholder)

    @cached_property
    def is_searching(self) -> bool:
        return bool(self.request.GET.get("q", "").strip())
