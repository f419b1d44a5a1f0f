"""Every address of the API, for every role of who made the token, in the own department and in another one."""

import pytest

from applications.api import Scope
from cms.models import Role
from exports.api.main import api
from exports.handover.packing import SUMS
from exports.handover.parcels import parcel_of
from tests.exports.asking import ask, make_token, tell
from tests.exports.test_api_document import OPERATIONS
from tests.support.cast import Cast, make_staff, submit

FILE = "aaaaaaaaaaaaaaaaaaaaaa"
OPENS = {Role.OFFICER, Role.EXPORTER}
SCOPE_OF = {
    ("get", "/forms"): Scope.FORMS,
    ("get", "/forms/{code}"): Scope.FORMS,
    ("get", "/applications"): Scope.APPLICATIONS,
    ("get", "/applications/{reference}"): Scope.APPLICATIONS,
    ("get", "/applications/{reference}/files/{file_id}"): Scope.FILES,
    ("get", "/events"): Scope.EVENTS,
    ("post", "/applications/{reference}/status"): Scope.STATUS,
    ("get", "/bookings"): Scope.BOOKINGS,
    ("get", "/outbox"): Scope.OUTBOX,
    ("get", "/outbox/{reference}"): Scope.OUTBOX,
    ("get", "/outbox/{reference}/package"): Scope.OUTBOX,
    ("get", "/outbox/{reference}/file"): Scope.OUTBOX,
    ("post", "/outbox/{reference}/acknowledgement"): Scope.OUTBOX,
}


class Asked:
    """One application of こども家庭課, and each address that speaks of it."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.application = cast, submit(cast.form)

    def ask(self, secret: str, operation: tuple[str, str]) -> int:
        method, path = operation
        path = path.format(code=self.cast.form.code, reference=self.application.reference, file_id=FILE)
        if method == "get":
            answer = ask(secret, path, **({"name": SUMS} if path.endswith("/file") else {}))
            if answer.streaming:
                b"".join(answer.streaming_content)  # or the file stays open
            return int(answer.status_code)
        packed = parcel_of(self.application)
        change = {"action": "review_started"}
        body = change if path.endswith("/status") else {"revision": packed.revision, "sha256": packed.sha256}
        return int(tell(secret, path, body, f"key-of-{len(path)}-x").status_code)


@pytest.fixture
def asked(cast: Cast) -> Asked:
    return Asked(cast)


def test_every_operation_has_its_scope() -> None:
    assert set(SCOPE_OF) == set(OPERATIONS)
    assert len(list(api.get_openapi_schema()["paths"])) == len(OPERATIONS)


@pytest.mark.parametrize("role", Role)
def test_a_token_is_worth_what_its_maker_is(asked: Asked, role: Role) -> None:
    """Own department: what exists is found; without the role everything is closed, whatever the token says."""
    secret = make_token(asked.cast.children, make_staff("somebody", (asked.cast.children, role)))
    for operation in OPERATIONS:
        status = asked.ask(secret, operation)
        expected = 404 if operation[1].endswith("{file_id}") else 200
        changes = operation[1].endswith("/status") and role != Role.OFFICER  # who exports only reads
        assert status == (expected if role in OPENS and not changes else 403), operation


def test_another_departments_token_finds_nothing(asked: Asked) -> None:
    secret = make_token(asked.cast.waste, asked.cast.other_officer)
    for operation in OPERATIONS:
        assert asked.ask(secret, operation) == (404 if "{" in operation[1] else 200), operation
    for path in ("/applications", "/events", "/bookings", "/outbox"):
        assert ask(secret, path).json()["items"] == []
    assert ask(secret, "/forms").json() == []


def test_who_has_the_role_in_another_department_opens_nothing_of_this_one(asked: Asked) -> None:
    secret = make_token(asked.cast.children, asked.cast.other_officer)
    assert {asked.ask(secret, operation) for operation in OPERATIONS} == {403}


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_each_operation_wants_its_own_scope(asked: Asked, operation: tuple[str, str]) -> None:
    officer, own = asked.cast.officer, SCOPE_OF[operation]
    assert asked.ask(make_token(asked.cast.children, officer, *(set(Scope) - {own})), operation) == 403
    assert asked.ask(make_token(asked.cast.children, officer, own), operation) in (200, 404)
