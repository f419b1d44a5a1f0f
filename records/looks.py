"""Writes down that a member of staff looked; whoever cannot be written down does not get to see."""

from applications.models import Application
from cms.access import AnyUser
from records.models import Look, Seen
from staff.models import User


def note_look(user: AnyUser, application: Application, seen: Seen, *, file: str = "") -> None:
    """Call it before the answer goes out. application: received, with its version; file: public id of a file."""
    assert isinstance(user, User)  # nobody else sees a case
    Look.objects.create(
        user=user,
        department_id=application.department_id,
        seen=seen,
        application_id=application.pk,
        reference=application.reference or "",
        form_title=application.version.engine.definition.title,
        file=file,
    )
