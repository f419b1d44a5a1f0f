"""A new form is made once, however often the browser sends it.

Wagtail saves a page while it is being written; a press of 「公開」 is then on its way beside that. Both are the first
that the server hears of the form, and it makes a page for each, or fails where two take one place in the tree.
"""

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.models import Page

from formbuilder.models import FormPage

TOO_LATE = "この申請フォームは、もう保存されています。画面を読み込み直してください。"


def make_once(request: HttpRequest, parent: Page, page_class: type[Page]) -> HttpResponse | None:
    """Answers a post of a new form: one after the other, and what made a page already is a change to that page."""
    if page_class is not FormPage or request.method != "POST" or getattr(request, "has_turn", False):
        return None
    request.has_turn = True  # type: ignore[attr-defined]  # our own mark: the view calls this again
    with transaction.atomic():
        # the lock of all who make a form in this part of the site
        Page.objects.select_for_update().only("pk").get(pk=parent.pk)
        made = _made_already(request, parent)
        if made is None:
            names = (page_class._meta.app_label, page_class._meta.model_name)
            return CreateView.as_view()(request, *names, parent.pk)
        if not request.accepts("text/html"):  # saved of itself: older than what a button has sent
            told = {"success": False, "error_code": "invalid_revision", "error_message": TOO_LATE}
            return JsonResponse(told, status=400)
        return EditView.as_view()(request, made.pk)


def _made_already(request: HttpRequest, parent: Page) -> FormPage | None:
    """The page that an earlier post of the same editor's page has made."""
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        return None
    mine: Any = FormPage.objects.child_of(parent).filter(owner_id=request.user.pk)
    found: FormPage | None = mine.filter(translation_key=token).first()
    return found
