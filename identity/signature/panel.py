"""電子署名, on the resident's check page."""

from applications.models import Application
from applications.panels import Place, Shown
from identity.methods import JPKI_SIGN
from identity.signature.services import requirement_of, signature_of


class SignaturePanel:
    name = "signature"

    def show(self, application: Application, place: Place) -> Shown | None:
        if place != Place.CHECK or requirement_of(application) is None:
            return None
        made = signature_of(application)
        if made is None:
            return None
        return Shown("identity/_signature_on_check.html", {"method": JPKI_SIGN.label, "at": made.at})
