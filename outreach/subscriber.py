"""Tells the resident what happened to the application."""

from typing import ClassVar

from django.utils.html import strip_tags

from applications.models import Event
from applications.status import Action
from outreach.mail import send, write


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
            "after": strip_tags(definition.after.replace("</p>", "\n").replace("<br/>", "\n")).strip(),
        }
        send(write(event, self.templates[event.kind], context))
