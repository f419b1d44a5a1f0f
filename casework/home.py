"""What waits on the desk, on the first page of the admin."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.forms import Media
from django.urls import reverse
from wagtail.admin.ui.components import Component

from applications.filters import UNREAD
from applications.listing import visible_to
from applications.status import Status
from casework.columns import TONES
from cms.access import AnyUser
from outreach.delivery import in_trouble
from outreach.models import TROUBLE

WAITING = (Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED, Status.APPROVED)


class DeskPanel(Component):
    """How many applications stand where, each number a link to them."""

    name = "desk"
    template_name = "casework/home_panel.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user: AnyUser = parent_context["request"].user
        counts = dict(
            visible_to(user).filter(status__in=WAITING).order_by().values_list("status").annotate(count=Count("pk"))
        )
        url = reverse("casework:list")
        rows = [
            {
                "label": status.label,
                "tone": TONES[status],
                "count": counts.get(status, 0),
                "url": f"{url}?{urlencode({'status': status.value})}",
            }
            for status in WAITING
        ]
        if unread := visible_to(user).filter(unread_since__isnull=False).count():
            rows.append({"label": "未読のメッセージ", "tone": "new", "count": unread, "url": f"{url}?message={UNREAD}"})
        if lost := in_trouble(user):
            mails = f"{reverse('messages:index')}?{urlencode([('state', state) for state in TROUBLE])}"
            rows.append({"label": "届いていないメール", "tone": "bad", "count": lost, "url": mails})
        return {"rows": rows, "url": url}

    @property
    def media(self) -> Media:
        return Media(css={"all": ["casework/css/casework.css"]})
