"""The API: what a department's system reads, and what it does not get."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError
from django.utils import timezone

from applications.api import Scope
from applications.models import Application, Attachment, Event, ExportRecord
from cms.models import Role
from exports.api import auth
from exports.api.models import ApiTally, ApiToken
from exports.api.routes import SETTLED
from tests.exports.asking import ask, make_token
from tests.support.cast import SOMEBODY, Cast, item, key_of, make_form, make_staff, submit


@pytest.fixture
def secret(cast: Cast) -> str:
    return make_token(cast.children, cast.officer)


def age_events() -> None:
    Event.objects.update(at=timezone.now() - SETTLED - timedelta(seconds=1))


# --- who asks


def test_only_the_hash_of_a_token_is_kept(cast: Cast, secret: str) -> None:
    token = ApiToken.objects.get()
    assert secret not in str([getattr(token, field.attname) for field in ApiToken._meta.concrete_fields])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer \x00"])
def test_nobody_gets_in_without_a_token(cast: Cast, secret: str, header: str) -> None:
    response = ask(header.removeprefix("Bearer "), "/applications")
    assert response.status_code == 401
    assert response.json()["code"] == "token" and response["WWW-Authenticate"] == "Bearer"


def test_a_token_ends(cast: Cast, secret: str) -> None:
    assert ask(secret, "/forms").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now())
    assert ask(secret, "/forms").status_code == 401
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert ask(secret, "/forms").status_code == 401


def test_a_token_closes_when_who_made_it_has_lost_the_role(cast: Cast, secret: str) -> None:
    cast.officer.groups.clear()
    assert (ask(secret, "/forms").status_code, ask(secret, "/forms").json()["code"]) == (403, "owner")
    cast.officer.is_active = False
    cast.officer.save()
    assert ask(secret, "/forms").status_code == 403


@pytest.mark.parametrize(("networks", "status"), [([], 200), (["127.0.0.0/8"], 200), (["10.0.0.0/8", "::1/128"], 403)])
def test_a_token_works_from_its_networks(cast: Cast, networks: list[str], status: int) -> None:
    assert ask(make_token(cast.children, cast.officer, networks=networks), "/forms").status_code == status


PATHS = {
    Scope.FORMS: "/forms",
    Scope.APPLICATIONS: "/applications",
    Scope.FILES: "/applications/{reference}/files/aaaaaaaaaaaaaaaaaaaaaa",
    Scope.EVENTS: "/events",
    Scope.BOOKINGS: "/bookings",
}


@pytest.mark.parametrize("scope", PATHS)
def test_a_token_opens_what_its_scopes_name_and_nothing_else(cast: Cast, scope: Scope) -> None:
    application = submit(cast.form)
    only, others = (
        make_token(cast.children, cast.officer, scope),
        make_token(cast.children, cast.officer, *(set(Scope) - {scope})),
    )
    path = PATHS[scope].format(reference=application.reference)
    assert ask(only, path).status_code in (200, 404)
    assert (ask(others, path).status_code, ask(others, path).json()["code"]) == (403, "scope")


def test_too_many_requests_are_refused_and_so_are_too_many_guesses(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "PER_MINUTE", 2)
    monkeypatch.setattr(auth, "WRONG_PER_MINUTE", 2)
    assert [ask(secret, "/forms").status_code for _ in range(3)] == [200, 200, 429]
    assert [ask("wrong", "/forms").status_code for _ in range(3)] == [401, 401, 429]
    ApiTally.objects.update(until=timezone.now() - timedelta(hours=1))
    assert auth.forget_old() == 2


def test_where_it_cannot_be_counted_nobody_gets_in(cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(ApiTally.objects, "bulk_create", broken)
    response = ask(secret, "/applications")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


# --- what is read


def test_forms_have_their_items_and_the_schema_of_the_answers(cast: Cast, secret: str) -> None:
    assert cast.form and cast.other_form
    assert ask(secret, "/forms").json() == [{"code": "gift", "title": "出産応援ギフト", "version": 1}]
    fields = {field["name"]: field for field in ask(secret, "/forms/gift").json()["fields"]}
    assert fields["メールアドレス"]["schema"]["type"] == "string"
    assert fields["振込先"]["sensitive"] is True
    assert ask(secret, "/forms/sodai").status_code == 404


def test_the_list_is_walked_to_its_end_and_each_application_comes_once(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("applications.listing.PAGE", 2)
    mine = [submit(cast.form).reference for _ in range(5)]
    submit(cast.other_form)
    found, after = [], ""
    while True:
        page = ask(secret, "/applications", **({"after": after} if after else {})).json()
        found += [row["reference"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert found == mine
    assert "見本" not in str(page)  # no personal data in the list


@pytest.mark.parametrize("after", ["x", "old.aaaaaaaaaaaaaaaaaaaaaa", "new.x", "old.\x00"])
def test_an_unknown_cursor_is_refused_and_does_not_begin_anew(cast: Cast, secret: str, after: str) -> None:
    submit(cast.form)
    assert ask(secret, "/applications", after=after).status_code == 400


def test_the_list_is_filtered(cast: Cast, secret: str) -> None:
    application = submit(cast.form)
    today = str(timezone.localdate())
    for query, count in (
        ({"form": "gift"}, 1),
        ({"form": "x"}, 0),
        ({"status": "approved"}, 0),
        ({"received_to": today}, 1),
    ):
        assert len(ask(secret, "/applications", **query).json()["items"]) == count
    assert ask(secret, "/applications", status="draft").status_code == 400
    assert ask(secret, "/applications", status="none").status_code == 422
    assert ask(secret, "/applications", received_from="きのう").status_code == 422
    assert application.reference


def test_the_detail_has_who_and_what_and_is_recorded(cast: Cast, secret: str) -> None:
    application = submit(cast.form, {**SOMEBODY, "備考": "𠮷"})
    found = ask(secret, f"/applications/{application.reference}").json()
    assert found["document"]["A票"]["申請者"]["氏名"]["連結"] == "見本 花子"
    assert found["status"] == "submitted"
    record = ExportRecord.objects.get()
    assert (record.user, record.department, record.format, record.rows) == (cast.officer, cast.children, "api", 1)
    assert ["受付番号", application.reference] in record.filters


@pytest.mark.parametrize("reference", ["XXXX-XXXX-X", "a", "%00", "0000-0000-0", "𠮷"])
def test_an_unknown_number_is_not_found(cast: Cast, secret: str, reference: str) -> None:
    assert ask(secret, f"/applications/{reference}").status_code == 404


def test_another_departments_application_does_not_exist(cast: Cast, secret: str) -> None:
    other = submit(cast.other_form)
    assert ask(secret, f"/applications/{other.reference}").status_code == 404
    age_events()
    assert ask(secret, "/events").json()["items"] == []


def test_a_file_is_the_file_and_is_recorded(cast: Cast, secret: str) -> None:
    form = make_form(cast.children, code="files", steps={"添付": [item("file", "写し", required=False)]})
    application = submit(form, {})
    file = Attachment(
        application=application, field_key=key_of("写し"), name="通帳.pdf", content_type="application/pdf", size=5
    )
    file.file.save("x", ContentFile(b"%PDF-"))
    Application.objects.filter(pk=application.pk).update(answers={key_of("写し"): [file.public_id]})
    (listed,) = ask(secret, f"/applications/{application.reference}").json()["files"]
    response = ask(secret, f"/applications/{application.reference}/files/{listed['id']}")
    assert b"".join(response.streaming_content) == b"%PDF-"
    assert response["Content-Type"] == "application/octet-stream" and "attachment" in response["Content-Disposition"]
    assert ExportRecord.objects.count() == 2
    other = submit(form, {})
    assert ask(secret, f"/applications/{other.reference}/files/{listed['id']}").status_code == 404


def test_events_are_told_in_order_and_only_when_none_can_come_before_them(cast: Cast, secret: str) -> None:
    application = submit(cast.form)
    assert ask(secret, "/events").json() == {"items": [], "last": 0}
    age_events()
    page = ask(secret, "/events").json()
    assert [(event["kind"], event["reference"]) for event in page["items"]] == [
        ("declared", application.reference),
        ("arrived", application.reference),
    ]
    assert ask(secret, "/events", after=page["last"]).json() == {"items": [], "last": page["last"]}
    assert len(ask(secret, "/events", limit=1).json()["items"]) == 1
    for wrong in ({"after": -1}, {"after": 2**63}, {"limit": 0}, {"limit": 10_000}):
        assert ask(secret, "/events", **wrong).status_code == 400


def test_an_address_that_is_not_there_gets_no_page(secret: str) -> None:
    response = ask(secret, "/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/json; charset=utf-8")


def test_a_token_of_two_departments_staff_opens_one(cast: Cast) -> None:
    both = make_staff("both", (cast.children, Role.OFFICER), (cast.waste, Role.OFFICER))
    submit(cast.form)
    submit(cast.other_form)
    secret = make_token(cast.waste, both)
    assert [row["form"] for row in ask(secret, "/applications").json()["items"]] == ["sodai"]
