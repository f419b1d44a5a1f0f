"""A grant that is paid out, people whose applications were approved, and a batch on its way to the bank."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from applications.lifecycle import move
from applications.models import Application
from applications.status import Action
from cms.models import Department, DepartmentPage
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from payouts import lifecycle
from payouts.models import Batch, Row, Source
from staff.models import User
from tests.support.cast import item, key_of, submit

SCHEME = "smile-gift-2026"
STEPS = {
    "申請者": [item("full_name", "氏名"), item("kana_name", "フリガナ"), item("date", "生年月日")],
    "受取": [
        item("choice", "受取方法", choices=[{"label": text, "code": text} for text in ("公金受取口座", "口座を指定")]),
        item("bank_account", "振込先", required=False, sensitive=True),
        item("number", "支給額", required=False),
    ],
}
HANAKO: Mapping[str, Any] = {
    "氏名": {"family": "見本", "given": "花子"},
    "フリガナ": {"family": "ミホン", "given": "ハナコ"},
    "生年月日": "1995-04-01",
    "受取方法": "口座を指定",
    "振込先": {
        "bank_code": "0140",
        "bank_name": "みほん銀行",
        "branch_code": "001",
        "branch_name": "ホンテン",
        "kind": "1",
        "number": "0123456",
        "holder": "ﾐﾎﾝ ﾊﾅｺ",
    },
    "支給額": "50000",
}


def person(number: int, **changed: Any) -> dict[str, Any]:
    """Somebody else for each number, with an account of their own."""
    names = {"family": "見本", "given": f"花子{'〇一二三四五六七八九'[number % 10]}"}
    account = {**HANAKO["振込先"], "number": f"{1000000 + number}"}
    born = (date(1990, 1, 1) + timedelta(days=number)).isoformat()
    return {**HANAKO, "氏名": names, "生年月日": born, "振込先": account, **changed}


def form_file(code: str = "gift", **settings: Any) -> dict[str, Any]:
    wanted = {
        "scheme": SCHEME,
        "amount": "＝［支給額］",
        "account": "振込先",
        "apart": "＝［受取方法］＝「公金受取口座」",
        "person": ["フリガナ", "生年月日"],
        **settings,
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "form": {"title": "出産応援ギフト", "code": code},
        "steps": [{"id": key_of(f"画面 {name}"), "title": name, "fields": list(its)} for name, its in STEPS.items()],
        "requires": [{"id": "payout-1", "type": "payout", "settings": wanted}],
    }


def make_payout_form(department: Department, code: str = "gift", **settings: Any) -> FormPage:
    section = DepartmentPage.objects.get(department=department)
    return import_form(form_file(code, **settings), section=section, publish=True)


def make_source(department: Department) -> Source:
    return Source.objects.create(
        name="一般会計",
        department=department,
        client_code="1234567890",
        client_name="ｻﾝﾌﾟﾙｼ ｶｲｹｲｶﾝﾘｼﾔ",
        bank_code="9900",
        bank_name="ｻﾝﾌﾟﾙ",
        branch_code="001",
        branch_name="ﾎﾝﾃﾝ",
        number="1234567",
    )


def approved(form: FormPage, answers: Mapping[str, Any] = HANAKO) -> Application:
    application = submit(form, answers)
    move(application.pk, Action.REVIEW)
    return move(application.pk, Action.APPROVE)


def bank_day() -> date:
    day = timezone.localdate() + timedelta(days=7)
    while not lifecycle.is_bank_day(day):
        day += timedelta(days=1)
    return day


def make_batch(source: Source, actor: User) -> Batch:
    return lifecycle.make(
        name="第1回", department=source.department, scheme=SCHEME, source=source, pay_on=bank_day(), actor=actor
    )


def fresh(batch: Batch) -> Batch:
    return Batch.objects.get(pk=batch.pk)


def freeze_and_approve(batch: Batch, officer: User, approver: User) -> bytes:
    """The file."""
    lifecycle.freeze(batch.pk, actor=officer)
    lifecycle.approve(batch.pk, actor=approver, digest=fresh(batch).digest)
    return lifecycle.take(batch.pk, actor=officer)


def send(batch: Batch, officer: User, approver: User) -> bytes:
    content = freeze_and_approve(batch, officer, approver)
    lifecycle.mark_sent(batch.pk, actor=officer)
    return content


def row_of(application: Application) -> Row:
    return Row.objects.filter(application=application).order_by("-pk")[0]


def lines(*results: tuple[Application, str, str]) -> list[tuple[int, dict[str, str]]]:
    """As results.read gives them."""
    return [
        (number, {"受付番号": application.reference or "", "結果": word, "理由": reason})
        for number, (application, word, reason) in enumerate(results, start=2)
    ]
