"""Every address of the desk, for every role, in the own department and in another one."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from applications.models import Application, Attachment
from applications.status import Status
from casework import urls as casework_urls
from casework.actions.table import ACTIONS
from cms.models import Role
from dialogue import messages
from dialogue.documents import issue_document
from dialogue.models import Correction, CorrectionFile, Outcome
from exports import urls as exports_urls
from formbuilder.uploads.inspect import inspect_upload
from staff.models import User
from tests.formbuilder.uploads.samples import pdf
from tests.support.cast import SOMEBODY, Cast, make_admin, make_staff, submit

READERS = {Role.OFFICER, Role.APPROVER, Role.EXPORTER, Role.AUDITOR}
EXPORTERS = {Role.OFFICER, Role.EXPORTER}

PEOPLE: list[str] = [
    *(f"{where} {role}" for role in Role for where in ("own", "other")),
    "nobody",
    "admin",
    "anonymous",
]


def attach_to(application: Application) -> Attachment:
    field = next(iter(application.version.engine.fields.values()))
    attachment = Attachment(
        application=application,
        field_key=field.key,
        name="写し.pdf",
        content_type="application/pdf",
        size=4,
        sha256="0" * 64,
    )
    attachment.file.save("写し.pdf", ContentFile(b"%PDF"))
    return attachment


def former_of(attachment: Attachment) -> CorrectionFile:
    """The same file, as if a correction had replaced it."""
    correction = Correction.objects.create(
        application=attachment.application, reason="x", opened_by=make_staff("former"), outcome=Outcome.RESUBMITTED
    )
    names = ("field_key", "name", "content_type", "size", "sha256", "file")
    same = {name: getattr(attachment, name) for name in names}
    return CorrectionFile.objects.create(correction=correction, is_former=True, **same)


class Desk:
    """An application of こども家庭課, and every address that shows something of it."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.application = submit(cast.form, {**SOMEBODY, "メールアドレス": "hanako@example.jp"})
        self.attachment = attach_to(self.application)
        self.former = former_of(self.attachment)
        self.document = issue_document(self.application, None, "通知", b"%PDF")
        messages.stage(self.application, token="t" * 22, checked=inspect_upload(BytesIO(pdf()), messages.POLICY))
        self.letter = messages.answer(self.application, text="文", token="t" * 22)

    def person(self, name: str) -> User | None:
        where, _, role = name.partition(" ")
        if role:
            return make_staff("somebody", (self.cast.children if where == "own" else self.cast.waste, Role(role)))
        if name == "nobody":
            return make_staff("somebody")
        return make_admin() if name == "admin" else None

    def ask(self, client: Client, address: str) -> int:
        """Status of the answer to an address that shows, or hands out, something of the application."""
        export = f"{reverse('exports:new')}?form={self.cast.form.pk}"
        if address == "casework:case":
            response = client.get(reverse(address, args=(self.application.public_id,)))
        elif address == "casework:file":
            ids = (self.application.public_id, self.attachment.public_id)
            response = client.get(reverse(address, args=ids))
        elif address == "casework:document":
            response = client.get(reverse(address, args=(self.application.public_id, self.document.public_id)))
        elif address == "casework:former-file":
            response = client.get(reverse(address, args=(self.application.public_id, self.former.public_id)))
        elif address == "casework:letter-file":
            ids = (self.application.public_id, self.letter.files.get().public_id)
            response = client.get(reverse(address, args=ids))
        elif address.startswith("casework:act "):
            action = address.partition(" ")[2]
            response = client.get(reverse("casework:act", args=(self.application.public_id, action)))
        elif address.startswith("exports:new "):
            response = client.post(export, {"format": address.partition(" ")[2]})
        else:
            response = client.get(export if address == "exports:new" else reverse(address))
        if response.streaming:
            b"".join(response)  # to the end, which closes the file
        return response.status_code


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast)


# pages of exports that show applications; all others have rules of their own, which tests/exports hold
OF_EXPORTS = frozenset({"new", "records", "records_results"})
# what can be done with an application that has just arrived, and a message with it; the others are test_actions.py's
ARRIVED = Application(status=Status.SUBMITTED, email="x", unread_since=timezone.now())
ACTS = {
    f"casework:act {name}": action.roles
    for name, action in ACTIONS.items()
    if name == "take-back" or action.possible(ARRIVED)
}
# may say anything, so it is for those who may read what is sensitive
SENSITIVE = frozenset({"casework:document", "casework:letter-file"})
ADDRESSES = [
    *(f"casework:{pattern.name}" for pattern in casework_urls.urlpatterns if pattern.name not in ("act", "filled")),
    *ACTS,
    *(f"exports:{pattern.name}" for pattern in exports_urls.urlpatterns if pattern.name in OF_EXPORTS),
    "exports:new csv",
    "exports:new xlsx",
]


def expected(person: str, address: str) -> int:
    """A thing does not exist (404) for who may not see it; a door is closed (302), with Wagtail's words."""
    where, _, role = person.partition(" ")
    if person == "anonymous" or person == "nobody":
        return 302  # to the login page: neither is let into the admin
    if address in ("casework:list", "casework:list_results", "casework:filling"):
        # a file that was brought for `filling` is its owner's alone: test_filling.py
        roles = {Role.APPROVER} if address == "casework:filling" else READERS
        return 200 if role and Role(role) in roles else 302
    if address.startswith("exports:records"):
        return 200 if role == Role.AUDITOR else 302
    if address.startswith("exports:new"):
        if not role or Role(role) not in EXPORTERS:
            return 302
        return 200 if where == "own" else 404
    return _of_case(role, where, address)


def _of_case(role: str, where: str, address: str) -> int:
    if not (role and Role(role) in READERS and where == "own"):
        return 404
    if address in SENSITIVE:
        return 404 if Role(role) == Role.AUDITOR else 200
    return 200 if Role(role) in ACTS.get(address, READERS) else 302


def test_every_address_is_in_the_matrix() -> None:
    patterns = [*casework_urls.urlpatterns, *exports_urls.urlpatterns]
    assert all(isinstance(pattern, URLPattern) and pattern.name for pattern in patterns)
    assert {"casework:case", "casework:file", "casework:list", "exports:new", "exports:records"} <= set(ADDRESSES)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_sees_what_the_role_allows_and_no_more(desk: Desk, client: Client, person: str) -> None:
    user = desk.person(person)
    if user is not None:
        client.force_login(user)
    found = {address: desk.ask(client, address) for address in ADDRESSES}
    assert found == {address: expected(person, address) for address in ADDRESSES}
    rows = client.get(reverse("casework:list"), follow=True).content.decode()
    assert (str(desk.application.reference) in rows) is (expected(person, "casework:case") == 200)


def test_an_anonymous_visitor_is_sent_to_the_login_page(desk: Desk, client: Client) -> None:
    address = reverse("casework:case", args=(desk.application.public_id,))
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"{reverse('wagtailadmin_login')}?next={address}"


def test_somebody_who_has_left_sees_nothing(desk: Desk, client: Client) -> None:
    officer = desk.cast.officer
    client.force_login(officer)
    officer.is_active = False
    officer.save()
    assert client.get(reverse("casework:case", args=(desk.application.public_id,))).status_code == 302


def test_the_menu_offers_applications_only_to_who_may_read_them(desk: Desk, client: Client) -> None:
    for user, shown in ((desk.cast.officer, True), (desk.cast.editor, False), (desk.cast.admin, False)):
        client.force_login(user)
        html = client.get(reverse("wagtailadmin_home")).content.decode()
        assert (reverse("casework:list") in html) is shown
