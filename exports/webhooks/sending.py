"""Sends messages to their endpoints: at least once each, after a failure again and again, and never for ever.

An endpoint that fails is left alone for a while as a whole, so that a dead one costs the others nothing.
"""

import json
import logging
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from applications.failures import where_it_failed
from applications.vault import VaultError
from cms.access import MAY_EXPORT_CASES, has_role
from exports.outgoing import Answer, NoAnswer, NotAllowed, post
from exports.webhooks.models import Attempt, Endpoint, Message, MessageState
from exports.webhooks.notice import tell_stopped
from exports.webhooks.services import stop
from exports.webhooks.signing import secrets_of, signature

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than one attempt can take
BACKOFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
JITTER = 0.2  # of the wait, more or less: endpoints that failed together do not come back together
TURN, TURN_SECONDS = 20, 20.0  # what one endpoint may use up before the next has its turn
KEPT, FORGOTTEN_AT_ONCE = timedelta(days=90), 500
UNREACHABLE = "続けて届かなかったため、自動で停止しました。"
GONE = "送り先が「もう受け取らない」（410）と答えたため、自動で停止しました。"
NO_ROLE = "作った職員に、この所管課の申請を出力する権限がなくなったため、自動で停止しました。"


def send_due() -> int:
    """One turn for each endpoint that has something to be sent; how many messages were tried."""
    now = timezone.now()
    ready = Endpoint.objects.filter(
        Q(next_at__isnull=True) | Q(next_at__lte=now),
        stopped_at__isnull=True,
        pk__in=Message.objects.filter(state=MessageState.WAITING, due_at__lte=now).values("endpoint"),
    )
    return sum(map(_turn, ready))


def _turn(endpoint: Endpoint) -> int:
    tried, until, claimed = 0, time.monotonic() + TURN_SECONDS, _claimed(endpoint)
    while (now := _as_it_is(endpoint)) and (message := next(claimed, None)):
        tried += 1
        if not _send(now, message) or tried >= TURN or time.monotonic() > until:
            break
    return tried


def _as_it_is(endpoint: Endpoint) -> Endpoint | None:
    """Read anew before each message: a turn is long enough for staff to change or stop it. None: it has stopped."""
    running = Endpoint.objects.filter(pk=endpoint.pk, stopped_at__isnull=True)
    now = running.select_related("department", "user").first()
    if now is not None and not has_role(now.user, MAY_EXPORT_CASES, now.department):
        _stop(now, NO_ROLE)
        return None
    return now


def _claimed(endpoint: Endpoint) -> Iterator[Message]:
    """Each message in turn, ours for the length of a lease."""
    skip = connection.features.has_select_for_update_skip_locked
    while True:
        with transaction.atomic():
            now = timezone.now()
            waiting = endpoint.messages.filter(state=MessageState.WAITING, due_at__lte=now).order_by("due_at", "pk")
            message = waiting.select_for_update(skip_locked=skip).first()
            if message is None:
                return
            message.attempts += 1
            Message.objects.filter(pk=message.pk).update(attempts=message.attempts, due_at=now + LEASE)
        yield message


def _send(endpoint: Endpoint, message: Message) -> bool:
    """Whether it has arrived."""
    answer, problem = None, ""
    try:
        answer = _post(endpoint, message)
    except (NoAnswer, NotAllowed, VaultError) as refused:
        problem = _word(refused)
    except Exception as failure:  # noqa: BLE001 - one message must not stop the others
        log.error("webhook message %s: %s", message.pk, where_it_failed(failure))  # noqa: TRY400 - nothing of the payload
        problem = "送信できません"
    Attempt.objects.create(
        message=message,
        at=timezone.now(),
        status=answer.status if answer else None,
        milliseconds=answer.milliseconds if answer else 0,
        problem=problem,
    )
    if answer is not None and 200 <= answer.status < 300:
        _arrived(endpoint, message)
        return True
    _failed(endpoint, message, is_gone=answer is not None and answer.status == 410)
    return False


def _word(refused: Exception) -> str:
    if isinstance(refused, NoAnswer):
        return refused.kind
    return "許可されていないアドレス" if isinstance(refused, NotAllowed) else "署名の鍵を開けません"


def _post(endpoint: Endpoint, message: Message) -> Answer:
    body = json.dumps(payload(message), ensure_ascii=False, separators=(",", ":")).encode()
    moment, id_ = int(time.time()), f"msg_{message.public_id}"
    signed = " ".join(signature(secret, id_, moment, body) for secret in secrets_of(endpoint))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Madoguchi-Webhooks/1",
        "webhook-id": id_,
        "webhook-timestamp": str(moment),
        "webhook-signature": signed,
    }
    return post(endpoint.url, body, headers)


def payload(message: Message) -> dict[str, Any]:
    """No personal data: who may read those has a token, and fetches them where it is asked for."""
    event = message.event
    application = event.application
    return {
        "type": f"application.{event.kind}",
        "timestamp": timezone.localtime(event.at).isoformat(timespec="seconds"),
        "data": {
            "event": event.pk,
            "kind": event.kind,
            "reference": application.reference,
            "form": application.form.code,
            "before": event.before,
            "after": event.after,
            "link": f"{settings.BASE_URL}/api/v1/applications/{application.reference}",
        },
    }


def _arrived(endpoint: Endpoint, message: Message) -> None:
    _note(message, state=MessageState.DELIVERED)
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, next_at=None)


def _failed(endpoint: Endpoint, message: Message, *, is_gone: bool) -> None:
    is_last = message.attempts > len(BACKOFF)
    if is_last:
        _note(message, state=MessageState.FAILED)
    else:
        _note(message, due_at=timezone.now() + _wait(message.attempts))
    rest = timezone.now() + _wait(min(endpoint.failures + 1, 4))
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=F("failures") + 1, next_at=rest)
    if is_gone:
        _stop(endpoint, GONE)
    elif is_last and not _takes_others(endpoint, message):
        _stop(endpoint, UNREACHABLE)


def _takes_others(endpoint: Endpoint, message: Message) -> bool:
    """Whether anything has arrived since the first of the attempts to send this one: then the message is at fault."""
    since = message.log.order_by("-pk").values_list("at", flat=True)[: message.attempts]
    arrived = Attempt.objects.filter(message__endpoint=endpoint, status__gte=200, status__lt=300)
    return arrived.exclude(message=message).filter(at__gte=min(since, default=timezone.now())).exists()


def _wait(attempts: int) -> timedelta:
    return BACKOFF[attempts - 1] * (1 + random.uniform(-JITTER, JITTER))  # noqa: S311 - spreads load, guards nothing


def _note(message: Message, **result: Any) -> None:
    """Unless it was asked for anew meanwhile."""
    Message.objects.filter(pk=message.pk, attempts=message.attempts, state=MessageState.WAITING).update(**result)


def _stop(endpoint: Endpoint, because: str) -> None:
    if stop(endpoint, because):
        tell_stopped(endpoint, because)


def forget_old() -> int:
    """What has been sent, or given up, is kept for a while, with its log; how many went."""
    over = Message.objects.exclude(state=MessageState.WAITING).filter(created_at__lt=timezone.now() - KEPT)
    numbers = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    Message.objects.filter(pk__in=numbers).delete()
    return len(numbers)
