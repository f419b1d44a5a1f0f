"""How a list shows a state and a moment."""

from typing import Any

from django import forms
from django.utils import timezone
from wagtail.admin.ui.tables import Column

from applications.models import Application
from applications.status import Status

# The word says the state; the colour only helps the eye
TONES: dict[str, str] = {
    Status.SUBMITTED: "new",
    Status.IN_REVIEW: "working",
    Status.RETURNED: "waiting",
    Status.APPROVED: "good",
    Status.COMPLETED: "good",
    Status.REJECTED: "bad",
    Status.WITHDRAWN: "over",
    Status.EXPIRED: "over",
}


def tone(application: Application) -> str:
    return TONES.get(application.status, "over")


def moment(application: Application) -> str:
    """Local time, as sortable by eye as by machine."""
    assert application.received_at is not None
    return f"{timezone.localtime(application.received_at):%Y-%m-%d %H:%M}"


class StatusColumn(Column):
    cell_template_name = "casework/status_cell.html"

    def get_cell_context_data(self, instance: Application, parent_context: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        shown = {"label": instance.get_status_display(), "tone": tone(instance)}
        has_bounced, is_unread = instance.__dict__.get("has_bounced", False), instance.unread_since is not None
        return {**context, **shown, "has_bounced": has_bounced, "is_unread": is_unread}

    @property
    def media(self) -> forms.Media:
        return forms.Media(css={"all": ["casework/css/casework.css"]})
