"""Tells the resident what happened to the application."""

from typing import ClassVar

from wagtail.rich_text import expand_db_html

from applications.models import Event
from applications.status import Action
from outreach.mail import send, write
from outreach.plain import plain_text


class ResidentMail:
    """A mail for each event the resident should know of; none where no address was given."""

    name = "resident_mail"
    kinds: ClassVar = frozenset({str(Action.ARRIVE)})
    templates: ClassVar = {str(Action.ARRIVE): "arrived"}

    def deliver(self, event: Event) -> None:
        application = event.application
        if not application.email:
            return
        definition = application.version.engine.definition
        context = {
            "title": definition.title,
            "department": application.department,
            "after": plain_text(expand_db_html(definition.after)),
        }
        send(write(event, self.templates[event.kind], context))
