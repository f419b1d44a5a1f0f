"""Tells the resident that the application has arrived."""

from collections.abc import Mapping
from typing import ClassVar

from wagtail.rich_text import expand_db_html

from applications.models import Application, Event
from applications.status import Action
from cms.links import site_addresses
from outreach.letters import ARRIVED
from outreach.mail import send, write
from outreach.plain import plain_text
from outreach.words import moment


class ResidentMail:
    """None where no address was given."""

    name = ARRIVED.sender
    kinds: ClassVar = frozenset({str(Action.ARRIVE)})

    def deliver(self, event: Event) -> None:
        application = event.application
        if application.email:
            send(write(event, ARRIVED, lambda: _values(application)))


def _values(application: Application) -> Mapping[str, str]:
    after = application.version.spoken.definition.after
    return {
        "受付日時": moment(application.received_at) if application.received_at else "",
        "このあとの流れ": plain_text(expand_db_html(after)),
        "関係するページ": "\n\n".join(f"■ {link.label}\n{link.url}" for link in site_addresses()),
    }
