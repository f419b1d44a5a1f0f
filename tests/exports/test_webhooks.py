"""Webhooks: who is told what, signed how, again and again when nobody answers, and stopped in the end."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from applications.lifecycle import move
from applications.models import Delivery, Event
from applications.outbox import deliver_due
from applications.status import Action
from exports.outgoing import Answer
from exports.webhooks import sending, services
from exports.webhooks.models import Attempt, Endpoint, Message, MessageState
from exports.webhooks.sending import BACKOFF, send_due
from exports.webhooks.signing import signature
from tests.support.cast import Cast, make_cast, submit
from tests.support.webhook import Webhook, webhook


@pytest.fixture(autouse=True)
def closed_network(settings: Settings) -> None:
    settings.OUTGOING_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def other_side() -> Iterator[Webhook]:
    with webhook() as there:
        yield there


def listen(cast: Cast, url: str, *kinds: str, **more: Any) -> tuple[Endpoint, str]:
    given = {"name": "基幹", "department": cast.children, "url": url, "kinds": list(kinds or ("arrived",)), **more}
    return services.make(cast.officer, **given)


def tell() -> int:
    while deliver_due():
        pass
    return send_due()


def in_time() -> None:
    """The wait is over."""
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.update(due_at=past)
    Endpoint.objects.update(next_at=past)


def test_an_event_is_told_signed_and_without_personal_data(cast: Cast, other_side: Webhook) -> None:
    endpoint, secret = listen(cast, other_side.url)
    application = submit(cast.form)
    assert tell() == 1
    (body,), (headers,) = other_side.brought, other_side.headers
    data = json.loads(body)
    event = Event.objects.get(kind="arrived")
    assert data["type"] == "application.arrived"
    assert data["data"] == {
        "event": event.pk,
        "kind": "arrived",
        "reference": application.reference,
        "form": cast.form.code,
        "before": "pending",
        "after": "submitted",
        "link": data["data"]["link"],
    }
    assert data["data"]["link"].endswith(f"/api/v1/applications/{application.reference}")
    assert application.applicant not in body.decode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.problem, attempt.message.state) == (200, "", MessageState.DELIVERED)
    assert secret not in json.dumps(endpoint.secret)
    assert tell() == 0


def test_only_what_was_chosen_of_the_own_department_is_told(cast: Cast, other_side: Webhook) -> None:
    listen(cast, other_side.url, "approved")
    listen(cast, other_side.url, forms=[cast.other_form.pk])
    submit(cast.other_form)
    submit(cast.form)
    assert tell() == 0 and other_side.brought == []


def test_an_event_that_is_delivered_twice_is_one_message(cast: Cast, other_side: Webhook) -> None:
    listen(cast, other_side.url)
    submit(cast.form)
    tell()
    Delivery.objects.filter(subscriber="webhooks").update(state="waiting")
    assert tell() == 0 and len(other_side.brought) == 1


def test_two_secrets_sign_for_a_day(cast: Cast, other_side: Webhook) -> None:
    endpoint, old = listen(cast, other_side.url, "arrived", "review_started")
    new = services.rotate(endpoint)
    application = submit(cast.form)
    tell()
    headers, body = other_side.headers[0], other_side.brought[0]

    def signed(secret: str) -> str:
        return signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)

    assert headers["webhook-signature"] == f"{signed(new)} {signed(old)}"
    Endpoint.objects.update(old_until=timezone.now())
    move(application.pk, Action.REVIEW, actor=cast.officer)
    tell()
    assert " " not in other_side.headers[1]["webhook-signature"]


def test_what_was_refused_comes_again_with_the_same_id_and_another_signature(cast: Cast) -> None:
    with webhook(500, 302) as there:
        listen(cast, there.url)
        submit(cast.form)
        assert tell() == 1 and send_due() == 0  # not before its time
        waits = (Message.objects.get().due_at - timezone.now()) / BACKOFF[0]
        assert 0.7 < waits < 1.3
        in_time()
        send_due()  # a redirect is not followed, and is no yes
        in_time()
        assert send_due() == 1
    assert len({headers["webhook-id"] for headers in there.headers}) == 1 and len(there.headers) == 3
    assert list(Attempt.objects.values_list("status", flat=True)) == [500, 302, 200]
    assert Endpoint.objects.get().failures == 0


def test_one_that_never_answers_is_stopped_and_its_maker_is_told(cast: Cast) -> None:
    with webhook(then=503) as there:
        endpoint, _ = listen(cast, there.url)
        submit(cast.form)
        tell()
        for _ in BACKOFF:
            in_time()
            send_due()
        message = Message.objects.get()
        endpoint.refresh_from_db()
        assert (message.state, message.attempts) == (MessageState.FAILED, len(BACKOFF) + 1)
        assert endpoint.stopped_at is not None
        (sent,) = mail.outbox
        assert sent.to == [cast.officer.email] and endpoint.public_id in sent.body
        submit(cast.form)
        assert tell() == 0


def test_a_message_that_is_always_refused_does_not_stop_what_arrives(cast: Cast) -> None:
    with webhook(503, 200, then=503) as there:
        endpoint, _ = listen(cast, there.url)
        submit(cast.form)
        tell()
        refused = Message.objects.get()
        submit(cast.form)
        Endpoint.objects.update(next_at=None)
        assert tell() == 1
        for _ in BACKOFF:
            in_time()
            send_due()
        refused.refresh_from_db()
        endpoint.refresh_from_db()
        assert (refused.state, refused.attempts) == (MessageState.FAILED, len(BACKOFF) + 1)
        assert endpoint.stopped_at is None and mail.outbox == []


def test_what_arrived_before_the_first_attempt_excuses_nobody(cast: Cast) -> None:
    with webhook(200, then=503) as there:
        endpoint, _ = listen(cast, there.url)
        submit(cast.form)
        tell()
        submit(cast.form)
        tell()
        for _ in BACKOFF:
            in_time()
            send_due()
        endpoint.refresh_from_db()
        assert endpoint.stopped_because == sending.UNREACHABLE


def test_what_is_changed_during_a_turn_holds_from_the_next_message_on(
    cast: Cast, other_side: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, _ = listen(cast, "http://127.0.0.1:9/")
    for _ in range(3):
        submit(cast.form)
    asked: list[str] = []

    def meanwhile(url: str, *_: Any) -> Answer:
        asked.append(url)
        if len(asked) == 1:
            services.change(endpoint, url=other_side.url)
        else:
            services.stop(endpoint, "職員が停止しました。")
        return Answer(200, 1)

    monkeypatch.setattr(sending, "post", meanwhile)
    assert tell() == 2 and asked == ["http://127.0.0.1:9/", other_side.url]
    left = Message.objects.get(state=MessageState.WAITING)
    assert left.attempts == 0


def test_a_role_that_is_lost_during_a_turn_ends_it(
    cast: Cast, other_side: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(cast, other_side.url)
    for _ in range(2):
        submit(cast.form)

    def meanwhile(*_: Any) -> Answer:
        cast.officer.groups.clear()
        return Answer(200, 1)

    monkeypatch.setattr(sending, "post", meanwhile)
    assert tell() == 1 and Endpoint.objects.get().stopped_because == sending.NO_ROLE


def test_410_stops_at_once(cast: Cast) -> None:
    with webhook(410) as there:
        listen(cast, there.url)
        submit(cast.form)
        tell()
    assert Endpoint.objects.get().stopped_because == sending.GONE


def test_an_endpoint_that_fails_does_not_hold_up_another(cast: Cast, other_side: Webhook) -> None:
    with webhook(then=500) as broken:
        listen(cast, broken.url)
        listen(cast, other_side.url)
        for _ in range(3):
            submit(cast.form)
        tell()
        assert (len(broken.brought), len(other_side.brought)) == (1, 3)


def test_who_made_it_must_have_the_role_when_it_is_sent(cast: Cast, other_side: Webhook) -> None:
    listen(cast, other_side.url)
    submit(cast.form)
    cast.officer.groups.clear()
    assert tell() == 0 and other_side.brought == []
    assert Endpoint.objects.get().stopped_because == sending.NO_ROLE


def test_replay_sends_what_was_delivered_and_what_never_was(cast: Cast, other_side: Webhook) -> None:
    endpoint, _ = listen(cast, other_side.url)
    first = submit(cast.form)
    tell()
    services.stop(endpoint, "試験")
    missed = submit(cast.form)
    tell()
    services.start(endpoint, cast.officer)
    assert services.replay(endpoint, timezone.now() - timedelta(hours=1)) == 2
    assert send_due() == 2
    told = [json.loads(body)["data"]["reference"] for body in other_side.brought]
    assert told == [first.reference, first.reference, missed.reference]
    assert other_side.headers[0]["webhook-id"] == other_side.headers[1]["webhook-id"]
    assert services.again(Message.objects.first()) and send_due() == 1  # type: ignore[arg-type]  # there is one


def test_what_was_sent_long_ago_is_forgotten_with_its_log(cast: Cast, other_side: Webhook) -> None:
    listen(cast, other_side.url)
    submit(cast.form)
    tell()
    assert sending.forget_old() == 0
    Message.objects.update(created_at=timezone.now() - sending.KEPT - timedelta(seconds=1))
    Message.objects.update(state=MessageState.WAITING)
    assert sending.forget_old() == 0
    Message.objects.update(state=MessageState.DELIVERED)
    assert sending.forget_old() == 1 and not Attempt.objects.exists()


def test_two_workers_never_send_the_same_message_at_once(cast: Cast, other_side: Webhook) -> None:
    endpoint, _ = listen(cast, other_side.url)
    submit(cast.form)
    while deliver_due():
        pass
    mine = next(sending._claimed(endpoint))
    assert mine.attempts == 1 and next(sending._claimed(endpoint), None) is None
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))  # the first one died
    assert send_due() == 1
    sending._failed(endpoint, mine, is_gone=False)  # and comes back too late
    assert Message.objects.get().state == MessageState.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_four_workers_bring_each_message_once() -> None:
    cast = make_cast()
    with webhook() as there:
        listen(cast, there.url)
        for _ in range(6):
            submit(cast.form)
        while deliver_due():
            pass

        def work(_: int) -> int:
            try:
                return send_due()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == 6
        assert len({headers["webhook-id"] for headers in there.headers}) == len(there.brought) == 6
