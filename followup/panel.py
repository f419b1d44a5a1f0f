"""What stands below the number on the page after declaring: the way to the state of things, and the question."""

from applications.models import Application
from applications.panels import Place, Shown
from followup.ratings import may_rate


class FollowupPanel:
    name = "followup"

    def show(self, application: Application, place: Place) -> Shown | None:
        if place != Place.DONE or application.received_at is None:
            return None
        context = {
            "code": application.form.code,
            "may_rate": may_rate(application),
            "reference": application.reference,
            "is_reachable": bool(application.email),
        }
        return Shown("followup/_on_done.html", context)
