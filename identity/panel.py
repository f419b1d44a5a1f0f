"""本人確認, on the resident's check page."""

from applications.models import Application
from applications.panels import Place, Shown
from identity.gate import verification_of
from identity.methods import METHODS
from identity.services import requirement_of


class IdentityPanel:
    name = "identity"

    def show(self, application: Application, place: Place) -> Shown | None:
        if place != Place.CHECK or requirement_of(application) is None:
            return None
        proof = verification_of(application)
        if proof is None:
            return None
        context = {"method": METHODS[proof.method].label, "at": proof.at, "code": application.form.code}
        return Shown("identity/_on_check.html", context)
