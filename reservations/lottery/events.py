"""What happens to an entry, told in the history of its application, and from there to its subscribers."""

from typing import Any

from applications.lifecycle import record
from reservations.models import LotteryEntry, Result, Slot

ENTERED = "lottery_entered"
WON = "lottery_won"
RESERVE = "lottery_reserve"
LOST = "lottery_lost"
VOID = "lottery_void"
WITHDRAWN = "lottery_withdrawn"
SETTLED = "lottery_settled"
SENTENCES = {
    ENTERED: "抽選に申し込みました（{lottery}、抽選番号{number}）",
    WON: "抽選で当選しました（{slot}）",
    RESERVE: "抽選で補欠{reserve}番になりました。空きが出たら、順に案内します",
    LOST: "抽選に外れました。この申請で予約される日時はありません",
    VOID: "締切の時点で申請が有効でなかったので、抽選の申込みは無効になりました",
    WITHDRAWN: "抽選の申込みを取りやめました（{lottery}）",
    SETTLED: "ほかの日時の予約があるので、抽選には加わりませんでした（{lottery}）",
}
OF_RESULT = {
    Result.WON: WON,
    Result.RESERVE: RESERVE,
    Result.LOST: LOST,
    Result.VOID: VOID,
    Result.WITHDRAWN: SETTLED,
}


def tell_entry(entry: LotteryEntry, kind: str, *, slot: Slot | None = None) -> None:
    """Write the event; inside the transaction that it tells of. slot: what was won."""
    sentence = SENTENCES[kind].format(
        lottery=entry.lottery.name,
        number=entry.number,
        reserve=entry.reserve,
        slot=f"{slot.when} {slot.venue}" if slot else "",
    )
    data: dict[str, Any] = {"lottery_entry": entry.pk, "sentence": sentence}
    record(entry.application, kind, data=data)
