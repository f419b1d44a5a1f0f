"""What the pages of exports have in common besides the lists."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from exports.access import may_export


class ExportPage(WagtailAdminTemplateMixin, TemplateView):
    """For who may export; whatever it shows is kept by no browser. listing: (label, name of its address)."""

    listing: tuple[str, str]
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_export(request.user):
            raise PermissionDenied
        response: HttpResponseBase = never_cache(super().dispatch)(request, *args, **kwargs)
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        label, name = self.listing
        above = {"url": reverse(name), "label": label}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.get_page_title()}]
