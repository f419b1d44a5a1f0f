"""Events in words."""

from dataclasses import dataclass
from datetime import datetime

from applications.models import Application, Event
from applications.status import Action
from dialogue.documents import OPENED, SEEN
from dialogue.messages import RECEIVED

RESIDENT, PROGRAM = "申請者", "システム"

SENTENCES: dict[str, str] = {
    Action.DECLARE: "申請内容を確定しました",
    Action.ARRIVE: "申請を受け付けました",
    Action.REVIEW: "審査を始めました",
    Action.RETURN: "申請を差し戻しました",
    Action.RESUBMIT: "申請を再提出しました",
    Action.APPROVE: "決定しました",
    Action.REJECT: "不承認としました",
    Action.REOPEN: "決定を取り消し、再び審査を始めました",
    Action.COMPLETE: "手続を完了しました",
    Action.WITHDRAW: "申請を取り下げました",
    Action.EXPIRE: "期限が切れました",
}

# What a resident does without a member of staff; everything else without one is the program's
BY_RESIDENT = frozenset({Action.DECLARE, Action.RESUBMIT, Action.WITHDRAW, SEEN, OPENED, RECEIVED})


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    actor: str
    sentence: str
    reason: str


def history_of(application: Application) -> list[Entry]:
    """Oldest first: one query."""
    return [_entry(event) for event in application.events.select_related("actor")]


def _entry(event: Event) -> Entry:
    reason = event.data.get("reason", "")
    # an app above tells in its own words what it did
    told = event.data.get("sentence") or event.kind
    return Entry(
        at=event.at,
        actor=_actor(event),
        sentence=SENTENCES.get(event.kind) or str(told),
        reason=reason if isinstance(reason, str) else "",
    )


def _actor(event: Event) -> str:
    if event.actor is not None:
        name, by = event.actor.get_full_name() or event.actor.get_username(), event.data.get("by")
        return f"{name}（{by}）" if isinstance(by, str) and by else name
    return RESIDENT if event.kind in BY_RESIDENT else PROGRAM
