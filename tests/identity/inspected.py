"""A resident whose documents and face are looked at, and a verifier that tells of it later."""

from typing import Any

import requests
from django.test import Client

from cms.models import Department
from formbuilder.models import FormPage
from identity.models import Inspection
from identity.standin.verifier import Verifier
from tests.applications.residents import Response
from tests.identity.people import CardHolder, make_identity_form

METHODS = ["ic_chip_face", "photo_face"]
NOTICE = "/identity/ekyc/notice/"


def make_ekyc_form(department: Department, **settings: Any) -> FormPage:
    return make_identity_form(department, **{"methods": METHODS, "aal": "1", **settings})


class Photographed(CardHolder):
    """Goes to the verifier instead of to the card reader."""

    standin: Verifier

    def __init__(self, form: FormPage, verifier: Verifier, client: Client | None = None) -> None:
        super().__init__(form, verifier, client)

    def leaves(self) -> str:
        response = self.post(self.place, {"way": "ekyc"})
        assert response.status_code == 302, response.content.decode()
        return str(response.headers["Location"])

    def at_provider(self, address: str, card: str = "hanako", pin: str = "", **others: str) -> str:
        """Is photographed there; the address to come back to."""
        page = requests.get(address, timeout=5)
        name = page.text.partition('name="request" value="')[2].partition('"')[0]
        assert name, page.text
        data = {"request": name, "card": card, "looked": "photo", "result": "approved", "action": "read", **others}
        answer = requests.post(self.standin.place("card"), data=data, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    @property
    def inspection(self) -> Inspection:
        """The newest."""
        return Inspection.objects.filter(application=self.draft).latest("pk")

    @property
    def process(self) -> str:
        return self.inspection.process

    @property
    def state(self) -> str:
        return self.inspection.state

    def page(self) -> Response:
        return self.get("identity")


def tell(token: str) -> int:
    """The verifier brings a notice; the status it gets. From outside: no cookie, and no token against forgery."""
    client = Client(enforce_csrf_checks=True)
    return int(client.post(NOTICE, token, content_type="application/secevent+jwt").status_code)


def decide(verifier: Verifier, process: str, status: str, reason: str = "") -> int:
    """The verifier's staff decide, and it tells."""
    verifier.decide(process, status, reason)
    return tell(verifier.notice(process))
