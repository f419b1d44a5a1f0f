"""Changes that another system makes: each once, however often it is sent."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Path, Router, Status

from applications.api import Caller, Denied, Problem, Scope, answers, caller
from applications.lifecycle import NotAllowed, lock, move
from applications.status import Action
from cms.access import has_role
from cms.models import Role
from exports.api.models import ApiReply, ApiToken
from exports.api.routes import find
from exports.api.schemas import StatusChange, StatusOut
from exports.api.standing import standing

router = Router()

KEPT, FORGOTTEN_AT_ONCE = timedelta(days=30), 500  # of an answer to a key
# Who decides is the approver, for a program too: who made the token needs the role
ROLES: dict[Action, frozenset[Role]] = {
    Action.REVIEW: frozenset({Role.OFFICER, Role.APPROVER}),
    Action.COMPLETE: frozenset({Role.OFFICER, Role.APPROVER}),
    Action.APPROVE: frozenset({Role.APPROVER}),
    Action.REJECT: frozenset({Role.APPROVER}),
    Action.REOPEN: frozenset({Role.APPROVER}),
}
CONFLICT = {409: Problem, 412: Problem}
Seen = Annotated[str, Header(alias="If-Match", max_length=40, pattern='^"[0-9]{1,10}-[0-9]{1,19}"$')]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern="^[A-Za-z0-9._:-]+$")]


@router.post(
    "/applications/{reference}/status", response=answers(StatusOut, more=CONFLICT), summary="申請の状態を変える"
)
def change_status(
    request: HttpRequest,
    reference: Annotated[str, Path(max_length=100)],
    change: StatusChange,
    idempotency_key: Key,
    if_match: Seen,
) -> Any:
    """`If-Match`には、読み取ったときの`etag`を渡します。その後に変わった申請は変えません。"""
    who = caller(request, Scope.STATUS)
    asked = f"{reference}|{change.model_dump_json()}"
    return once(who, idempotency_key, asked, lambda: _change(who, reference, change, if_match))


def _change(who: Caller, reference: str, change: StatusChange, seen: str) -> dict[str, Any]:
    action = Action(change.action)
    if not has_role(who.user, ROLES[action], who.department):
        raise Denied(403, "role", "トークンを作った職員に、この操作をする役割がありません。")
    found = find(who, reference)
    if standing(lock(found.pk)) != seen:
        raise Denied(412, "changed", "この申請は、読み取った後に変わりました。読み直して、確かめてから送ってください。")
    data = {"by": f"API：{who.name}", **({"reason": change.reason} if change.reason else {})}
    try:
        moved = move(found.pk, action, actor=who.user, data=data)
    except NotAllowed:
        detail = f"「{found.get_status_display()}」の申請には、この操作はできません。"
        raise Denied(409, "not_allowed", detail) from None
    return {"reference": found.reference, "status": moved.status, "etag": standing(moved)}


def once(who: Caller, key: str, asked: str, act: Callable[[], dict[str, Any]]) -> Any:
    """What `act` answers, kept with the change itself; the same key again gets the same answer.

    A no is not kept: the next attempt may succeed. Raises Denied.
    """
    digest = hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()
    token = ApiToken(pk=who.pk)
    if (known := ApiReply.objects.filter(token=token, key=key).first()) is not None:
        return _again(known, digest)
    try:
        with transaction.atomic():
            reply = ApiReply.objects.create(token=token, key=key, request=digest)  # a second one waits here
            reply.status, reply.body = 200, act()
            reply.save(update_fields=["status", "body"])
    except IntegrityError:
        known = ApiReply.objects.filter(token=token, key=key).first()
        if known is None:
            raise
        return _again(known, digest)
    return Status(reply.status, reply.body)


def _again(known: ApiReply, digest: str) -> Any:
    if known.request != digest:
        raise Denied(422, "key_reused", "このIdempotency-Keyは、別の要求で使われています。新しい値にしてください。")
    return Status(known.status, known.body)


def forget_old() -> int:
    """Nobody sends a request again after weeks; how many answers went."""
    old = ApiReply.objects.filter(created_at__lt=timezone.now() - KEPT)
    numbers = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    ApiReply.objects.filter(pk__in=numbers).delete()
    return len(numbers)
