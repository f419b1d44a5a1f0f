"""Lists of the export pages: tables at a desk, one card for each row on a phone."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView

from exports.access import may_export


class Cell(Column):
    """Says what it is by itself where there is no room for the headings."""

    cell_template_name = "exports/cell.html"


class ExportList(BaseListingView):
    """For who may export; the rows are chosen by get_base_queryset."""

    template_name = "exports/list.html"
    results_template_name = "exports/list_results.html"
    header_icon = "download"
    paginate_by = 50

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may_open(request):
            raise PermissionDenied
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def may_open(self, request: HttpRequest) -> bool:
        return may_export(request.user)
