"""Events become messages to the endpoints that want them; who sends those is sending.py, in a lane of its own."""

from collections.abc import Iterable

from applications.models import Event
from exports.webhooks.kinds import KINDS
from exports.webhooks.models import Endpoint
from exports.webhooks.services import queue


class WebhookSubscriber:
    name = "webhooks"
    kinds = frozenset(KINDS)

    def deliver(self, event: Event) -> None:
        """No endpoint is asked here: a slow one would hold up the mails."""
        application = event.application
        if application.received_at is None:
            return
        listening = Endpoint.objects.filter(department=application.department_id, stopped_at__isnull=True)
        for endpoint in wanting(listening, event):
            queue(endpoint, [event])


def wanting(endpoints: Iterable[Endpoint], event: Event) -> list[Endpoint]:
    form = event.application.form_id
    return [each for each in endpoints if event.kind in each.kinds and (not each.forms or form in each.forms)]
