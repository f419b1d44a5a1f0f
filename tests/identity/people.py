"""A resident with a card, the stand-in as the provider, and a form that asks who one is."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client

from applications.models import Application
from cms.models import Department
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from identity.models import Signature, Verification
from identity.signature.services import signature_of
from identity.standin.cards import PIN, SIGN_PIN
from identity.standin.provider import StandIn
from tests.applications.residents import CITY, Resident, Response, leads_to, photo
from tests.support.cast import item, key_of, load_form

ALL = ("name", "address", "birthdate", "gender")
ITEMS = {"name": "氏名", "address": "住所", "birthdate": "生年月日", "gender": "性別"}
CHOICES = [{"label": "女性", "code": "f"}, {"label": "男性", "code": "m"}, {"label": "答えない", "code": "x"}]
STEPS: Mapping[str, Sequence[dict[str, Any]]] = {
    "請求する方": [
        item("full_name", "氏名"),
        item("address", "住所"),
        item("date", "生年月日"),
        item("choice", "性別", choices=CHOICES),
        item("text", "使いみち"),
    ],
    "受取": [item("text", "備考", required=False)],
}


SIGNED_STEPS: Mapping[str, Sequence[dict[str, Any]]] = {
    "請求する方": [item("full_name", "氏名"), item("address", "住所"), item("text", "使いみち", sensitive=True)],
    "書類": [item("photo", "表紙", min_files=1, max_files=2, max_mb=10)],
}
HANAKO = {"氏名": {"family": "見本", "given": "花子"}, "住所": CITY, "使いみち": "就職のため"}


def requirement(claims: Sequence[str] = ALL, how: str = "lock", **others: Any) -> dict[str, Any]:
    rows = [{"claim": claim, "item": ITEMS[claim], "how": how} for claim in claims]
    settings = {"moment": "start", "methods": ["jpki_auth"], "ial": "2", "aal": "3", "once": "", "claims": rows}
    return {**settings, **others}


def form_file(steps: Mapping[str, Sequence[dict[str, Any]]] = STEPS, **settings: Any) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "住民票の写し", "code": "juminhyo"},
        "steps": [{"id": key_of(f"画面 {name}"), "title": name, "fields": list(its)} for name, its in steps.items()],
        "requires": [{"id": "identity-1", "type": "identity", "settings": requirement(**settings)}],
    }


def make_identity_form(
    department: Department, *, steps: Mapping[str, Sequence[dict[str, Any]]] = STEPS, **settings: Any
) -> FormPage:
    """A published form; called again, a newer version of it."""
    return load_form(form_file(steps, **settings), department)


def make_signed_form(department: Department, *claims: str) -> FormPage:
    """A published form that is signed; claims: what is compared with the certificate."""
    data = form_file(SIGNED_STEPS)
    rows = [{"claim": claim, "item": ITEMS[claim]} for claim in claims]
    data["requires"] = [{"id": "signature-1", "type": "signature", "settings": {"claims": rows}}]
    return load_form(data, department)


class CardHolder(Resident):
    """A resident whose browser also visits the provider."""

    def __init__(self, form: FormPage, standin: StandIn, client: Client | None = None) -> None:
        super().__init__(form, client)
        self.standin = standin

    place = "identity"

    def leaves(self) -> str:
        """Presses 「本人確認を始める」; the provider's address."""
        response = self.post(self.place)
        assert response.status_code == 302, response.content.decode()
        return str(response.headers["Location"])

    def at_provider(self, address: str, card: str = "hanako", pin: str = PIN, **others: str) -> str:
        """Reads the card there; the address to come back to."""
        page = requests.get(address, timeout=5)
        name = page.text.partition('name="request" value="')[2].partition('"')[0]
        assert name, page.text
        data = {"request": name, "card": card, "pin": pin, "action": "read", **others}
        place = self.standin.place("card")
        answer = requests.post(place, data=data, allow_redirects=False, timeout=5)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def comes_back(self, address: str) -> Response:
        """Follows the way back as far as the page on which the proof is taken, and no further."""
        response = self.visit(address)
        return self.visit(response.headers["Location"]) if response.status_code == 302 else response

    def visit(self, address: str) -> Response:
        parts = urlsplit(address)
        return self.client.get(f"{parts.path}?{parts.query}")

    def proves(self, card: str = "hanako", **others: str) -> Response:
        return self.comes_back(self.at_provider(self.leaves(), card, **others))

    @property
    def proof(self) -> Verification | None:
        return Verification.objects.filter(application=self.draft).first() if self.key else None


class Signer(CardHolder):
    """A resident who is to sign; the same card has another number for it."""

    place = "signature"

    def at_provider(self, address: str, card: str = "hanako", pin: str = SIGN_PIN, **others: str) -> str:
        return super().at_provider(address, card, pin, **others)

    def reaches_signature(self) -> None:
        response = self.fill("1", HANAKO)
        assert leads_to(response) == "2"
        response = self.fill("2", {"表紙": [photo()]})
        assert leads_to(response) == "check" and leads_to(self.get("check")) == "signature"

    def changes(self, use: str) -> None:
        assert leads_to(self.fill("1", {**HANAKO, "使いみち": use})) == "2"

    @property
    def made(self) -> Signature | None:
        return signature_of(self.draft)


def problem_of(response: Response) -> str:
    """The name of the problem that a redirect leads to; "" when it leads elsewhere."""
    assert response.status_code == 302, response.content.decode()[:2000]
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return query.get("problem", [""])[0]


def refresh(application: Application) -> Application:
    return Application.objects.select_related("version").get(pk=application.pk)
