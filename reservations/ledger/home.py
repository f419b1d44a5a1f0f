"""Whom the desk has to call, on the first page of the admin."""

from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component


class CallsPanel(Component):
    """calls: of waiters.calls_of, one at least."""

    name = "calls"
    template_name = "reservations/ledger/home_panel.html"
    order = 40  # before the applications on the desk: this has a deadline

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        self.calls = calls

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"calls": self.calls, "url": reverse("waiting_desk:list")}
