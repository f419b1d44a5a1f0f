"""The only writer of a batch's state and of what its rows are before the bank has them."""

import hashlib
import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.status import Status
from applications.vault import open_sealed, seal
from cms.models import Department
from formbuilder.japanese.closed_days import holiday_name
from payouts.models import Batch, Entry, Row, Scheme, Source
from payouts.picking import Payee, duplicates_of, payee_of, waiting
from payouts.status import PAYABLE, STEPS, BatchAction, BatchState, RowState
from payouts.zengin import MOST_ROWS, Account, Transfer, write
from staff.models import User

ACCOUNT, FILE = "payout-account", "payout-file"  # what the vault binds them to
LATEST = timedelta(days=365)


class NotPossible(Exception):
    """The step cannot be taken; the message tells staff why, and what to do."""


def is_bank_day(day: date) -> bool:
    """銀行営業日: no weekend, no holiday, not 12/31–1/3 (銀行法施行令 第5条)."""
    is_closed = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return day.weekday() < 5 and holiday_name(day) is None and not is_closed


def check_day(day: date) -> None:
    """Raises NotPossible for a day on which no bank pays."""
    today = timezone.localdate()
    if not today < day <= today + LATEST:
        raise NotPossible("振込指定日は、明日から1年以内の日にしてください。")
    if not is_bank_day(day):
        raise NotPossible("振込指定日は、銀行の営業日にしてください（土日・祝日・年末年始は振り込めません）。")


@transaction.atomic
def make(*, name: str, department: Department, scheme: str, source: Source, pay_on: date, actor: User) -> Batch:
    """A batch of everybody who is approved and in no other. Raises NotPossible."""
    check_day(pay_on)
    if source.department_id != department.pk:
        raise NotPossible("振込元の口座が、この所管課のものではありません。")
    Scheme.objects.get_or_create(code=scheme)
    kept = Scheme.objects.select_for_update().get(code=scheme)
    applications = waiting(department, scheme)[:MOST_ROWS]
    batch = Batch.objects.create(
        name=name, department=department, scheme=kept, source=source, pay_on=pay_on, made_by=actor
    )
    for number, application in enumerate(applications, start=1):
        _add(batch, number, payee_of(application))
    if not batch.rows.exists():
        raise NotPossible("支給する申請がありません。決定済みで、まだ支給に入っていない申請が対象です。")
    note(batch, BatchAction.MAKE, actor, rows=batch.rows.count())
    return batch


def _add(batch: Batch, number: int, payee: Payee) -> None:
    problems = [*payee.problems, *duplicates_of(payee, batch.scheme.code)]
    state = RowState.HELD if problems else RowState.APART if payee.is_apart else RowState.LISTED
    account = {} if payee.account is None else seal(asdict(payee.account), payee.application.public_id, ACCOUNT)
    try:
        with transaction.atomic():
            Row.objects.create(
                batch=batch,
                application=payee.application,
                number=number,
                amount=payee.amount,
                account=account,
                state=state,
                problems=problems,
                person_key=payee.person_key,
                account_key=payee.account_key,
            )
    except IntegrityError as taken:
        raise NotPossible("ほかの職員が、同じ申請の支給を同時に作りました。もう一度作ってください。") from taken


def account_of(row: Row) -> Account | None:
    return Account(**open_sealed(row.account, row.application.public_id, ACCOUNT)) if row.account else None


@transaction.atomic
def include(row_pk: int, *, actor: User, reason: str) -> None:
    """Pay a row that was held, because somebody has looked and says why it is right."""
    row, batch = _open_row(row_pk)
    if row.state != RowState.HELD:
        raise NotPossible("この申請は、確認を待っていません。画面を読み直してください。")
    payee = payee_of(row.application)
    if payee.problems:
        raise NotPossible(f"このままでは振り込めません。{payee.problems[0]}")
    row.state = RowState.APART if payee.is_apart else RowState.LISTED
    row.reason = reason
    row.save(update_fields=["state", "reason"])
    note(batch, BatchAction.INCLUDE, actor, row=row.number, reason=reason)


@transaction.atomic
def exclude(row_pk: int, *, actor: User, reason: str) -> None:
    """Take a row out: its application can be in a later batch."""
    row, batch = _open_row(row_pk)
    if row.state not in (RowState.HELD, *PAYABLE):
        raise NotPossible("この申請は、もう外れています。画面を読み直してください。")
    row.state, row.reason = RowState.RELEASED, reason
    row.save(update_fields=["state", "reason"])
    note(batch, BatchAction.EXCLUDE, actor, row=row.number, reason=reason)


def _open_row(pk: int) -> tuple[Row, Batch]:
    batch = lock(Row.objects.values_list("batch", flat=True).get(pk=pk))
    if batch.state != BatchState.OPEN:
        raise NotPossible("確定したあとは変えられません。先に確定を取り消してください。")
    return Row.objects.select_related("application__version").get(pk=pk), batch


@transaction.atomic
def redate(pk: int, *, actor: User, pay_on: date) -> None:
    batch = lock(pk)
    if batch.state != BatchState.OPEN:
        raise NotPossible("確定したあとは変えられません。先に確定を取り消してください。")
    check_day(pay_on)
    before, batch.pay_on = batch.pay_on, pay_on
    batch.save(update_fields=["pay_on"])
    note(batch, BatchAction.REDATE, actor, before=before.isoformat(), after=pay_on.isoformat())


@transaction.atomic
def freeze(pk: int, *, actor: User) -> None:
    """From now on nothing changes; another person looks at it."""
    batch = lock(pk)
    after = _step(batch, BatchAction.FREEZE)
    if held := batch.rows.filter(state=RowState.HELD).count():
        raise NotPossible(f"確認が必要な申請が{held}件あります。「入れる」か「外す」を選んでください。")
    if not batch.rows.filter(state__in=PAYABLE).exists():
        raise NotPossible("支給する申請が1件もありません。")
    check_day(batch.pay_on)
    _check_applications(batch)
    _make_file(batch)  # what cannot be written is told now, not after the approval
    batch.state, batch.digest, batch.frozen_by = after, digest_of(batch), actor
    batch.save(update_fields=["state", "digest", "frozen_by"])
    note(batch, BatchAction.FREEZE, actor, digest=batch.digest)


@transaction.atomic
def open_again(pk: int, *, actor: User, reason: str) -> None:
    batch = lock(pk)
    batch.state = _step(batch, BatchAction.OPEN_AGAIN)
    batch.digest, batch.frozen_by = "", None
    batch.save(update_fields=["state", "digest", "frozen_by"])
    note(batch, BatchAction.OPEN_AGAIN, actor, reason=reason)


@transaction.atomic
def approve(pk: int, *, actor: User, digest: str) -> None:
    """A second person says yes to what the digest names. The file is made now, once."""
    batch = lock(pk)
    after = _step(batch, BatchAction.APPROVE)
    if actor.pk in (batch.made_by_id, batch.frozen_by_id):
        raise NotPossible("支給を作った人と確定した人は、承認できません。ほかの決裁者が承認してください。")
    if not batch.digest == digest == digest_of(batch):
        raise NotPossible("画面を開いたあとに内容が変わりました。読み直して、もう一度確かめてください。")
    check_day(batch.pay_on)
    _check_applications(batch)
    content = _make_file(batch)
    batch.file = seal(content.decode("cp932"), batch.number, FILE)
    batch.file_digest = hashlib.sha256(content).hexdigest()
    batch.state, batch.approved_by = after, actor
    batch.save(update_fields=["file", "file_digest", "state", "approved_by"])
    note(batch, BatchAction.APPROVE, actor, digest=batch.digest, file=batch.file_digest)


@transaction.atomic
def take(pk: int, *, actor: User) -> bytes:
    """The file, always the same bytes, until it is said to be sent. Who takes it is recorded before it goes out."""
    batch = lock(pk)
    if batch.state != BatchState.APPROVED:
        raise NotPossible(
            "銀行へ送ったあとの振込ファイルは、もう取り出せません。"
            if batch.state == BatchState.SENT
            else "承認されるまで、振込ファイルはありません。"
        )
    _check_applications(batch)
    if batch.file_digest == hashlib.sha256(b"").hexdigest():
        raise NotPossible("銀行から振り込む申請がないため、振込ファイルはありません。")
    text: str = open_sealed(batch.file, batch.number, FILE)
    content = text.encode("cp932")
    if hashlib.sha256(content).hexdigest() != batch.file_digest:
        raise NotPossible("振込ファイルが承認のときと違います。使わずに、システム管理者に連絡してください。")
    note(batch, BatchAction.TAKE, actor, file=batch.file_digest)
    return content


@transaction.atomic
def mark_sent(pk: int, *, actor: User) -> None:
    batch = lock(pk)
    batch.state = _step(batch, BatchAction.SEND)
    if batch.rows.filter(state=RowState.LISTED).exists() and not _is_taken(batch):
        raise NotPossible("振込ファイルを、まだだれも受け取っていません。")
    batch.sent_at = timezone.now()
    batch.save(update_fields=["state", "sent_at"])
    note(batch, BatchAction.SEND, actor)


@transaction.atomic
def cancel(pk: int, *, actor: User, reason: str) -> None:
    """Its applications can be in another batch again."""
    batch = lock(pk)
    after = _step(batch, BatchAction.CANCEL)
    if _is_taken(batch):
        raise NotPossible("振込ファイルを受け取ったあとは取り消せません。銀行に送ったかどうかを確かめてください。")
    batch.state, batch.digest, batch.file, batch.file_digest = after, "", {}, ""
    batch.save(update_fields=["state", "digest", "file", "file_digest"])
    batch.rows.exclude(state=RowState.RELEASED).update(state=RowState.RELEASED, reason=reason)
    note(batch, BatchAction.CANCEL, actor, reason=reason)


def digest_of(batch: Batch) -> str:
    """Names exactly what will be paid: to whom, how much, into which account, from where and when."""
    rows = [
        [row.number, row.application.public_id, row.amount, row.state, row.account and asdict(_known(row))]
        for row in _payable(batch)
    ]
    whole = [batch.number, batch.pay_on.isoformat(), asdict(batch.source.account), batch.source.client_code, rows]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _payable(batch: Batch) -> list[Row]:
    return list(batch.rows.filter(state__in=PAYABLE).select_related("application").order_by("number"))


def _known(row: Row) -> Account:
    account = account_of(row)
    assert account is not None  # nobody is listed without one
    return account


def _is_taken(batch: Batch) -> bool:
    return batch.entries.filter(kind=BatchAction.TAKE).exists()


def _make_file(batch: Batch) -> bytes:
    """b"" where everybody is paid by the back office. Raises zengin.Unwritable, which staff read as it is."""
    transfers = [
        Transfer(_known(row), row.amount, f"{batch.pk:010}{row.number:010}")
        for row in _payable(batch)
        if row.state == RowState.LISTED
    ]
    if not transfers:
        return b""
    source = batch.source
    return write(source=source.account, client_code=source.client_code, day=batch.pay_on, transfers=transfers)


def _check_applications(batch: Batch) -> None:
    """What was decided must still stand: a reopened or withdrawn application is not paid."""
    rows = batch.rows.filter(state__in=PAYABLE).exclude(application__status=Status.APPROVED)
    if references := list(rows.values_list("application__reference", flat=True)[:5]):
        raise NotPossible(
            f"決定が取り消された申請があります（{'、'.join(map(str, references))}）。"
            "外すか、この支給を取り消して作り直してください。"
        )


def lock(pk: int) -> Batch:
    """The scheme first, as everybody does, so that two batches never wait for each other."""
    scheme = Batch.objects.values_list("scheme", flat=True).get(pk=pk)
    Scheme.objects.select_for_update().get(pk=scheme)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("source", "scheme", "department")
    return batch.get(pk=pk)


def _step(batch: Batch, action: BatchAction) -> BatchState:
    after = STEPS.get((BatchState(batch.state), action))
    if after is None:
        raise NotPossible(f"いまの状態（{batch.get_state_display()}）ではできません。画面を読み直してください。")
    return after


def note(batch: Batch, kind: BatchAction, actor: User, **data: Any) -> None:
    """A line in the history of a batch, by who has its lock."""
    Entry.objects.create(batch=batch, kind=kind, actor=actor, data=dict(data))
