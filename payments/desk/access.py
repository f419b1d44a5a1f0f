"""Whose fees a member of staff may open. What may not be seen does not exist (404)."""

from collections.abc import Iterable

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from applications.listing import LONGEST_SEARCH, as_reference
from applications.models import Application
from cms.access import AnyUser, departments_for, has_role
from cms.folding import search_key
from cms.models import Role
from formbuilder.japanese.text import clean_line, to_number_line
from payments.models import Fee, Payment, Refund
from payments.status import RECEIVED, RefundState

MAY_READ = frozenset({Role.OFFICER, Role.APPROVER, Role.AUDITOR})
MAY_WRITE = frozenset({Role.OFFICER})
MAY_EXPORT = frozenset({Role.OFFICER, Role.EXPORTER})


def may_enter(user: AnyUser) -> bool:
    return has_role(user, MAY_READ)


def may_export(user: AnyUser) -> bool:
    return has_role(user, MAY_EXPORT)


def fees(user: AnyUser, roles: Iterable[str] = MAY_READ) -> QuerySet[Fee]:
    """Of the departments for which the user has one of the roles; also of what has not arrived: it is to be paid."""
    mine = list(departments_for(user, roles).values_list("pk", flat=True))
    return Fee.objects.filter(application__department__in=mine).select_related("application")


def with_sums(rows: QuerySet[Fee]) -> QuerySet[Fee]:
    """`received`, `returned` and `owed` beside each fee, as fees.balance_of counts them."""
    payments = Payment.objects.filter(fee=OuterRef("pk"), state__in=RECEIVED)
    refunds = Refund.objects.filter(payment__fee=OuterRef("pk"), payment__state__in=RECEIVED)
    refunds = refunds.exclude(state=RefundState.REPLACED)
    return rows.annotate(received=_sum(payments, "fee"), returned=_sum(refunds, "payment__fee")).annotate(
        owed=F("total") - F("received") + F("returned")
    )


def _sum(rows: QuerySet[Payment] | QuerySet[Refund], by: str) -> Coalesce:
    sums = rows.order_by().values(by).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums, output_field=IntegerField()), 0)


def searched(rows: QuerySet[Fee], text: str) -> QuerySet[Fee]:
    """By 納付番号, by 受付番号, or by what an application is found by."""
    text = clean_line(text)[:LONGEST_SEARCH]
    plain = to_number_line(text).upper().replace(" ", "").removeprefix("N-")
    if number := as_reference(plain):
        return rows.filter(Q(number=f"N-{number}") | Q(application__reference=number))
    for word in text.split():
        rows = rows.filter(application__search_text__contains=search_key(word))
    return rows


def fee_or_404(request: HttpRequest, number: str, roles: Iterable[str] = MAY_READ) -> Fee:
    related = ("application__department", "application__version", "application__form")
    hidden = ("application__search_text", "application__version__document")
    return get_object_or_404(fees(request.user, roles).select_related(*related).defer(*hidden), number=number)


def may_open_case(application: Application) -> bool:
    """Whether the desk has a page of it; the reader's departments are the same."""
    return application.received_at is not None


def may_write(user: AnyUser, fee: Fee) -> bool:
    return has_role(user, MAY_WRITE, fee.application.department)
