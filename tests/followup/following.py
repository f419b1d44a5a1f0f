"""A resident who comes back: the worker at work, the code and the link of the newest mail, and a way to the page."""

import re
from collections.abc import Mapping
from typing import Any

from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from applications.models import Application, Delivery, DeliveryState
from applications.outbox import deliver_due
from cms.models import Department
from followup.jobs import send_codes
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from tests.applications.residents import Response
from tests.support.cast import SOMEBODY, USUAL_STEPS, Steps, key_of, load_form, submit

ADDRESS = "hanako@example.jp"
ANSWERS: Mapping[str, Any] = {**SOMEBODY, "メールアドレス": ADDRESS}


def form_with_check(department: Department, *, code: str = "checked", steps: Steps = USUAL_STEPS) -> FormPage:
    """A published form that asks for 「メールアドレスの確認」."""
    data = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "確認つきの申請", "code": code},
        "steps": [
            {"id": key_of(f"画面 {name}"), "title": name, "fields": list(items)} for name, items in steps.items()
        ],
        "requires": [
            {"id": "kakunin", "type": "mail_address", "settings": {"why": "結果をお知らせします。"}},
        ],
    }
    return load_form(data, department)


def work() -> None:
    """What the background worker does with what is due."""
    Delivery.objects.filter(state=DeliveryState.WAITING).update(due_at=timezone.now())
    while send_codes() + deliver_due():
        pass


def newest_mail() -> EmailMessage:
    """The newest mail that went out, once the worker has been at work."""
    work()
    sent: EmailMessage = mail.outbox[-1]
    return sent


def digits_in(text: str) -> str:
    found = re.search("確認コード：([0-9]{6})", text)
    assert found, text
    return found.group(1)


def newest_digits() -> str:
    return digits_in(str(newest_mail().body))


def link_in(text: str) -> str:
    """The path of the link."""
    found = re.search("https?://[^/]*(/apply/[^\n]*)", text)
    assert found, text
    return found.group(1)


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def arrived(form: FormPage, **answers: Any) -> Application:
    """An application with an address; its mail of arrival is on its way."""
    return submit(form, {**ANSWERS, **answers})


def ask(client: Client, reference: str | None, **extra: Any) -> Response:
    return client.post("/status/", {"reference": reference or ""}, **extra)


def enter(client: Client, application: Application) -> Response:
    """Comes in by number and code."""
    assert ask(client, application.reference).status_code == 302
    response = client.post("/status/code/", {"digits": newest_digits()})
    assert response.status_code == 302 and response["Location"] == "/status/application/"
    return client.get("/status/application/")
