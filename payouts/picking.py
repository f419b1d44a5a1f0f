"""Which approved applications are to be paid out, how much and where to, and what has to be looked at before."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from applications.answers import opened
from applications.listing import day_of
from applications.models import Application
from applications.status import Status
from applications.vault import VaultError
from cms.folding import search_key
from cms.models import Department
from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.nodes import from_json
from formbuilder.models import FormVersion
from payouts.models import Row
from payouts.requirement import NAME
from payouts.status import CLAIMING
from payouts.zengin import MOST_YEN, Account, name_for_file, problem_of

NO_ACCOUNT = "振込先の口座が入力されていません。"
NO_AMOUNT = "支給額が1円以上の整数になりません。申請の内容を確かめてください。"
SEALED = "口座番号の暗号を解けません。システム管理者に連絡してください。"


@dataclass(frozen=True, slots=True)
class Payee:
    """account: None where there is none to write; problems: in words, why somebody must look first."""

    application: Application
    amount: int
    account: Account | None
    is_apart: bool
    person_key: str
    account_key: str
    problems: list[str] = field(default_factory=list)


def requirement_of(application: Application) -> Mapping[str, Any] | None:
    wanted: Mapping[str, Any] | None = application.version.engine.definition.requires.get(NAME)
    return wanted


def schemes_of(department: Department) -> list[str]:
    """The kinds of payout of the forms that the department has, or had."""
    versions = FormVersion.objects.filter(department=department)
    return sorted({wanted["scheme"] for each in versions if (wanted := each.engine.definition.requires.get(NAME))})


def waiting(department: Department, scheme: str) -> QuerySet[Application]:
    """Approved, of this scheme, and in no batch."""
    versions = [
        each.pk
        for each in FormVersion.objects.filter(department=department)
        if each.engine.definition.requires.get(NAME, {}).get("scheme") == scheme
    ]
    taken = Row.objects.filter(application=OuterRef("pk"), state__in=CLAIMING)
    approved = Application.objects.filter(department=department, status=Status.APPROVED, version__in=versions)
    return approved.filter(~Exists(taken)).select_related("version").defer("search_text").order_by("received_at", "pk")


def payee_of(application: Application) -> Payee:
    """As its answers are now."""
    wanted = requirement_of(application)
    assert wanted is not None
    engine, today = application.version.engine, day_of(application)
    try:
        state = engine.state(opened(application), today)
    except VaultError:
        return Payee(application, 0, None, False, "", "", [SEALED])
    amount = evaluate(from_json(wanted["amount"]), state.scope, today=today)
    is_whole = isinstance(amount, Decimal) and amount == amount.to_integral_value() and 1 <= amount <= MOST_YEN
    apart = wanted["apart"] is not None and evaluate(from_json(wanted["apart"]), state.scope, today=today) is True
    given = None if apart else state.answers.get(wanted["account"])
    account = _account(given) if given else None
    problems = [] if is_whole else [NO_AMOUNT]
    if not apart:
        problems += [NO_ACCOUNT] if account is None else [text for text in (problem_of(account),) if text]
    shown = [
        search_key(engine.fields[key].type.display(engine.fields[key].definition, state.answers.get(key)))
        for key in wanted["person"]
    ]
    return Payee(
        application=application,
        amount=int(amount) if is_whole and isinstance(amount, Decimal) else 0,
        account=account,
        is_apart=apart,
        # who left all of it blank is nobody in particular
        person_key=_key("person", wanted["scheme"], *shown) if all(shown) else "",
        account_key=_key("account", account.bank_code, account.branch_code, account.number) if account else "",
        problems=problems,
    )


def _account(given: Mapping[str, str]) -> Account:
    return Account(
        given["bank_code"],
        given["branch_code"],
        given["kind"],
        given["number"],
        given["holder"],
        name_for_file(given["bank_name"]),
        name_for_file(given["branch_name"]),
    )


def _key(*parts: str) -> str:
    """The same for the same; nobody without the installation's key can try names against it."""
    text = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hmac.digest(settings.IDENTITY_KEY.encode(), b"payout" + hashlib.sha256(text).digest(), "sha256").hex()


def duplicates_of(payee: Payee, scheme: str) -> Iterator[str]:
    """In words: who else gets, or got, this for the same person or into the same account."""
    others = Row.objects.filter(batch__scheme__code=scheme, state__in=CLAIMING).exclude(application=payee.application)
    for key, what in ((payee.person_key, "同じ人"), (payee.account_key, "同じ口座")):
        name = "person_key" if what == "同じ人" else "account_key"
        found = others.filter(**{name: key}).select_related("application").first() if key else None
        if found is not None:
            yield f"{what}への支給が、ほかにあります（受付番号 {found.application.reference}）。"
