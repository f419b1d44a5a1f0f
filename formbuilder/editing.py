"""A form as it stands in the editor, for screens beside Wagtail's own."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from formbuilder.compiler import CompileErrors
from formbuilder.definition import FormDefinition
from formbuilder.models import FormPage


def draft_of(request: HttpRequest, pk: int) -> FormPage:
    """As it was saved last. Only for who may edit it."""
    live = get_object_or_404(FormPage, pk=pk)
    if live.alias_of_id or not live.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    page: FormPage = live.get_latest_revision_as_object()
    return page


def lock_of(request: HttpRequest, page: FormPage) -> str:
    """Why it cannot be changed now; "" when it can."""
    lock = page.get_lock()
    return "このページはロックされているため、変更できません。" if lock and lock.for_user(request.user) else ""


def definition_of(page: FormPage) -> FormDefinition:
    """As far as it can be compiled."""
    try:
        return page.compile()
    except CompileErrors as errors:
        return errors.draft
