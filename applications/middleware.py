"""A draft whose sealed answers cannot be opened: the resident is told whom to ask, and the draft stays as it is."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from applications.vault import VaultError
from formbuilder.models import FormVersion

logger = logging.getLogger(__name__)


class TellLostKey(MiddlewareMixin):
    """Only on the resident's path: what staff see says itself what it cannot open."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if not isinstance(exception, VaultError) or match is None or not (match.view_name or "").startswith("apply"):
            return None
        logger.error("%s: %s", request.path, exception)
        version = FormVersion.objects.filter(form__code=match.kwargs.get("code", ""), is_current=True)
        current = version.select_related("department", "form").defer("document").first()
        context = {
            "title": current.form.title if current else "",
            "department": current.department if current else None,
            "was_sent": request.method == "POST",
        }
        return render(request, "applications/locked.html", context, status=503)
