"""An application in the words of who made it: no names of staff, nothing that is for the desk alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.gates import Moment, first_closed
from applications.listing import day_of, readable
from applications.models import Application, Attachment
from applications.status import TRANSITIONS, Action, Status
from dialogue.documents import ISSUED, TAKEN_BACK
from formbuilder.japanese.closed_days import after_working_days, working_days_between
from formbuilder.runtime import RuntimeField

STATES: dict[str, tuple[str, str]] = {
    Status.SUBMITTED: (gettext_noop("受け付けました"), gettext_noop("担当の課が審査を始めるまで、お待ちください。")),
    Status.IN_REVIEW: (
        gettext_noop("審査しています"),
        gettext_noop("担当の課が内容を確かめています。結果が出るまで、お待ちください。"),
    ),
    Status.RETURNED: (
        gettext_noop("確かめていただくことがあります"),
        gettext_noop("担当の課からの連絡にそって、内容を直してください。"),
    ),
    Status.APPROVED: (gettext_noop("決定しました"), gettext_noop("これからの手続は、担当の課からお知らせします。")),
    Status.REJECTED: (
        gettext_noop("認められませんでした"),
        gettext_noop("理由など、くわしくは担当の課からお知らせします。"),
    ),
    Status.COMPLETED: (gettext_noop("完了しました"), gettext_noop("この申請の手続は、すべて終わりました。")),
    Status.WITHDRAWN: (
        gettext_noop("取り下げられています"),
        gettext_noop("審査は行いません。もう一度申請するときは、はじめから入力してください。"),
    ),
    Status.EXPIRED: (
        gettext_noop("期限が過ぎました"),
        gettext_noop("直していただく期限が過ぎたため、この申請は終わりました。"),
    ),
}
HISTORY: dict[str, str] = {
    Action.ARRIVE: gettext_noop("申請を受け付けました"),
    Action.REVIEW: gettext_noop("審査を始めました"),
    Action.RETURN: gettext_noop("確かめていただくことがあり、お返ししました"),
    Action.RESUBMIT: gettext_noop("直した内容を受け付けました"),
    Action.APPROVE: gettext_noop("決定しました"),
    Action.REJECT: gettext_noop("認められませんでした"),
    Action.REOPEN: gettext_noop("もう一度、審査を始めました"),
    Action.COMPLETE: gettext_noop("手続が完了しました"),
    Action.WITHDRAW: gettext_noop("申請を取り下げました"),
    Action.EXPIRE: gettext_noop("期限が過ぎました"),
    ISSUED: gettext_noop("文書をお渡ししました"),
    TAKEN_BACK: gettext_noop("お渡しした文書を取り消しました"),
}
DECIDED = (Status.APPROVED, Status.REJECTED, Status.COMPLETED)
MENDING = (Action.RETURN, Action.RESUBMIT)
HIDDEN = gettext_noop("入力済み（安全のため、ここには表示しません）")
UNREADABLE = gettext_noop("いまは表示できません。くわしくは担当の課に問い合わせてください。")


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    text: str
    files: list[str]  # their names


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the department said when it decided, in paragraphs as they were typed."""

    message: str
    reason: str
    instruction: str


def decision_of(application: Application) -> Decision | None:
    """None while nothing is decided (any more), or nothing was said."""
    if application.status not in DECIDED:
        return None
    event = application.events.filter(kind__in=(Action.APPROVE, Action.REJECT)).last()
    told = event.data if event else {}
    # the reason of anything but a rejection is for the record alone
    names = ("message", "reason", "instruction") if event and event.kind == Action.REJECT else ("message", "", "")
    texts = [str(told.get(name, "")) for name in names]
    return Decision(*texts) if any(texts) else None


def may_withdraw(application: Application) -> bool:
    return (Status(application.status), Action.WITHDRAW) in TRANSITIONS


def history_of(application: Application) -> list[Entry]:
    """Oldest first; what other apps record is told by their own panels."""
    events = application.events.filter(kind__in=HISTORY).only("at", "kind", "application_id")
    return [Entry(event.at, _(HISTORY[event.kind])) for event in events]


def sections_of(application: Application) -> list[Section]:
    """Every item that was declared, in the order of the version that was filled in."""
    engine, (answers, lost) = application.version.spoken, readable(application)
    state, files = engine.state(answers, day_of(application)), _files_by_item(application)
    made = []
    for step in state.steps:
        fields = [engine.fields[item.key] for item in step.fields if item.key in state.visible]
        rows = [
            _row(field, state.answers, files.get(field.key, []), field.key in lost)
            for field in fields
            if field.type.is_input
        ]
        if rows:
            made.append(Section(step.title, rows))
    return made


def _row(field: RuntimeField, answers: Mapping[str, Any], files: list[Attachment], is_lost: bool) -> Row:
    """A mailbox is no proof of who reads it: what is sensitive stays hidden."""
    item, answer = field.definition, answers.get(field.key)
    if item.holds_sensitive and (answer is not None or files or is_lost):
        return Row(item.label, _(HIDDEN), [])
    if is_lost:
        return Row(item.label, _(UNREADABLE), [])
    if field.type.takes_files:
        return Row(item.label, "", [file.name for file in files])
    return Row(item.label, field.type.display(item, answer), [])


def _files_by_item(application: Application) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for file in application.attachments.all():
        found.setdefault(file.field_key, []).append(file)
    return found


def expected_on(application: Application) -> date | None:
    """The day by which the standard period (標準処理期間) ends that was pinned on arrival, as long as the
    department is at it.

    The days on which the resident had to mend something do not count.
    """
    if application.status not in (Status.SUBMITTED, Status.IN_REVIEW) or application.received_at is None:
        return None
    days = application.standard_days
    if days is None:
        return None
    waited, returned = 0, None
    for kind, at in application.events.filter(kind__in=MENDING).values_list("kind", "at"):
        day = timezone.localdate(at)
        if kind == Action.RETURN:
            returned = day
        elif returned is not None:
            waited += working_days_between(returned, day)
            returned = None
    return after_working_days(timezone.localdate(application.received_at), days + waited)


def waits_for(application: Application) -> str:
    """Address of what the resident still has to do after the decision, "" when there is nothing."""
    if application.status != Status.APPROVED:
        return ""
    gate = first_closed(application, Moment.COMPLETION)
    return gate.url(application) if gate else ""
