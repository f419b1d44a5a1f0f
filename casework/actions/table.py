"""The things that can be done with a case. A new one is one more entry: who may, when, the form, the function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from applications.models import Application
from applications.status import TRANSITIONS, Action, Status
from casework.access import MAY_DECIDE, MAY_HANDLE
from casework.actions import services
from casework.actions.forms import (
    ApproveForm,
    AssignForm,
    CaseForm,
    DocumentForm,
    LetterForm,
    NoteForm,
    RejectForm,
    ReopenForm,
    ReturnForm,
    TakeBackForm,
)
from cms.access import AnyUser, has_role
from cms.models import Role
from dialogue import messages
from staff.models import User

Do = Callable[[Application, User, int, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class CaseAction:
    """name: in the address; told: what the page says before one confirms; done: what is said afterwards.

    possible: whether the case stands where it can be done; do: (case, actor, revision of the answers that the page
    showed, what was typed).
    """

    name: str
    label: str
    roles: frozenset[Role]
    possible: Callable[[Application], bool]
    do: Do
    done: str
    told: str = ""
    form: type[CaseForm] = CaseForm
    icon: str = "edit"
    is_primary: bool = False
    takes_files: bool = False

    def is_open_to(self, user: AnyUser, case: Application) -> bool:
        return self.possible(case) and has_role(user, self.roles, case.department)


def when(action: Action) -> Callable[[Application], bool]:
    """Whether the table of states has the step from where the case stands."""
    return lambda case: (Status(case.status), action) in TRANSITIONS


def _always(case: Application) -> bool:
    return True


def _is_reachable(case: Application) -> bool:
    """The resident's page is opened by a code that goes by mail; without an address there is only paper."""
    return bool(case.email)


def _has_documents(case: Application) -> bool:
    """Asks for no more rows than the page of a case has read."""
    return any(each.taken_back_at is None for each in case.documents.all())


STEPS: tuple[CaseAction, ...] = (
    CaseAction(
        "review",
        "審査を始める",
        MAY_HANDLE,
        when(Action.REVIEW),
        lambda case, actor, revision, given: services.start_review(case.pk, actor=actor, revision=revision),
        "審査を始めました。",
        "状態が「審査中」になり、申請者の申請状況の画面にも表示します。",
        icon="view",
        is_primary=True,
    ),
    CaseAction(
        "approve",
        "決定する",
        MAY_DECIDE,
        when(Action.APPROVE),
        lambda case, actor, revision, given: services.approve(case.pk, actor=actor, revision=revision, **given),
        "決定しました。申請者にメールで知らせます。",
        "申請のとおりに決定し、申請者に知らせます。取り消すときは「決定を取り消す」に理由が要ります。",
        ApproveForm,
        icon="check",
        is_primary=True,
        takes_files=True,
    ),
    CaseAction(
        "reject",
        "不承認とする",
        MAY_DECIDE,
        when(Action.REJECT),
        lambda case, actor, revision, given: services.reject(case.pk, actor=actor, revision=revision, **given),
        "不承認としました。申請者にメールで知らせます。",
        "申請を認めない決定をし、理由と教示を申請者に知らせます。取り消すときは「決定を取り消す」に理由が要ります。",
        RejectForm,
        icon="cross",
        takes_files=True,
    ),
    CaseAction(
        "return",
        "差し戻す",
        MAY_HANDLE,
        when(Action.RETURN),
        lambda case, actor, revision, given: services.send_back(case.pk, actor=actor, revision=revision, **given),
        "差し戻しました。申請者にメールで知らせます。",
        "申請者に直してもらいます。直しているあいだは、標準処理期間に数えません。",
        ReturnForm,
        icon="resubmit",
    ),
    CaseAction(
        "complete",
        "完了にする",
        MAY_HANDLE,
        lambda case: case.status == Status.APPROVED,
        lambda case, actor, revision, given: services.complete(case.pk, actor=actor, revision=revision),
        "完了にしました。",
        "この申請について、することがもう何もないときに押してください。完了は元に戻せません。",
        icon="check",
        is_primary=True,
    ),
    CaseAction(
        "reopen",
        "決定を取り消す",
        MAY_DECIDE,
        when(Action.REOPEN),
        lambda case, actor, revision, given: services.reopen(
            case.pk, actor=actor, revision=revision, reason=given["reason"]
        ),
        "決定を取り消し、審査中に戻しました。",
        "決定を取り消して、もう一度審査します。申請者の申請状況の画面も「審査しています」に戻ります。",
        ReopenForm,
        icon="rotate",
    ),
)
OTHERS: tuple[CaseAction, ...] = (
    CaseAction(
        "letter",
        "メッセージを書く",
        MAY_HANDLE,
        _is_reachable,
        lambda case, actor, revision, given: messages.write(
            case, actor=actor, text=given["text"], files=given["enclosed"], token=given["token"]
        ),
        "メッセージを送りました。申請者にメールで知らせます。",
        form=LetterForm,
        icon="mail",
        takes_files=True,
    ),
    CaseAction(
        "read",
        "メッセージを既読にする",
        MAY_HANDLE,
        lambda case: case.unread_since is not None,
        lambda case, actor, revision, given: messages.read_at_the_desk(case, actor=actor),
        "既読にしました。",
        "返事が要らないときに押してください。返事を書くと、自動で既読になります。",
        icon="check",
    ),
    CaseAction(
        "document",
        "文書を渡す",
        MAY_HANDLE,
        _is_reachable,
        lambda case, actor, revision, given: services.hand_out(case, actor=actor, **given),
        "文書を渡しました。申請者にメールで知らせます。",
        "申請者は、申請状況の画面で、確認コードを入力してから文書を保存できます。見たこと、保存したことは履歴に残ります。",
        DocumentForm,
        icon="doc-full",
        takes_files=True,
    ),
    CaseAction(
        "take-back",
        "渡した文書を取り消す",
        MAY_HANDLE,
        _has_documents,
        lambda case, actor, revision, given: services.take_back_document(case, actor=actor, **given),
        "文書を取り消しました。申請者にメールで知らせます。",
        "まちがえて渡した文書を、申請者が開けないようにします。すでに保存された文書は、消せません。",
        TakeBackForm,
        icon="bin",
    ),
    CaseAction(
        "assign",
        "担当者を決める",
        MAY_HANDLE,
        _always,
        lambda case, actor, revision, given: services.assign(case.pk, actor=actor, officer=given["officer"]),
        "担当者を決めました。",
        form=AssignForm,
        icon="user",
    ),
    CaseAction(
        "note",
        "内部メモを書く",
        MAY_HANDLE,
        _always,
        lambda case, actor, revision, given: services.add_note(case.pk, actor=actor, text=given["text"]),
        "内部メモを残しました。",
        form=NoteForm,
        icon="comment",
    ),
)
ACTIONS: dict[str, CaseAction] = {action.name: action for action in (*STEPS, *OTHERS)}


def open_to(user: AnyUser, case: Application) -> list[CaseAction]:
    """What this member of staff can do with the case now, in the order of the table."""
    return [action for action in ACTIONS.values() if action.is_open_to(user, case)]
