"""What the bank did, row by row: looked at first, then taken over whole or not at all."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from applications.listing import as_reference
from formbuilder.japanese.text import clean_line
from payouts.lifecycle import NotPossible, lock, note
from payouts.models import Batch, Row
from payouts.status import PAYABLE, BatchAction, BatchState, RowState
from staff.models import User

HEADINGS = ("受付番号", "結果", "理由")
WORDS = {"振込済": RowState.PAID, "組戻": RowState.BOUNCED}
MOST_BYTES = 5 * 1024 * 1024
LONGEST_REASON = 500
# what a result may follow: a bank may send money back days after it said that it was paid
BEFORE = {RowState.PAID: PAYABLE, RowState.BOUNCED: (*PAYABLE, RowState.PAID)}


@dataclass(frozen=True, slots=True)
class Change:
    row: Row
    after: RowState
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """line: of the file, from 1, the headings included."""

    line: int
    text: str


class Unreadable(Exception):
    """The file is no table with these headings; the message says what to do."""


def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line, heading -> cell) of a CSV file in UTF-8 or Shift_JIS (CP932). Raises Unreadable."""
    if len(content) > MOST_BYTES:
        raise Unreadable("ファイルが5MBを超えています。")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable("文字コードが分かりません。UTF-8か、シフトJISのCSVで保存してください。")
    try:
        lines = csv.DictReader(io.StringIO(text.replace("\x00", ""), newline=""), restkey="")
        headings = [clean_line(name) for name in lines.fieldnames or ()]
        if missing := [name for name in HEADINGS[:2] if name not in headings]:
            raise Unreadable(f"1行目に「{'」「'.join(missing)}」の見出しがありません。")
        lines.fieldnames = headings
        return [(lines.line_num, {name: clean_line(str(row.get(name) or "")) for name in HEADINGS}) for row in lines]
    except csv.Error as broken:
        raise Unreadable("CSVとして読めません。この画面から取り出したCSVに書き込んで、送ってください。") from broken


def look(batch: Batch, lines: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[Change], list[Problem]]:
    """What would change, and what cannot be understood. Lines without a result are left as they are."""
    rows = {row.application.reference: row for row in batch.rows.select_related("application")}
    changes: dict[int, Change] = {}
    problems = []
    for line, cells in lines:
        try:
            change = _read_line(rows, cells)
        except NotPossible as problem:
            problems.append(Problem(line, str(problem)))
            continue
        if change is not None and change.row.pk in changes:
            problems.append(Problem(line, f"受付番号 {cells['受付番号']} が、二度あります。"))
        elif change is not None:
            changes[change.row.pk] = change
    return list(changes.values()), problems


def _read_line(rows: Mapping[str | None, Row], cells: Mapping[str, str]) -> Change | None:
    if not cells["結果"]:
        return None
    row = rows.get(as_reference(cells["受付番号"]))
    if row is None:
        raise NotPossible(f"受付番号「{cells['受付番号']}」は、この支給にありません。")
    after = WORDS.get(cells["結果"])
    if after is None:
        raise NotPossible(f"結果「{cells['結果']}」が読めません。「振込済」か「組戻」と書いてください。")
    if row.state == after:
        return None
    if row.state not in BEFORE[after]:
        raise NotPossible(f"受付番号 {row.application.reference} は「{row.get_state_display()}」で、変えられません。")
    if after == RowState.BOUNCED and not cells["理由"]:
        raise NotPossible(f"受付番号 {row.application.reference} の組戻の理由がありません。例: 口座なし")
    return Change(row, after, cells["理由"][:LONGEST_REASON])


@transaction.atomic
def apply(pk: int, lines: Iterable[tuple[int, Mapping[str, str]]], *, actor: User) -> int:
    """All of it or nothing; how many rows changed. The worker then tells their applications (settling.py)."""
    batch = lock(pk)
    if batch.state != BatchState.SENT:
        raise NotPossible("結果は、銀行へ送ったことを記録してから入れてください。")
    if batch.pay_on > timezone.localdate():
        raise NotPossible("結果は、振込指定日から入れられます。")
    changes, problems = look(batch, lines)
    if problems:
        raise NotPossible(f"{problems[0].line}行目: {problems[0].text}")
    for change in changes:
        change.row.state, change.row.reason = change.after, change.reason
        change.row.told_by, change.row.to_settle = actor, True
    Row.objects.bulk_update([change.row for change in changes], ["state", "reason", "told_by", "to_settle"], 500)
    if changes:
        counts = {state.value: sum(change.after == state for change in changes) for state in WORDS.values()}
        note(batch, BatchAction.RESULTS, actor, **counts)
    return len(changes)
