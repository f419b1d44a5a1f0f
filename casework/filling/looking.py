"""What a filled-in table would do, and what in it cannot be done: nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from applications.gates import Moment, first_closed
from applications.listing import as_reference, visible_to
from applications.models import Application
from applications.sheets.reading import Line
from applications.status import Action, Status
from casework.access import MAY_DECIDE
from casework.actions.forms import LONGEST
from casework.filling.sheet import MARK, REASON, REFERENCE, RESULT, mark_of
from staff.models import User

CHUNK = 500
WORDS = {str(status.label): status for status in (Status.IN_REVIEW, Status.APPROVED, Status.REJECTED, Status.COMPLETED)}
# What is done, one after the other, with a case in the first state so that it is in the second
STEPS: Mapping[tuple[Status, Status], tuple[Action, ...]] = {
    (Status.SUBMITTED, Status.IN_REVIEW): (Action.REVIEW,),
    (Status.SUBMITTED, Status.APPROVED): (Action.REVIEW, Action.APPROVE),
    (Status.SUBMITTED, Status.REJECTED): (Action.REVIEW, Action.REJECT),
    (Status.IN_REVIEW, Status.APPROVED): (Action.APPROVE,),
    (Status.IN_REVIEW, Status.REJECTED): (Action.REJECT,),
    (Status.APPROVED, Status.COMPLETED): (Action.COMPLETE,),
}
UNKNOWN = "この受付番号の申請は見つかりません。番号を確かめるか、この行を消してください。"
CHANGED = "取り出したあとに、この申請の状態か内容が変わりました。新しく取り出したファイルに書いてください。"
NOT_PAID = "申請者の手続（手数料の支払いなど）が終わっていません。この行の「結果」を空にしてください。"


@dataclass(frozen=True, slots=True)
class Change:
    """One case. line: of the file."""

    line: int
    case: Application
    after: Status
    reason: str

    @property
    def steps(self) -> tuple[Action, ...]:
        return STEPS[Status(self.case.status), self.after]


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell, and what to do about it."""

    line: int
    column: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """same: how many cases are already what the file says."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    same: int

    @property
    def rejects(self) -> bool:
        return any(change.after == Status.REJECTED for change in self.changes)


class _Wrong(Exception):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column, self.text = column, text


def look(user: User, lines: Sequence[Line]) -> Look:
    """Only cases that the user may decide exist here; lines without a result are left as they are."""
    filled = [line for line in lines if line.cells[RESULT] or line.cells[REASON]]
    cases = _cases(user, filled)
    changes: list[Change] = []
    problems: list[Problem] = []
    seen, same = set[str](), 0
    for line in filled:
        try:
            change = _change(line, cases, seen)
        except _Wrong as wrong:
            value = line.cells[wrong.column][:100]
            problems.append(Problem(line.number, wrong.column, value, wrong.text))
            continue
        if change is None:
            same += 1
        else:
            changes.append(change)
    return Look(tuple(changes), tuple(problems), same)


def _cases(user: User, lines: Sequence[Line]) -> dict[str, Application]:
    references = list({reference for line in lines if (reference := as_reference(line.cells[REFERENCE]))})
    mine = visible_to(user, MAY_DECIDE).select_related("form", "version")
    mine = mine.defer("version__document", "answers", "search_text")
    found: dict[str, Application] = {}
    for at in range(0, len(references), CHUNK):
        found |= {str(case.reference): case for case in mine.filter(reference__in=references[at : at + CHUNK])}
    return found


def _change(line: Line, cases: Mapping[str, Application], seen: set[str]) -> Change | None:
    """None when there is nothing to do. Raises _Wrong."""
    cells = line.cells
    for column in (REFERENCE, MARK, RESULT, REASON):
        if column in line.formulas:
            raise _Wrong(column, "数式は読み取れません。値だけを入力してください。")
    reference = as_reference(cells[REFERENCE])
    case = cases.get(reference) if reference else None
    if case is None or reference is None:
        raise _Wrong(REFERENCE, UNKNOWN)
    if reference in seen:
        raise _Wrong(REFERENCE, "同じ受付番号の行が2つあります。1つにしてください。")
    seen.add(reference)
    after = WORDS.get(cells[RESULT])
    if after is None:
        words = "」「".join(WORDS)
        raise _Wrong(RESULT, f"「{words}」のどれかを書くか、「{RESULT}」と「{REASON}」を空にしてください。")
    if case.status == after:
        return None
    if cells[MARK] != mark_of(case):
        raise _Wrong(MARK, CHANGED)
    _check(case, after, cells[REASON])
    return Change(line.number, case, after, cells[REASON])


def _check(case: Application, after: Status, reason: str) -> None:
    if (Status(case.status), after) not in STEPS:
        raise _Wrong(RESULT, f"「{case.get_status_display()}」の申請を「{after.label}」にはできません。")
    if len(reason) > LONGEST:
        raise _Wrong(REASON, f"{LONGEST:,}文字以内で書いてください（今は{len(reason):,}文字です）。")
    if after == Status.REJECTED and not reason:
        raise _Wrong(REASON, "不承認の理由を書いてください。申請者に表示します。")
    if after in (Status.IN_REVIEW, Status.COMPLETED) and reason:
        raise _Wrong(REASON, f"「{after.label}」のときは申請者に表示しません。空にしてください。")
    if after == Status.COMPLETED and first_closed(case, Moment.COMPLETION):
        raise _Wrong(RESULT, NOT_PAID)
