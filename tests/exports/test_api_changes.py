"""Status changes by the API: by who may, from where it is possible, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action, Status
from cms.models import Role
from exports.api.changes import KEPT, forget_old
from exports.api.models import ApiReply
from tests.exports.asking import ask, make_token, tell
from tests.support.cast import Cast, make_cast, make_staff, submit


def decider(cast: Cast) -> str:
    return make_token(
        cast.children, make_staff("decider", (cast.children, Role.OFFICER), (cast.children, Role.APPROVER))
    )


def test_a_status_is_changed_and_the_history_says_by_what(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    address = f"/applications/{application.reference}/status"
    assert tell(secret, address, {"action": "review_started"}, "key-review").json()["status"] == "in_review"
    answer = tell(secret, address, {"action": "approved", "reason": "要件を満たす"}, "key-approve")
    assert answer.json() == {
        "reference": application.reference,
        "status": "approved",
        "etag": ask(secret, f"/applications/{application.reference}")["ETag"],
    }
    event = Event.objects.latest("pk")
    assert (event.kind, str(event.actor)) == ("approved", "decider")
    assert event.data == {"by": "API：基幹システム", "reason": "要件を満たす"}


def test_what_another_desk_has_changed_meanwhile_is_not_written_over(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    address = f"/applications/{application.reference}"
    tell(secret, f"{address}/status", {"action": "review_started"}, "key-review")
    seen = ask(secret, address).json()["etag"]
    move(application.pk, Action.APPROVE, actor=cast.approver)
    move(application.pk, Action.REOPEN, actor=cast.approver, data={"reason": "書類の取り違え"})
    late = tell(secret, f"{address}/status", {"action": "approved"}, "key-approve", seen)
    assert (late.status_code, late.json()["code"]) == (412, "changed")  # in review again, and yet not the same
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    again = ask(secret, address)
    assert again["ETag"] == again.json()["etag"] != seen
    assert tell(secret, f"{address}/status", {"action": "approved"}, "key-approve", again["ETag"]).status_code == 200


def test_answers_that_were_corrected_meanwhile_have_to_be_read_first(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    seen = ask(secret, f"/applications/{application.reference}").json()["etag"]
    Application.objects.filter(pk=application.pk).update(revision=application.revision + 1)
    address = f"/applications/{application.reference}/status"
    assert tell(secret, address, {"action": "review_started"}, seen=seen).status_code == 412


@pytest.mark.parametrize("seen", ["*", "1-1", 'W/"1-1"', '"1"'])
def test_without_a_word_on_what_was_read_nothing_is_changed(cast: Cast, seen: str) -> None:
    application, secret = submit(cast.form), decider(cast)
    address = f"/applications/{application.reference}/status"
    assert tell(secret, address, {"action": "review_started"}, seen=seen).status_code == 422


def test_the_same_key_changes_once_and_answers_the_same(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    address, body = f"/applications/{application.reference}/status", {"action": "review_started"}
    first, second = tell(secret, address, body), tell(secret, address, body)
    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (200, first.json())
    assert Event.objects.filter(kind="review_started").count() == 1
    other = tell(secret, address, {"action": "approved"})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_key_belongs_to_its_token(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    address = f"/applications/{application.reference}/status"
    tell(secret, address, {"action": "review_started"})
    assert tell(make_token(cast.children, cast.officer), address, {"action": "review_started"}).status_code == 409


def test_what_the_table_does_not_allow_is_refused_and_the_key_stays_free(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    address = f"/applications/{application.reference}/status"
    refused = tell(secret, address, {"action": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")
    assert "受付済" in refused.json()["detail"]
    assert not ApiReply.objects.exists()
    tell(secret, address, {"action": "review_started"}, "key-review")
    assert tell(secret, address, {"action": "approved"}).status_code == 200


@pytest.mark.parametrize("action", ["approved", "rejected", "reopened"])
def test_a_decision_needs_the_role_of_who_made_the_token(cast: Cast, action: str) -> None:
    application = submit(cast.form)
    answer = tell(
        make_token(cast.children, cast.officer), f"/applications/{application.reference}/status", {"action": action}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "role")


@pytest.mark.parametrize(
    ("body", "key", "status"),
    [
        ("{", "key-00000001", 400),
        ({"action": "declared"}, "key-00000001", 422),
        ({"action": "withdrawn"}, "key-00000001", 422),
        ({"action": "returned"}, "key-00000001", 422),
        ({}, "key-00000001", 422),
        ([], "key-00000001", 422),
        ({"action": "approved", "reason": "x" * 2001}, "key-00000001", 422),
        ({"action": "review_started"}, "short", 422),
        ({"action": "review_started"}, "a b c d e f g", 422),
    ],
)
def test_what_cannot_be_read_changes_nothing(cast: Cast, body: object, key: str, status: int) -> None:
    application, secret = submit(cast.form), decider(cast)
    answer = tell(secret, f"/applications/{application.reference}/status", body, key)
    assert answer.status_code == status and answer.json()["detail"]
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_without_a_key_nothing_is_changed(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    answer = tell(secret, f"/applications/{application.reference}/status", {"action": "review_started"}, "")
    assert answer.status_code == 422 and "Idempotency-Key" in answer.json()["detail"]


def test_answers_to_keys_are_forgotten_after_a_month(cast: Cast) -> None:
    application, secret = submit(cast.form), decider(cast)
    tell(secret, f"/applications/{application.reference}/status", {"action": "review_started"})
    assert forget_old() == 0 and ApiReply.objects.count() == 1
    ApiReply.objects.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert forget_old() == 1 and not ApiReply.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one() -> None:
    cast = make_cast()
    application, secret = submit(cast.form), decider(cast)

    def send(_: int) -> int:
        try:
            address = f"/applications/{application.reference}/status"
            return int(tell(secret, address, {"action": "review_started"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, range(4)))
    assert statuses == [200] * 4
    assert Event.objects.filter(kind="review_started").count() == 1
