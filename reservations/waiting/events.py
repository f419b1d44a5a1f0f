"""What happens to a wait, told in the history of its application, and from there to its subscribers."""

from typing import Any

from applications.lifecycle import record
from reservations.events import told_slot
from reservations.models import WaitingEntry
from reservations.refusals import clock
from staff.models import User

JOINED = "waiting_joined"
OFFERED = "waiting_offered"
LAPSED = "waiting_lapsed"
DECLINED = "waiting_declined"
LEFT = "waiting_left"
ENDED = "waiting_ended"
MOVED = "waiting_moved"
REACHED = "waiting_reached"
NOT_REACHED = "waiting_not_reached"
REMOVED = "waiting_removed"
SENTENCES = {
    JOINED: "キャンセル待ちに登録しました（{slot}）",
    OFFERED: "空きが出たので、席を確保して案内しました（{slot}、{until}まで）",
    LAPSED: "案内した空きが、期限までに予約されませんでした（{slot}）",
    DECLINED: "案内した空きが、予約されずに手放されました（{slot}）",
    LEFT: "キャンセル待ちを取りやめました（{slot}）",
    ENDED: "空きが出ないまま、キャンセル待ちが終わりました（{slot}）",
    REACHED: "空きを電話で伝えました（{slot}、{until}まで）",
    NOT_REACHED: "空きを伝える電話をしましたが、つながりませんでした（{slot}、{until}まで）",
    MOVED: "キャンセル待ちの順番を先頭に変えました（{slot}）",
    REMOVED: "キャンセル待ちから外しました（{slot}）",
}


def tell_wait(entry: WaitingEntry, kind: str, *, actor: User | None = None, reason: str = "") -> None:
    """Write the event; inside the transaction that it tells of."""
    until = clock(entry.offered_until) if entry.offered_until else ""
    sentence = SENTENCES[kind].format(slot=f"{entry.slot.when} {entry.slot.venue}", until=until)
    data: dict[str, Any] = {"waiting": entry.pk, "slot": told_slot(entry.slot), "sentence": sentence}
    if reason:
        data["reason"] = reason
    record(entry.application, kind, actor=actor, data=data)
